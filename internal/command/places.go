package command

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"

	"ctpipe/internal/markdown"
	"ctpipe/internal/paginate"
	"ctpipe/internal/worktree"
)

// Places is what the policy says about where sessions work.
type Places struct {
	Dir               string   // absolute; where they begin
	Roots             []string // below which they may go; empty: Dir and the worktrees of its repository
	WorktreesRequired bool     // none works in a repository itself
}

// places are Places, with a log for what cannot be looked at.
type places struct {
	Places
	log *slog.Logger
}

func (c Call) places() places { return places{Places: c.Host.Places(), log: c.Log} }

// WorktreeRequired is what somebody is told who wants a session in a repository
// itself where the policy wants worktrees.
const WorktreeRequired = "❌ This deployment requires working in a worktree: `!worktree <branch>` makes one"

// mayWorkIn reports that a session may go on in a directory: where the policy
// wants worktrees, not in a repository itself, and not where nobody can say.
func (p places) mayWorkIn(dir string) bool {
	if !p.WorktreesRequired {
		return true
	}
	place, err := worktree.Look(dir)
	return err == nil && (place.Top == "" || place.Linked)
}

// directory is where a path leads, seen from a session's directory; the error is
// a UserError. Whatever lies outside the roots is outside, whether it exists or
// not: !cd is no way to look around on this machine.
func (p places) directory(ctx context.Context, from, path string) (string, error) {
	path = absolute(from, path)
	shown := markdown.CodeSpan(shortPath(paginate.Cut(path, 300)))
	real, missing, err := resolved(path)
	switch {
	case !inside(real, p.roots(ctx)):
		return "", outsideRoots(path)
	case err != nil:
		p.log.Info("a directory is refused", "dir", path, "err", err)
		return "", UserError("❌ Not a directory: " + shown)
	case missing:
		return "", UserError("❌ Directory does not exist: " + shown)
	}
	if info, err := os.Stat(real); err != nil || !info.IsDir() {
		return "", UserError("❌ Not a directory: " + shown)
	}
	return real, nil
}

// OutsideRoots is what somebody is told of a path outside of the roots.
func OutsideRoots(path string) string { return outsideRoots(path).Error() }

// leadsElsewhere refuses a directory that nobody judged.
func leadsElsewhere(name string) error {
	return UserError("❌ " + markdown.CodeSpan(paginate.Cut(name, 300)) + " leads elsewhere than it did a moment ago; try again")
}

func outsideRoots(path string) error {
	return UserError("❌ " + markdown.CodeSpan(shortPath(paginate.Cut(path, 300))) + " is outside the roots: the directories that `[claude] roots` names, or the working directory and its worktrees")
}

// confines reports whether a worktree lies where the policy lets sessions work.
// Where it names no roots, every worktree of the repository does.
func (p places) confines(ctx context.Context, path string) bool {
	if len(p.Roots) == 0 {
		return true
	}
	real, missing, err := resolved(path)
	return err == nil && !missing && inside(real, p.roots(ctx))
}

// roots are the directories below which sessions may work, resolved through
// links: those that the policy names, or else the working directory with the
// worktrees of its repository.
func (p places) roots(ctx context.Context) []string {
	named := p.Roots
	if len(named) == 0 {
		named = append([]string{p.Dir}, p.worktrees(ctx)...)
	}
	var out []string
	for _, dir := range named {
		if real, err := filepath.EvalSymlinks(dir); err == nil {
			out = append(out, real)
		} else {
			p.log.Warn("a root is not there", "dir", dir, "err", err)
		}
	}
	return out
}

// worktrees are the directories of the worktrees of Dir's repository, none where
// there is no repository.
func (p places) worktrees(ctx context.Context) []string {
	repo, err := worktree.Open(ctx, p.Dir)
	if err != nil {
		if !errors.Is(err, worktree.ErrNoRepo) {
			p.log.Debug("worktrees are not looked for", "dir", p.Dir, "err", err)
		}
		return nil
	}
	trees, err := repo.List(ctx)
	if err != nil {
		p.log.Debug("worktrees cannot be listed", "dir", p.Dir, "err", err)
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
