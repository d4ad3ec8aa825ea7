package session

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"ctpipe/internal/markdown"
	"ctpipe/internal/paginate"
	"ctpipe/internal/worktree"
)

const worktreeUsage = "Usage: `!worktree <branch>`, `!worktree list`, `!worktree switch <branch>`, `!worktree remove <branch>` or `!worktree off`"

// worktreeCommand makes, lists, changes and removes worktrees. git may take
// long, and what people write meanwhile waits its turn: it is meant for the
// directory that comes of this.
func (s *Session) worktreeCommand(c controlled) {
	word, rest, _ := strings.Cut(strings.TrimSpace(c.e.Text), " ")
	rest = strings.TrimSpace(rest)
	switch strings.ToLower(word) {
	case "list":
		s.notice(s.host.listTrees(c.ctx, s.where()))
	case "switch", "remove":
		if rest == "" {
			s.notice("❌ Usage: `!worktree " + strings.ToLower(word) + " <branch>`")
		} else if strings.EqualFold(word, "switch") {
			s.switchTree(c, rest)
		} else {
			s.removeTree(c, rest)
		}
	case "off":
		s.mu.Lock()
		s.about.NoWorktreePrompt = true
		s.mu.Unlock()
		s.save()
		s.notice("✅ Worktree prompts disabled for this session")
	case "":
		s.notice(worktreeUsage)
	default:
		if rest != "" {
			s.notice(worktreeUsage)
			return
		}
		s.makeTree(c, word)
	}
}

// repo is the repository that the session works in; what is wrong is said.
func (s *Session) repo(ctx context.Context) (r worktree.Repo, trees []worktree.Tree, ok bool) {
	r, trees, trouble := s.host.treesAt(ctx, s.where())
	if trouble != "" {
		s.notice(trouble)
	}
	return r, trees, trouble == ""
}

// treesAt is the repository of a directory with its worktrees, or what is wrong.
func (h *Host) treesAt(ctx context.Context, dir string) (r worktree.Repo, trees []worktree.Tree, trouble string) {
	r, err := worktree.Open(ctx, dir)
	if err == nil {
		trees, err = r.List(ctx)
	}
	switch {
	case errors.Is(err, worktree.ErrNoRepo):
		return r, nil, "❌ Current directory is not a git repository"
	case err != nil:
		h.Log.Warn("git does not answer", "dir", dir, "err", err)
		return r, nil, "❌ " + markdown.Plain(paginate.Cut(err.Error(), 500))
	}
	return r, trees, ""
}

// where is the session's directory.
func (s *Session) where() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.about.Dir
}

// listTrees says which worktrees the repository of a directory has.
func (h *Host) listTrees(ctx context.Context, dir string) string {
	r, trees, trouble := h.treesAt(ctx, dir)
	switch {
	case trouble != "":
		return trouble
	case len(trees) == 0:
		return "📋 No worktrees found for this repository"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "📋 **Worktrees for** %s:", markdown.CodeSpan(shortPath(r.Root)))
	for _, t := range trees {
		name := t.Branch
		if name == "" {
			name = "detached at " + t.Head[:min(8, len(t.Head))]
		}
		fmt.Fprintf(&b, "\n• %s → %s", markdown.CodeSpan(name), markdown.CodeSpan(shortPath(t.Path)))
		if t.Main {
			b.WriteString(" (main repository)")
		}
		if t.Prunable {
			b.WriteString(" (its directory is gone)")
		}
		if t.Path == r.Here {
			b.WriteString(" ← current")
		}
	}
	return b.String()
}

// makeTree makes the worktree of a branch and goes on in it.
func (s *Session) makeTree(c controlled, branch string) {
	r, trees, ok := s.repo(c.ctx)
	if !ok {
		return
	}
	if t, there := worktree.Find(trees, branch); there && !t.Prunable {
		s.notice(fmt.Sprintf("⚠️ Worktree for branch %s already exists at %s. Use `!worktree switch %s` to switch to it.",
			markdown.CodeSpan(branch), markdown.CodeSpan(shortPath(t.Path)), markdown.Plain(branch)))
		return
	}
	t, _, err := r.Ensure(c.ctx, branch)
	if err != nil {
		s.notice(treeTrouble(branch, err))
		return
	}
	at := r.Beneath(t, s.where())
	s.log.Info("worktree made", "user", c.e.By.ID, "branch", branch, "dir", at)
	s.workIn(at, "✅ **Created worktree** for branch "+markdown.CodeSpan(branch)+"\n📁 Working directory: "+markdown.CodeSpan(shortPath(at)),
		"*Claude Code restarted in the new worktree*")
}

// treeTrouble says why there is no worktree.
func treeTrouble(branch string, err error) string {
	if worktree.ValidBranch(branch) != nil {
		return noSuchName(branch, ".")
	}
	return "❌ Failed to create worktree: " + markdown.Plain(paginate.Cut(err.Error(), 500))
}

func (s *Session) switchTree(c controlled, name string) {
	r, trees, ok := s.repo(c.ctx)
	if !ok {
		return
	}
	t, found := s.findTree(trees, name)
	switch {
	case !found:
	case t.Path == r.Here:
		s.notice("ℹ️ This session is in " + markdown.CodeSpan(shortPath(t.Path)) + " already")
	case !s.host.confines(c.ctx, t.Path):
		s.notice(outOfRoots(t.Path).Error())
	case t.Prunable:
		s.notice("❌ The directory of this worktree is gone: " + markdown.CodeSpan(shortPath(t.Path)))
	case !s.host.mayWorkIn(t.Path):
		s.notice(treeRequired)
	default:
		at := r.Beneath(t, s.where())
		s.log.Info("worktree switched", "user", c.e.By.ID, "dir", at)
		s.changeDir(at)
	}
}

// findTree looks for the worktree that somebody names; where there is none it
// says so.
func (s *Session) findTree(trees []worktree.Tree, name string) (worktree.Tree, bool) {
	t, ok := worktree.Find(trees, expandHome(name))
	if !ok {
		s.notice("❌ Worktree not found: " + markdown.CodeSpan(paginate.Cut(name, 100)) + ". Use `!worktree list` to see available worktrees.")
	}
	return t, ok
}

// removeTree removes a worktree that no session is in and that holds no work
// of its own; --force gives that work up (FUN-01).
func (s *Session) removeTree(c controlled, name string) {
	name, force := strings.CutSuffix(name, " --force")
	r, trees, ok := s.repo(c.ctx)
	if !ok {
		return
	}
	t, found := s.findTree(trees, strings.TrimSpace(name))
	switch {
	case !found:
		return
	case t.Main:
		s.notice("❌ Cannot remove the main repository. Use `!worktree remove` only for worktrees.")
		return
	case t.Path == r.Here:
		s.notice("❌ Cannot remove the current working directory. Switch to another worktree first.")
		return
	}
	inUse, err := s.host.sessionDirs(c.ctx)
	if err == nil {
		err = r.Remove(c.ctx, t, inUse, force)
	}
	var unsafe *worktree.Unsafe
	switch {
	case errors.As(err, &unsafe):
		s.notice(fmt.Sprintf("⚠️ %s is kept: %s. `!worktree remove %s --force` gives up what only it holds, but never takes it from a session.",
			markdown.CodeSpan(t.Branch), markdown.Plain(strings.Join(unsafe.Why, "; ")), markdown.Plain(t.Branch)))
	case err != nil:
		s.notice("❌ Failed to remove worktree: " + markdown.Plain(paginate.Cut(err.Error(), 500)))
	default:
		s.log.Info("worktree removed", "user", c.e.By.ID, "branch", t.Branch, "dir", t.Path, "force", force)
		s.notice("✅ Removed worktree " + markdown.CodeSpan(t.Branch) + " at " + markdown.CodeSpan(shortPath(t.Path)))
	}
}

// sessionDirs are where sessions of this platform work: those in memory, and
// the paused ones of which there is a record.
func (h *Host) sessionDirs(ctx context.Context) ([]string, error) {
	all := h.all()
	var dirs []string
	for _, s := range all {
		s.mu.Lock()
		if s.process.Phase != ended {
			dirs = append(dirs, s.about.Dir)
		}
		s.mu.Unlock()
	}
	if h.Store == nil {
		return dirs, nil
	}
	records, err := h.Store.Sessions(ctx)
	if err != nil {
		return nil, fmt.Errorf("looking which sessions use it: %w", err)
	}
	for _, v := range records {
		dirs = append(dirs, v.Dir)
	}
	return dirs, nil
}
