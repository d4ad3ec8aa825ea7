package session

import (
	"context"
	"strings"

	"ctpipe/internal/markdown"
	"ctpipe/pipeline"
)

// controlled is a command that has passed the rules, on its way to the method
// that does what it says. The thread's lane calls it, so it must not wait for
// people nor for Claude.
type controlled struct {
	ctx context.Context
	s   *Session // of the thread; nil only for those of anywhere
	r   *pipeline.Run
	e   pipeline.Control
}

// by is who gave the command, as text that pings nobody.
func (c controlled) by() string { return markdown.Name(c.e.By.Name) }

// A new command takes three lines: a row in stages.Commands with Control set,
// which also says how many arguments it takes; an entry in one of the two tables
// below, by its canonical name; and a rule in rules.toml that allows it. Nothing
// in here asks who may: that is the rule's.

// inSession are the commands that act on the thread's session.
func inSession() map[string]func(*Session, controlled) {
	return map[string]func(*Session, controlled){
		"stop":        func(s *Session, c controlled) { s.end("🛑 **Session cancelled** by " + c.by()) },
		"escape":      func(s *Session, c controlled) { s.interrupt(c.by()) },
		"permissions": func(s *Session, c controlled) { s.permissions(c.e) },
		"cd":          (*Session).cdCommand,
		"worktree":    (*Session).worktreeCommand,
		"invite":      (*Session).inviteCommand,
		"kick":        (*Session).kickCommand,
		"model":       (*Session).modelCommand,
		"verbosity":   (*Session).verbosityCommand,
		"approve":     func(s *Session, c controlled) { s.approveCommand(c.ctx, c.r, c.e) },
		"deny":        func(s *Session, c controlled) { s.denyCommand(c.ctx, c.r, c.e) },
		"grants":      func(s *Session, _ controlled) { s.listGrants() },
		"revoke":      func(s *Session, c controlled) { s.revokeGrants(c.e) },
	}
}

// anywhere are the commands that need no session; c.s is nil where there is
// none.
func anywhere() map[string]func(*Host, controlled) {
	return map[string]func(*Host, controlled){
		"kill":   (*Host).killCommand,
		"why":    (*Host).whyCommand,
		"status": (*Host).statusCommand,
		"rules":  (*Host).rulesCommand,
	}
}

// control does what an allowed command or reaction says.
func (h *Host) control(c controlled) {
	if act, ok := anywhere()[c.e.What]; ok {
		act(h, c)
		return
	}
	act, ok := inSession()[c.e.What]
	t := h.thread(c.r.Event.Thread.Root)
	switch {
	case c.s == nil && c.e.What == "approve" && t.pending(): // a start waits there
		t.approveCommand(c.ctx, c.r, c.e)
	case c.s == nil && c.e.What == "deny" && t.pending():
		t.denyCommand(c.ctx, c.r, c.e)
	case c.s == nil && c.r.Event.Kind == pipeline.KindReaction && c.e.What == "stop":
		// two people stopped it at once, or somebody tidies up an old thread
	case c.s == nil && c.e.What == "worktree" && strings.EqualFold(strings.TrimSpace(c.e.Text), "list"):
		h.say(c.r.Event.Thread.Root, h.listTrees(c.ctx, h.settings().Dir))
	case c.s == nil:
		h.say(c.r.Event.Thread.Root, noSession)
	case ok:
		act(c.s, c)
	default:
		h.Log.Error("a command is in stages.Commands but not in the tables of control.go", "command", c.e.What)
	}
}
