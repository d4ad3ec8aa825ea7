package desk

import (
	"fmt"
	"strings"
	"time"

	"ctpipe/internal/markdown"
	"ctpipe/internal/outbox"
	"ctpipe/internal/paginate"
	"ctpipe/pipeline"
)

// card is a prompt as the thread sees it when it is asked, with the files that
// hold what does not fit.
func (on Paper) card(p *Prompt, base pipeline.Terms, now time.Time) (string, []outbox.Attachment) {
	p.Attached = false
	text, cut := on.cardText(p, base, now)
	if cut {
		p.Attached = true
		text, _ = on.cardText(p, base, now)
	}
	if p.Choice != nil || p.Kind == Question {
		return text, nil
	}
	files, _ := on.attached(p, cut)
	return text, files
}

// cardText is an open card as it reads now, and whether it leaves out some of
// what is asked about. It grows with each vote, but files go with a post only
// when it is made: only those are named that did.
func (on Paper) cardText(p *Prompt, base pipeline.Terms, now time.Time) (text string, cut bool) {
	foot := footOf(p, base, now)
	switch {
	case p.Choice != nil:
		return on.fit(p.Choice.Text), false
	case p.Kind == Question:
		return on.fit(p.Answers.text() + foot), false
	}
	head, body, whole := on.bodyOf(p)
	_, mark := on.attached(p, p.Attached)
	text = on.Clean(head + "\n\n" + body + mark + "\n\n" + foot)
	if room := on.Runes; !within(text, room) {
		foot = on.Clean(mark + "\n\n" + foot)
		return paginate.Fit(on.Clean(head+"\n\n"+body), room-runes(foot)) + foot, true
	}
	return text, !whole
}

// bodyOf says what a prompt asks about, and whether that is all of it.
func (on Paper) bodyOf(p *Prompt) (head, body string, whole bool) {
	switch p.Kind {
	case Plan:
		body, whole = planBody(p)
		return planHead, body, whole
	case Message, Start, Command:
		return p.wanted()
	case Share:
		return shareText(p.Held), "", true
	}
	body, whole = on.callText(p)
	if p.Edit != nil {
		body += changed(p.Edit)
	}
	return "⚠️ **Permission requested**", body, whole
}

// changed says what a person put in the place of Claude's command.
func changed(e *Edit) string { return "\n✏️ " + Who(e.By) + " changed it:\n" + e.Diff }

// footOf says why people are asked, who may answer, how they stand, how long is
// left, and how to answer.
func footOf(p *Prompt, base pipeline.Terms, now time.Time) string {
	asks := p.Counted(p.Asks)
	end := votesSoFar(p) + timeLeft(p, now) + " · " + p.ID
	if p.HoldsClaude() {
		end += " · rev " + pipeline.ShortRev(p.Call.Judged.Event.Rev)
	}
	who := ""
	switch {
	case len(asks) > 0:
		who = "**Who may answer:** " + markdown.Plain(WhoMay(asks, base))
	case p.Kind == Plan:
		who = "**Who may answer:** as the reaction rules say"
	}
	text := whys(asks) + who + end
	if p.Kind == Question {
		return "\n\n" + strings.TrimPrefix(text, " · ")
	}
	return text + "\n\n" + p.choices()
}

func whys(asks []pipeline.Vote) string {
	var b strings.Builder
	for _, v := range asks {
		b.WriteString("**Why:** " + markdown.Plain(because(v)) + "\n")
	}
	why := b.String()
	if within(why, whyRunes) {
		return why
	}
	return paginate.Cut(why, whyRunes) + paginate.CutMark(runes(why)-whyRunes) + "\n"
}

// choices says how a prompt is answered.
func (p *Prompt) choices() string {
	switch {
	case p.Kind == Plan:
		return planFoot
	case p.Kind == Message:
		return "React: 👍 Allow once | ✅ Invite to session | 👎 Deny"
	case p.Kind == Share:
		return "👍 Share | 👎 Keep it back"
	case Grantable(p.Asks) && p.Kind == Tool:
		return "👍 Allow | ✅ Allow all | 👎 Deny"
	}
	return "👍 Allow | 👎 Deny"
}

// seeds are the emoji under a card.
func (p *Prompt) seeds() []string {
	switch {
	case p.Choice != nil:
		return p.Choice.Seeds
	case p.Kind == Question:
		return p.Answers.seeds()
	case p.Kind == Message, p.Kind == Tool && Grantable(p.Asks):
		return []string{"+1", "white_check_mark", "-1"}
	}
	return []string{"+1", "-1"}
}

// votesSoFar names who approved.
func votesSoFar(p *Prompt) string {
	if len(p.Votes) == 0 {
		return ""
	}
	names := make([]string, len(p.Votes))
	for i, b := range p.Votes {
		names[i] = b.Name
	}
	return fmt.Sprintf(" · 👍 %d: %s", len(names), markdown.Plain(strings.Join(names, ", ")))
}

// closedCard is the card of a prompt that ended: who ended it, when, and which
// rule had asked.
func (on Paper) closedCard(p *Prompt, outcome string, now time.Time) string {
	if p.Kind == Question || p.Choice != nil {
		return on.fit(outcome)
	}
	var by []string
	for _, v := range p.Asks {
		by = append(by, askedBy(v))
	}
	last := "\n*" + now.UTC().Format("2006-01-02 15:04 UTC") + " · " + p.ID
	if len(by) > 0 {
		last += " · asked by " + markdown.Plain(strings.Join(by, ", "))
	}
	last += "*"
	head, body, _ := on.bodyOf(p)
	if p.Edit != nil && strings.Contains(outcome, p.Edit.Diff) {
		body = strings.Replace(body, changed(p.Edit), "", 1)
	}
	switch p.Kind {
	case Tool, Plan:
		head = ""
	case Message:
		body = Quote(p.Text, 400)
	}
	text := on.Clean(strings.TrimRight(outcome+"\n\n"+strings.TrimLeft(head+"\n\n"+body, "\n"), "\n"))
	return paginate.Fit(text, on.Runes-runes(last)-1) + "\n" + last
}
