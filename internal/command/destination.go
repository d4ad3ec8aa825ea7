package command

import (
	"context"
	"log/slog"
	"os"
	"strings"

	"ctpipe/internal/home"
	"ctpipe/internal/worktree"
	"ctpipe/pipeline"
)

// Going is what it depends on where a command takes a session.
type Going struct {
	From   string // the session's directory, or the one that a start would have so far; absolute
	Starts bool   // it stands before a request: where a worktree is required, the start asks for a branch
	Places Places
	Log    *slog.Logger
}

func (g Going) places() places { return places{Places: g.Places, log: g.Log} }

// Destination is where a command would take a session; see pipeline.ChatCommand.
type Destination struct {
	Dir                    string
	Outside, NeedsWorktree bool
}

// Locate puts into a command where it would take a session. It looks at the disk
// and may run git, but changes nothing and says nothing.
func Locate(ctx context.Context, c *pipeline.ChatCommand, g Going) {
	var to Destination
	if known, ok := Find(c.Name); ok && !c.Slash && known.Leads != nil && known.Fits(len(c.Args)) {
		to = known.Leads(ctx, *c, g)
	}
	c.Dir, c.Outside, c.NeedsWorktree = to.Dir, to.Outside, to.NeedsWorktree && !g.Starts
}

// LocateStart puts into a start what the policy has against its directory. The
// one that the policy itself names needs no leave.
func LocateStart(ctx context.Context, st *pipeline.Start, g Going) {
	p := g.places()
	st.Outside = st.Dir != p.Dir && p.destination(ctx, "", st.Dir).Outside
	st.NeedsBranch = st.Branch == "" && !p.mayWorkIn(st.Dir)
}

// Allows reports that Claude may work in a directory itself: where the policy
// wants worktrees, not in a repository, and not where nobody can say.
func (p Places) Allows(dir string) bool { return places{Places: p}.mayWorkIn(dir) }

// destination is where a path leads, seen from a directory. Of what lies outside
// of the roots it says no more than what was written, and of what cannot be gone
// to, or is From itself, nothing: the command says why.
func (p places) destination(ctx context.Context, from, path string) Destination {
	path = absolute(from, path)
	real, _, _ := resolved(path)
	if !inside(real, p.roots(ctx)) {
		return Destination{Dir: path, Outside: true}
	}
	if info, err := os.Stat(real); err != nil || !info.IsDir() || real == from {
		return Destination{}
	}
	return Destination{Dir: real, NeedsWorktree: !p.mayWorkIn(real)}
}

// worktreeLeads looks where !worktree switch goes.
func worktreeLeads(ctx context.Context, c pipeline.ChatCommand, g Going) Destination {
	word, name, _ := strings.Cut(strings.TrimSpace(c.Text), " ")
	if !strings.EqualFold(word, "switch") {
		return Destination{}
	}
	r, err := worktree.Open(ctx, g.From)
	if err != nil {
		return Destination{}
	}
	trees, err := r.List(ctx)
	if err != nil {
		return Destination{}
	}
	p := g.places()
	switch t, found := worktree.Find(trees, home.Expand(strings.TrimSpace(name))); {
	case !found || t.Path == r.Here:
		return Destination{}
	case !p.confines(ctx, t.Path):
		return Destination{Dir: t.Path, Outside: true}
	case t.Prunable:
		return Destination{}
	default:
		return Destination{Dir: r.Beneath(t, g.From), NeedsWorktree: !p.mayWorkIn(t.Path)}
	}
}
