package command

import (
	"context"

	"ctpipe/internal/markdown"
	"ctpipe/pipeline"
)

var cdCommand = Command{
	Name:  "cd",
	Usage: "!cd <path>",
	Needs: 1,
	Takes: anyText,
	Help:  "go on in another directory, with a fresh conversation",
	Do:    cd,
	Leads: cdLeads,
	Start: &Start{Usage: "!cd <path>", Do: startCd},
}

// cd goes on in another directory: in the one that was judged, if that is still
// where the path leads and sessions may still work there. Claude's conversations belong to a directory,
// so that a new one begins, and what was granted ends with the old.
func cd(ctx context.Context, c Call) {
	from := c.Session.Dir()
	p := c.places()
	dir, err := p.directory(ctx, from, c.Text)
	switch {
	case err != nil:
		c.say(err.Error())
	case dir == from:
		c.say(alreadyThere(dir))
	case !p.mayWorkIn(dir):
		c.say(WorktreeRequired)
	case dir != c.Dir:
		c.say(leadsElsewhere(c.Text).Error())
	default:
		c.Log.Info("the session's directory changes", "user", c.By.ID, "from", from, "to", dir)
		c.changeDir(dir)
	}
}

func startCd(ctx context.Context, s Starting) error {
	p := places{Places: s.Host.Places(), log: s.Log}
	dir, err := p.directory(ctx, s.Start.Dir, s.Arg)
	switch {
	case err != nil:
		return err
	case dir != s.Start.Dir && dir != s.Dir:
		return leadsElsewhere(s.Arg)
	}
	s.Start.Dir = dir
	return nil
}

func cdLeads(ctx context.Context, c pipeline.ChatCommand, g Going) Destination {
	return g.places().destination(ctx, g.From, c.Text)
}

// changeDir goes on in a directory that somebody named.
func (c Call) changeDir(dir string) {
	c.Session.GoTo(dir, "📂 **Working directory changed** to "+markdown.CodeSpan(shortPath(dir)), "*Claude Code restarted in new directory*")
}

func alreadyThere(dir string) string {
	return "ℹ️ This session is in " + markdown.CodeSpan(shortPath(dir)) + " already"
}
