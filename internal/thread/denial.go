package thread

import (
	"strings"

	"ctpipe/internal/claude"
	"ctpipe/internal/desk"
	"ctpipe/internal/markdown"
)

// deny ends a prompt because one who may answer it says no.
func (t answering) deny(p desk.Prompt, v desk.Vote) {
	t.Lock()
	t.Desk.Ended(p.ID, v.By.ID)
	if v.Words != "" && p.HoldsClaude() && t.session != nil {
		t.session.WordedLocked(v.By)
	}
	t.Unlock()
	if !t.Finish(p.ID, deniedBy(p, desk.Who(v.By))+saidWhy(v.Words)) {
		return
	}
	name := "@" + v.By.Name
	switch p.Kind {
	case desk.Tool:
		t.tellClaudeNo(p, name, claudeReads(name+" denied this", v.Words, "Ask what they want instead, or choose another way."))
	case desk.Plan:
		t.answerClaude(p, claude.AskAnswer{Message: claudeReads(name+" wants changes to the plan", v.Words, "Please revise the plan.")})
	case desk.Question:
		t.answerClaude(p, claude.AskAnswer{Message: claudeReads(name+" does not want to answer this", v.Words, "")})
	case desk.Share:
	default:
		t.tellAuthor(p, "⛔ "+refusedWord[p.Kind]+ReasonSuffix(v.Words))
	}
	t.settled()
}

func deniedBy(p desk.Prompt, who string) string {
	switch p.Kind {
	case desk.Plan:
		return "❌ **Changes requested** by " + who
	case desk.Message:
		return "❌ Message from " + desk.Who(p.Event.User) + " denied by " + who
	case desk.Share:
		return "🙈 **Kept back** by " + who
	}
	return "❌ **Denied** by " + who
}

// saidWhy is a person's reason as the card shows it.
func saidWhy(words string) string {
	if words == "" {
		return ""
	}
	return ":\n" + desk.Quote(words, 1000)
}

// claudeReads is a refusal with its reason word for word, and whose it is.
func claudeReads(head, words, otherwise string) string {
	if words != "" {
		return head + ", and says:\n" + words
	}
	return strings.TrimSpace(head + ". " + otherwise)
}

// tellClaudeNo tells Claude, and the call's line, that a call was denied.
func (t answering) tellClaudeNo(p desk.Prompt, by, why string) {
	t.log.Info("tool call denied", "tool_use", p.Call.ID, "card", p.ID, "why", why)
	if s := t.Session(); s != nil {
		named := by
		if name, person := strings.CutPrefix(by, "@"); person {
			named = markdown.Name(name)
		}
		s.Refused(p.Call.ID, named, "")
	}
	t.answerClaude(p, claude.AskAnswer{Message: why})
}

// tellAuthor tells who wanted something what became of it.
func (t answering) tellAuthor(p desk.Prompt, text string) {
	t.Notice("@" + p.Event.User.Name + " " + markdown.Inert(text))
}

// answerClaude answers the call that a prompt was about.
func (t answering) answerClaude(p desk.Prompt, a claude.AskAnswer) {
	if s := t.Session(); s != nil {
		s.Answer(p.Call.Request, a)
		s.Working(true)
	}
}

// ReasonSuffix joins a reason to what it explains.
func ReasonSuffix(why string) string {
	if why == "" {
		return ""
	}
	return ": " + markdown.Plain(why)
}
