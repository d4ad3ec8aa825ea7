package session

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"ctpipe/internal/desk"
	"ctpipe/internal/markdown"
	"ctpipe/internal/paginate"
	"ctpipe/internal/worktree"

	"github.com/google/uuid"
)

// cdCommand goes on in another directory. Claude's conversations belong to a
// directory, so that a new one begins, and what was granted ends with the old.
func (s *Session) cdCommand(c controlled) {
	from := s.where()
	dir, err := s.host.directory(c.ctx, from, c.e.Text)
	if err != nil {
		s.notice(err.Error())
		return
	}
	if dir == from {
		s.notice("ℹ️ This session is in " + markdown.CodeSpan(shortPath(dir)) + " already")
		return
	}
	if !s.host.mayWorkIn(dir) {
		s.notice(treeRequired)
		return
	}
	s.log.Info("the session's directory changes", "user", c.e.By.ID, "from", from, "to", dir)
	s.changeDir(dir)
}

// changeDir goes on in a directory that somebody named.
func (s *Session) changeDir(dir string) {
	s.workIn(dir, "📂 **Working directory changed** to "+markdown.CodeSpan(shortPath(dir)), "*Claude Code restarted in new directory*")
}

// workIn goes on in another directory, and says so.
func (s *Session) workIn(dir, text, restarted string) {
	running := s.move(dir)
	if running {
		text += "\n" + restarted
	}
	s.notice(text)
	s.refreshHeader()
	s.save()
	if running {
		s.spawn(false)
	}
}

// move gives the session another directory and a conversation that has not
// begun. It reports whether a Claude ran, which is stopped and is to be started
// again.
func (s *Session) move(dir string) (running bool) {
	const elsewhere = "⏹️ *The session went to another directory before this was answered*"
	s.mu.Lock()
	running = s.process.Phase == starting || s.process.Phase == idle
	s.words.Closed(s.host.Clock.Now())
	s.words.Dropped(s.host.Clock.Now())
	s.showSoonLocked()
	agent := s.goneLocked(elsewhere)
	s.voidLocked(func(p *desk.Prompt) bool { return p.Kind == desk.Worktree }, elsewhere)
	s.endGrantsLocked()
	s.about.Dir = dir
	s.process.anew(uuid.NewString())
	s.inbox.Offers = true // the next Claude knows nothing of the thread
	if running {
		s.process.Phase = starting
	}
	s.mu.Unlock()
	s.stopTyping()
	s.host.stop(agent)
	return running
}

// directory is where a path leads, seen from a session's directory; an error is
// for people. Whatever lies outside the roots is outside, whether it exists or
// not: !cd is no way to look around on this machine (SEC-23, FUN-12).
func (h *Host) directory(ctx context.Context, from, path string) (string, error) {
	path = expandHome(strings.TrimSpace(path))
	if !filepath.IsAbs(path) {
		path = filepath.Join(from, path)
	}
	shown := markdown.CodeSpan(shortPath(paginate.Cut(path, 300)))
	real, missing, err := resolved(path)
	if !inRoots(real, h.roots(ctx)) {
		return "", outOfRoots(path)
	}
	if err != nil {
		h.Log.Info("a directory is refused", "dir", path, "err", err)
		return "", userError("❌ Not a directory: " + shown)
	}
	if missing {
		return "", userError("❌ Directory does not exist: " + shown)
	}
	if info, err := os.Stat(real); err != nil || !info.IsDir() {
		return "", userError("❌ Not a directory: " + shown)
	}
	return real, nil
}

func outOfRoots(path string) error {
	return userError("❌ " + markdown.CodeSpan(shortPath(paginate.Cut(path, 300))) + " is outside the roots: the directories that `[claude] roots` names, or the working directory and its worktrees")
}

// confines reports whether a worktree lies where the policy lets sessions work.
// Where it names no roots, every worktree of the repository does.
func (h *Host) confines(ctx context.Context, path string) bool {
	if len(h.settings().Roots) == 0 {
		return true
	}
	real, missing, err := resolved(path)
	return err == nil && !missing && inRoots(real, h.roots(ctx))
}

// resolved is where a path really leads. Of one that does not exist it is where
// it would be, judged by what does exist of it; so is one of which an error says
// that it leads nowhere.
func resolved(path string) (real string, missing bool, err error) {
	path = filepath.Clean(path)
	rest := ""
	for {
		real, odd := filepath.EvalSymlinks(path)
		switch {
		case odd == nil:
			return filepath.Join(real, rest), rest != "", err
		case path == filepath.Dir(path):
			return "", false, odd
		case err == nil && !errors.Is(odd, fs.ErrNotExist):
			err = odd
		}
		rest = filepath.Join(filepath.Base(path), rest)
		path = filepath.Dir(path)
	}
}

// roots are the directories below which sessions may work, resolved through
// links (SEC-23, G3): those that the policy names, or else the working directory
// with the worktrees of its repository.
func (h *Host) roots(ctx context.Context) []string {
	set := h.settings()
	named := set.Roots
	if len(named) == 0 {
		named = append([]string{set.Dir}, h.worktrees(ctx, set.Dir)...)
	}
	var out []string
	for _, dir := range named {
		if real, err := filepath.EvalSymlinks(dir); err == nil {
			out = append(out, real)
		} else {
			h.Log.Warn("a root is not there", "dir", dir, "err", err)
		}
	}
	return out
}

// worktrees are the directories of a repository's worktrees, none where there
// is no repository.
func (h *Host) worktrees(ctx context.Context, dir string) []string {
	repo, err := worktree.Open(ctx, dir)
	if err != nil {
		if !errors.Is(err, worktree.ErrNoRepo) {
			h.Log.Debug("worktrees are not looked for", "dir", dir, "err", err)
		}
		return nil
	}
	trees, err := repo.List(ctx)
	if err != nil {
		h.Log.Debug("worktrees cannot be listed", "dir", dir, "err", err)
		return nil
	}
	var out []string
	for _, t := range trees {
		if !t.Prunable && !t.Main {
			out = append(out, t.Path)
		}
	}
	return out
}

func inRoots(path string, roots []string) bool {
	for _, root := range roots {
		if rel, err := filepath.Rel(root, path); err == nil && rel != ".." && !strings.HasPrefix(rel, "../") {
			return true
		}
	}
	return false
}

// expandHome replaces a leading ~ that stands alone or before a slash.
func expandHome(path string) string {
	home, err := os.UserHomeDir()
	if err != nil || path != "~" && !strings.HasPrefix(path, "~/") {
		return path
	}
	return filepath.Join(home, strings.TrimPrefix(path, "~"))
}

// shortPath is a path as people read it.
func shortPath(path string) string { return shownPaths().Path(path) }
