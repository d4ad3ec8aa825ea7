package session

import (
	"context"
	"regexp"
	"strings"

	"ctpipe/internal/desk"
	"ctpipe/internal/markdown"
	"ctpipe/pipeline"
)

// approveCommand is !approve [id] [other command]: 👍 on a card, in words, or a
// command that is to run in the place of Claude's.
func (t *thread) approveCommand(ctx context.Context, r *pipeline.Run, e pipeline.Control) {
	p, v, words, ok := t.inWords(ctx, r, e, "approve", "+1")
	if !ok {
		return
	}
	switch words = unquoted(words); {
	case p.Kind == desk.Question:
		t.notice("❓ " + p.ID + " is a question: react on its card, or write your answer")
	case words == "":
		t.vote(ctx, p, v)
	default:
		t.approveEdited(ctx, p, v, words)
	}
}

// denyCommand is !deny [id] <reason>: 👎 on a card, and Claude reads the reason.
func (t *thread) denyCommand(ctx context.Context, r *pipeline.Run, e pipeline.Control) {
	p, v, words, ok := t.inWords(ctx, r, e, "deny", "-1")
	if !ok {
		return
	}
	if v.Words = words; words == "" && p.Kind == desk.Question {
		v.Words = "no reason given"
	}
	t.vote(ctx, p, v)
}

// inWords is the prompt that a command answers, as what, and what else it says;
// ok is false where there is none, or where this person's answer does not count,
// which is said.
func (t *thread) inWords(ctx context.Context, r *pipeline.Run, e pipeline.Control, meaning, emoji string) (p desk.Prompt, v desk.Vote, words string, ok bool) {
	if p, words, ok = t.addressed(r, e); !ok {
		return p, v, "", false
	}
	v, why, ok := t.counts(ctx, p, e.By, meaning, emoji)
	if !ok {
		t.mayNot(p, e.By, why)
	}
	return p, v, words, ok
}

var promptID = regexp.MustCompile(`(?i)^[cs][0-9]+$`)

// addressed finds the prompt that a command is about, by its id, or the only one
// that is open, and what else the command says. Where there is none it says so.
func (t *thread) addressed(r *pipeline.Run, e pipeline.Control) (p desk.Prompt, words string, ok bool) {
	words = strings.TrimSpace(r.Event.Command.Text)
	id := ""
	if len(e.Args) > 0 && promptID.MatchString(e.Args[0]) {
		id = strings.ToLower(e.Args[0])
		words = strings.TrimSpace(strings.TrimPrefix(words, e.Args[0]))
	}
	all := t.answerable()
	var ids []string
	for _, p := range all {
		ids = append(ids, "`"+p.ID+"`")
	}
	if len(all) == 1 && id == "" && e.What == "approve" && t.unsure(e.By.ID) {
		t.notice("ℹ️ Another card was closed just now: say which, " + ids[0])
		return p, "", false
	}
	for _, p := range all {
		if p.ID == id || id == "" && len(all) == 1 {
			return p, words, true
		}
	}
	switch {
	case len(all) == 0:
		t.notice("ℹ️ Nothing is waiting for an answer")
	case id != "":
		t.notice("ℹ️ " + markdown.CodeSpan(id) + " is not open; waiting: " + strings.Join(ids, ", "))
	default:
		t.notice("ℹ️ Several are waiting: say which, " + strings.Join(ids, ", "))
	}
	return p, "", false
}

// answerable are the prompts that somebody may mean who names none: what waits
// for a session to begin comes first.
func (t *thread) answerable() []desk.Prompt {
	voted := func(p *desk.Prompt) bool { return !p.Queued && p.Choice == nil }
	if pending := t.prompts(func(p *desk.Prompt) bool { return voted(p) && p.Pending }); len(pending) > 0 {
		return pending
	}
	return t.prompts(voted)
}

// unsure reports that somebody who names no card may mean one that others closed
// just now.
func (t *thread) unsure(user pipeline.UserID) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.desk.Unsure(user, t.host.Clock.Now())
}

func (t *thread) mayNot(p desk.Prompt, by pipeline.User, why string) {
	t.log.Info("an answer does not count", "user", by.ID, "card", p.ID, "kind", p.Kind)
	text := "⛔ " + desk.Who(by) + " may not answer " + p.ID + reasonSuffix(why)
	if asks := p.Counted(p.Asks); len(asks) > 0 {
		text += "; who may: " + markdown.Plain(desk.WhoMay(asks, t.approval()))
	}
	t.notice(text)
}

// unquoted takes the code marks off a command that somebody wrote as code.
func unquoted(words string) string {
	for _, mark := range []string{"```", "`"} {
		inner, begins := strings.CutPrefix(words, mark)
		inner, ends := strings.CutSuffix(inner, mark)
		if !begins || !ends || inner == "" || strings.Contains(inner, mark) {
			continue
		}
		if first, rest, many := strings.Cut(inner, "\n"); mark == "```" && many && !strings.ContainsAny(strings.TrimSpace(first), " \t") {
			inner = rest // the language of the fence
		}
		return strings.TrimSpace(inner)
	}
	return words
}
