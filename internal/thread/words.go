package thread

import (
	"ctpipe/internal/desk"
	"ctpipe/internal/markdown"
	"ctpipe/pipeline"
)

// Answerable are the prompts that somebody may mean who names none: what waits
// for a session to begin comes first.
func (t *Thread) Answerable() []desk.Prompt {
	voted := func(p *desk.Prompt) bool { return !p.Queued && p.Choice == nil }
	if pending := t.Prompts(func(p *desk.Prompt) bool { return voted(p) && p.Pending }); len(pending) > 0 {
		return pending
	}
	return t.Prompts(voted)
}

// MayNot tells somebody that their answer to a card does not count.
func (t *Thread) MayNot(p desk.Prompt, by pipeline.User, why string) {
	t.log.Info("an answer does not count", "user", by.ID, "card", p.ID, "kind", p.Kind)
	text := "⛔ " + desk.Who(by) + " may not answer " + p.ID + ReasonSuffix(why)
	if asks := p.Counted(p.Asks); len(asks) > 0 {
		text += "; who may: " + markdown.Plain(desk.WhoMay(asks, t.Approval()))
	}
	t.Notice(text)
}
