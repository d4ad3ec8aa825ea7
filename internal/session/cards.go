package session

import (
	"fmt"
	"sort"
	"strings"
	"time"
	"unicode/utf8"

	"ctpipe/pipeline"
	"ctpipe/stages"
)

// inputRunes is how much of a call's input a card shows; what is longer is cut
// with a mark that says by how much, never silently (SEC-13, D1).
const inputRunes = 6000

// card is an open prompt as the thread sees it; the lock is held.
func (s *Session) card(p *prompt, base pipeline.Terms) string { return s.host.fit(s.cardText(p, base)) }

// fit takes credentials out of a card and keeps it within a post: a card that
// the server refuses is one that nobody can answer. A cut says so (D1).
func (h *Host) fit(text string) string {
	text = h.clean(text)
	n := utf8.RuneCountInString(text)
	if n <= h.MaxRunes {
		return text
	}
	const room = 400 // for the closing of a fence and the mark
	head, _ := lastPage(text[:byteOf(text, max(h.MaxRunes-room, 0))], "", h.MaxRunes)
	return head + fmt.Sprintf("\n\n⚠️ **cut: %d more characters are not shown**", n-max(h.MaxRunes-room, 0))
}

// cardText is the whole card of an open prompt.
func (s *Session) cardText(p *prompt, base pipeline.Terms) string {
	switch p.kind {
	case "question":
		return p.answers.text()
	case "plan":
		return planText(p)
	case "message":
		return messageText(p)
	}
	var b strings.Builder
	b.WriteString("⚠️ **Permission requested**\n\n" + callText(p) + "\n\n")
	for _, v := range p.asks {
		b.WriteString("**Why:** " + stages.Plain(because(v)) + "\n")
	}
	b.WriteString("**Who may answer:** " + stages.Plain(whoMay(p.asks, base)) + s.votesSoFar(p))
	if p.ttl > 0 {
		b.WriteString(" · within " + spoken(p.ttl))
	}
	b.WriteString(" · rev " + short(p.open.run.Event.Rev) + "\n\n")
	if grantable(p.asks) {
		b.WriteString("👍 Allow | ✅ Allow all | 👎 Deny")
	} else {
		b.WriteString("👍 Allow | 👎 Deny")
	}
	return b.String()
}

// closedText is the card of a prompt that ended; the lock is held.
func (s *Session) closedText(p *prompt, outcome string) string {
	switch p.kind {
	case "question":
		return outcome
	case "message":
		return outcome + "\n\n" + quote(p.message.Text, 400)
	case "plan":
		return outcome + "\n\n" + planBody(p)
	}
	return outcome + "\n\n" + callText(p)
}

// seeds are the emoji under a card.
func (p *prompt) seeds() []string {
	switch p.kind {
	case "question":
		return p.answers.seeds()
	case "plan":
		return []string{"+1", "-1"}
	case "message":
		return []string{"+1", "white_check_mark", "-1"}
	}
	if grantable(p.asks) {
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
	return fmt.Sprintf(" · 👍 %d: %s", len(names), stages.Plain(strings.Join(names, ", ")))
}

// callText shows a call whole, fenced so that it cannot leave its frame.
func callText(p *prompt) string {
	name, in := p.call.ToolName, p.input()
	if name == "Bash" {
		cmd, _ := in["command"].(string)
		text := "💻 **Bash**\n" + fenced("bash", cmd)
		if bg, _ := in["run_in_background"].(bool); bg {
			text += "\n*in the background*"
		}
		if why := p.open.run.Event.Tool.Why; why != "" {
			text += "\n*" + stages.Plain(why) + "*"
		}
		return text
	}
	keys := make([]string, 0, len(in))
	for k := range in {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	var b strings.Builder
	b.WriteString(callHead(name, in))
	for _, k := range keys {
		v := fmt.Sprint(in[k])
		if strings.Contains(v, "\n") || len(v) > 120 {
			fmt.Fprintf(&b, "\n%s:\n%s", stages.CodeSpan(k), fenced("", v))
		} else {
			fmt.Fprintf(&b, "\n%s: %s", stages.CodeSpan(k), stages.CodeSpan(v))
		}
	}
	return b.String()
}

// fenced shows text in a fence, cut with a mark where it is too long for a
// card.
func fenced(lang, text string) string {
	text = stages.Visible(text)
	cut := cutRunes(text, inputRunes)
	out := stages.Fence(lang, cut)
	if cut != text {
		out += fmt.Sprintf("\n⚠️ **cut: %d more characters are not shown**", len([]rune(text))-inputRunes)
	}
	return out
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
	case pipeline.SourceRule:
		if v.At != "" {
			return fmt.Sprintf("rule %s (%s): %s", v.By, v.At, why)
		}
		return fmt.Sprintf("rule %s: %s", v.By, why)
	case pipeline.SourceHook:
		return fmt.Sprintf("hook %s: %s", v.By, why)
	}
	return why
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

// spoken is a duration as people say it.
func spoken(d time.Duration) string {
	switch {
	case d >= time.Hour && d%time.Hour == 0:
		return fmt.Sprintf("%d h", int(d.Hours()))
	case d >= time.Minute:
		return fmt.Sprintf("%d min", int(d.Round(time.Minute).Minutes()))
	}
	return fmt.Sprintf("%d s", int(d.Round(time.Second).Seconds()))
}

// quote sets text as a block quote that every line stays inside.
func quote(text string, n int) string {
	text = cutRunes(stages.Inert(text), n)
	return "> " + strings.ReplaceAll(text, "\n", "\n> ")
}
