package thread

import (
	"ctpipe/internal/desk"
	"ctpipe/internal/display"
	"ctpipe/internal/markdown"
	"errors"
	"fmt"
)

// voteContext takes a number, or ❌ for nothing.
func (t answering) voteContext(p desk.Prompt, v desk.Vote) {
	n, ok := p.Choice.Picked(v)
	if !ok {
		return
	}
	outcome := "✅ Continuing without context (skipped by " + desk.Who(v.By) + ")"
	if n > 0 {
		outcome = fmt.Sprintf("✅ Including last %s (selected by %s)", display.Counted(n, "message"), desk.Who(v.By))
	}
	if t.Finish(p.ID, outcome) {
		t.contextChosen(p, p.Choice.Earlier[len(p.Choice.Earlier)-n:])
	}
}

func (t answering) contextChosen(p desk.Prompt, earlier []desk.Earlier) {
	if s := t.Session(); s != nil {
		s.ContextChosen(p.Choice.Message, earlier)
	}
}

// lapse goes on without anybody's choice: time is up, or the chat does not take
// the card.
func (t answering) lapse(p desk.Prompt) {
	switch p.Kind {
	case desk.Context:
		if t.Finish(p.ID, "⏱️ Continuing without context (no response)") {
			t.contextChosen(p, nil)
		}
	case desk.Worktree:
		t.lapseWorktree(p)
	}
}

// voteWorktree takes ❌, or the name of a branch. Where a worktree is required ❌
// is no way round it.
func (t answering) voteWorktree(p desk.Prompt, v desk.Vote) {
	s := t.Session()
	switch {
	case !v.Added || s == nil:
	case v.Meaning == "answer":
		if t.Finish(p.ID, "✅ Working on branch "+markdown.CodeSpan(v.Words)+" (chosen by "+desk.Who(v.By)+")") {
			s.WorkOn(v.Words)
		}
	case (v.Meaning == "stop" || v.Meaning == "deny") && !p.Choice.Required:
		if t.Finish(p.ID, "✅ Continuing in main repo (skipped by "+desk.Who(v.By)+")") {
			s.WorkIn(p.Choice.Dir)
		}
	}
}

// lapseWorktree starts nothing: nobody said where Claude may write.
func (t answering) lapseWorktree(p desk.Prompt) {
	s := t.Session()
	if t.Finish(p.ID, "⏱️ **Timed out** - nobody said where to work") && s != nil {
		s.NowhereToWork(errors.New("nobody said where to work within " + display.Spoken(p.TTL)))
	}
}
