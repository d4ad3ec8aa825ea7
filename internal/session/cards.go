package session

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"ctpipe/internal/display"
	"ctpipe/internal/markdown"
	"ctpipe/internal/outbox"
	"ctpipe/pipeline"
)

// inputRunes is how much of one text a card shows; what is longer is cut with a
// mark, and the whole goes with it as a file (SEC-13, D1).
const inputRunes = 6000

// whyRunes is how much a card says of why people are asked: the end of a card,
// which says how to answer it, is never cut.
const whyRunes = 1500

// card is an open prompt as the thread sees it, with the files that hold what
// does not fit; the lock is held.
func (s *Session) card(p *prompt, base pipeline.Terms) (string, []outbox.Attachment) {
	switch {
	case p.choice != nil:
		return s.host.fit(p.choice.card()), nil
	case p.kind == "question":
		return s.host.fit(p.answers.text() + s.footOf(p, base)), nil
	}
	head, body, whole := s.bodyOf(p)
	foot := s.footOf(p, base)
	files, mark := s.attached(p, !whole)
	text := s.host.clean(head + "\n\n" + body + mark + "\n\n" + foot)
	if room := s.host.MaxRunes; !runesWithin(text, room) {
		files, mark = s.attached(p, true)
		foot = s.host.clean(mark + "\n\n" + foot)
		text = s.host.cutTo(s.host.clean(head+"\n\n"+body), room-runes(foot)) + foot
	}
	return text, files
}

// bodyOf says what a prompt asks about, and whether that is all of it.
func (s *Session) bodyOf(p *prompt) (head, body string, whole bool) {
	switch p.kind {
	case "plan":
		body, whole = planBody(p)
		return planHead, body, whole
	case "message", "start", "command":
		return p.wanted()
	case "share":
		return shareText(p), "", true
	}
	body, whole = callText(p)
	if p.edit != nil {
		body += s.changed(p)
	}
	return "⚠️ **Permission requested**", body, whole
}

// changed says what a person put in the place of Claude's command.
func (s *Session) changed(p *prompt) string {
	return "\n✏️ " + s.who(p.edit.by) + " changed it:\n" + p.edit.diff
}

// footOf says why people are asked, who may answer, how they stand, how long is
// left, and how to answer; the lock is held.
func (s *Session) footOf(p *prompt, base pipeline.Terms) string {
	var b strings.Builder
	asks := p.counted(p.asks)
	for _, v := range asks {
		b.WriteString("**Why:** " + markdown.Plain(because(v)) + "\n")
	}
	if why := b.String(); !runesWithin(why, whyRunes) {
		b.Reset()
		b.WriteString(cutRunes(why, whyRunes) + cutMark(runes(why)-whyRunes) + "\n")
	}
	switch {
	case len(asks) > 0:
		b.WriteString("**Who may answer:** " + markdown.Plain(whoMay(asks, base)))
	case p.kind == "plan":
		b.WriteString("**Who may answer:** as the reaction rules say")
	}
	b.WriteString(s.votesSoFar(p) + s.timeLeft(p) + " · " + p.id)
	if p.holdsClaude() {
		b.WriteString(" · rev " + short(p.open.run.Event.Rev))
	}
	if p.kind == "question" {
		return "\n\n" + strings.TrimPrefix(b.String(), " · ")
	}
	return b.String() + "\n\n" + p.choices()
}

// choices says how a prompt is answered.
func (p *prompt) choices() string {
	switch {
	case p.kind == "plan":
		return planFoot
	case p.kind == "message":
		return "React: 👍 Allow once | ✅ Invite to session | 👎 Deny"
	case p.kind == "share":
		return "👍 Share | 👎 Keep it back"
	case grantable(p.asks) && p.kind == "tool":
		return "👍 Allow | ✅ Allow all | 👎 Deny"
	}
	return "👍 Allow | 👎 Deny"
}

// closedCard is the card of a prompt that ended: who ended it, when, and which
// rule had asked. The lock is held.
func (s *Session) closedCard(p *prompt, outcome string) string {
	if p.kind == "question" || p.choice != nil {
		return s.host.fit(outcome)
	}
	var by []string
	for _, v := range p.asks {
		by = append(by, askedBy(v))
	}
	last := "\n*" + s.host.Clock.Now().UTC().Format("2006-01-02 15:04 UTC") + " · " + p.id
	if len(by) > 0 {
		last += " · asked by " + markdown.Plain(strings.Join(by, ", "))
	}
	last += "*"
	head, body, _ := s.bodyOf(p)
	if p.edit != nil && strings.Contains(outcome, p.edit.diff) {
		body = strings.Replace(body, s.changed(p), "", 1)
	}
	switch p.kind {
	case "tool", "plan":
		head = ""
	case "message":
		body = quote(p.text, 400)
	}
	text := s.host.clean(strings.TrimRight(outcome+"\n\n"+strings.TrimLeft(head+"\n\n"+body, "\n"), "\n"))
	return s.host.cutTo(text, s.host.MaxRunes-runes(last)-1) + "\n" + last
}

// seeds are the emoji under a card.
func (p *prompt) seeds() []string {
	switch {
	case p.choice != nil:
		return p.choice.seeds()
	case p.kind == "question":
		return p.answers.seeds()
	case p.kind == "message", p.kind == "tool" && grantable(p.asks):
		return []string{"+1", "white_check_mark", "-1"}
	}
	return []string{"+1", "-1"}
}

// votesSoFar names who approved; the lock is held.
func (s *Session) votesSoFar(p *prompt) string {
	if len(p.approve) == 0 {
		return ""
	}
	names := make([]string, len(p.approve))
	for i, id := range p.approve {
		names[i] = s.name(id)
	}
	return fmt.Sprintf(" · 👍 %d: %s", len(names), markdown.Plain(strings.Join(names, ", ")))
}

// callText shows a call, fenced so that it cannot leave its frame, and says
// whether that is all of it.
func callText(p *prompt) (text string, whole bool) {
	name, in := p.call.ToolName, p.input()
	if name == "Bash" {
		cmd, _ := in["command"].(string)
		text = "💻 **Bash**\n" + fenced("bash", cmd)
		if bg, _ := in["run_in_background"].(bool); bg {
			text += "\n*in the background*"
		}
		if why := p.open.run.Event.Tool.Why; why != "" {
			text += "\n*" + markdown.Plain(why) + "*"
		}
		return text, runesWithin(cmd, inputRunes)
	}
	keys := make([]string, 0, len(in))
	for k := range in {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	var b strings.Builder
	b.WriteString(display.CallHead(name, in, shownPaths()))
	whole = true
	if diff, note, ok := display.Change(name, in); ok {
		b.WriteString("\n" + fenced("diff", diff))
		if note != "" {
			b.WriteString("\n*" + markdown.Plain(note) + "*")
		}
		whole = runesWithin(diff, inputRunes)
		keys = slices.DeleteFunc(keys, func(k string) bool { return k == "old_string" || k == "new_string" })
	}
	for _, k := range keys {
		v := fmt.Sprint(in[k])
		if strings.Contains(v, "\n") || len(v) > 120 {
			fmt.Fprintf(&b, "\n%s:\n%s", markdown.CodeSpan(k), fenced("", v))
			whole = whole && runesWithin(v, inputRunes)
		} else {
			fmt.Fprintf(&b, "\n%s: %s", markdown.CodeSpan(k), markdown.CodeSpan(v))
		}
	}
	return b.String(), whole
}

// because says why people are asked, and where that is written.
func because(v pipeline.Vote) string {
	why := v.Why
	if v.Err != "" {
		why = strings.TrimSpace(why + " (" + v.Err + ")")
	}
	switch v.Source {
	case pipeline.SourceDefault:
		return "no rule allows this"
	case pipeline.SourceRule, pipeline.SourceHook:
		return askedBy(v) + ": " + why
	}
	return why
}

// askedBy names what asked, and where that is written.
func askedBy(v pipeline.Vote) string {
	switch {
	case v.Source == pipeline.SourceRule && v.At != "":
		return fmt.Sprintf("rule %s (%s)", v.By, v.At)
	case v.Source == pipeline.SourceRule, v.Source == pipeline.SourceHook:
		return string(v.Source) + " " + v.By
	}
	return v.By
}

// whoMay names who can satisfy the asks.
func whoMay(asks []pipeline.Vote, base pipeline.Terms) string {
	var said []string
	seen := map[string]bool{}
	for _, v := range asks {
		t := v.Terms.With(base)
		word := strings.Join(t.Approvers, " or ")
		if t.Quorum > 1 {
			word = fmt.Sprintf("%d of %s", t.Quorum, word)
		}
		if t.Requester != nil && !*t.Requester {
			word += ", not who asked for it"
		}
		if t.Other {
			word += ", one of them not who asked for it"
		}
		if !seen[word] {
			seen[word] = true
			said = append(said, word)
		}
	}
	return strings.Join(said, "; and ")
}

// who names a person without pinging them.
func (s *Session) who(u pipeline.User) string { return "@" + zeroWidth + u.Name }

func (s *Session) names(users []pipeline.User) string {
	names := make([]string, len(users))
	for i, u := range users {
		names[i] = s.who(u)
	}
	return strings.Join(names, ", ")
}
