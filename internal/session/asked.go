package session

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"ctpipe/internal/claude"
	"ctpipe/internal/facts"
	"ctpipe/pipeline"
)

// openTool puts a call before people: as a card, a question or a plan.
func (s *Session) openTool(c claude.AskCall, call *openCall, asks []pipeline.Vote) {
	p := &prompt{kind: "tool", call: c, open: call, asks: asks}
	switch c.ToolName {
	case "AskUserQuestion":
		p.kind, p.answers = "question", readQuestions(p.input())
		if len(p.answers.questions) == 0 {
			s.answerAsk(c.RequestID, claude.AskAnswer{Message: "the question has no options to choose from; ask in plain text instead"})
			return
		}
	case "ExitPlanMode":
		p.kind = "plan"
	default:
		p.scripts = facts.Scripts(call.run.Event)
	}
	if s.full((*prompt).holdsClaude) {
		s.refused(call.id, "ctpipe", "too many cards are open")
		s.answerAsk(c.RequestID, claude.AskAnswer{Message: "too many of your calls are waiting for people already; wait for their answers before you ask for more"})
		return
	}
	s.park(call, true)
	s.openPrompt(p)
}

// full reports that no more cards of this sort may be opened.
func (s *Session) full(sort func(*prompt) bool) bool {
	most := s.host.settings().Cards
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, other := range s.prompts {
		if sort(other) {
			n++
		}
	}
	return most > 0 && n >= most
}

// rejudged puts a newer judgement in the place of an older one.
func (s *Session) rejudged(call *openCall, run *pipeline.Run) {
	s.mu.Lock()
	defer s.mu.Unlock()
	call.run, call.reads = run, facts.OnlyReads(run.Event)
}

// allow answers the call with the very input that was judged.
func (s *Session) allow(p *prompt, run *pipeline.Run, v vote, people []pipeline.User) {
	granted := v.meaning == "allow_all" && s.allForAll(p, p.asks, people) && p.edit == nil && grantable(p.asks) && grantable(s.asksNow(p, run))
	word := "✅ **Allowed** by "
	if granted {
		word = "✅ **Allowed all** by "
	}
	word += s.names(people)
	if p.edit != nil {
		word += ", as " + s.who(p.edit.by) + " changed it:\n" + p.edit.diff
	}
	if !s.finish(p, word) {
		return
	}
	s.rejudged(p.open, run)
	s.mu.Lock()
	p.open.parked = false
	if granted {
		s.grant(v.by.ID)
	}
	s.willRun(run.Event)
	if p.edit != nil {
		s.worded(p.edit.by)
	}
	s.mu.Unlock()
	s.log.Info("tool call allowed", "tool_use", p.call.ToolUseID, "user", v.by.ID, "card", p.id, "grant", granted, "edited", p.edit != nil)
	s.answerAsk(p.call.RequestID, allowed(run, p.call))
	s.startTyping()
	if granted {
		s.refreshHeader()
	}
}

// grantable reports an ask whose only cause is the default: nothing else can
// be lifted by a grant (A11).
func grantable(asks []pipeline.Vote) bool {
	return len(asks) == 1 && asks[0].Source == pipeline.SourceDefault
}

// toldNo tells Claude, and the call's line, that it was denied.
func (s *Session) toldNo(p *prompt, by, why string) {
	s.log.Info("tool call denied", "tool_use", p.call.ToolUseID, "card", p.id, "why", why)
	s.refused(p.open.id, strings.Replace(by, "@", "@"+zeroWidth, 1), "")
	s.answerAsk(p.call.RequestID, claude.AskAnswer{Message: why})
	s.startTyping()
}

// deny ends a prompt because one who may answer it says no (A7).
func (s *Session) deny(p *prompt, v vote) {
	s.mu.Lock()
	p.ender = v.by.ID
	if v.words != "" && p.holdsClaude() {
		s.worded(v.by)
	}
	s.mu.Unlock()
	if !s.finish(p, deniedBy(p, s.who(v.by))+saidWhy(v.words)) {
		return
	}
	name := "@" + v.by.Name
	switch p.kind {
	case "tool":
		s.toldNo(p, name, claudeReads(name+" denied this", v.words, "Ask what they want instead, or choose another way."))
	case "plan":
		s.answerAsk(p.call.RequestID, claude.AskAnswer{Message: claudeReads(name+" wants changes to the plan", v.words, "Please revise the plan.")})
		s.startTyping()
	case "question":
		s.answerAsk(p.call.RequestID, claude.AskAnswer{Message: claudeReads(name+" does not want to answer this", v.words, "")})
		s.startTyping()
	case "share":
	default:
		s.tellAuthor(p, "⛔ "+refusedWord[p.kind]+reasonSuffix(v.words))
	}
	s.host.dropped(s)
}

func deniedBy(p *prompt, who string) string {
	switch p.kind {
	case "plan":
		return "❌ **Changes requested** by " + who
	case "message":
		return "❌ Message from @" + zeroWidth + p.event.User.Name + " denied by " + who
	case "share":
		return "🙈 **Kept back** by " + who
	}
	return "❌ **Denied** by " + who
}

// saidWhy is a person's reason as the card shows it.
func saidWhy(words string) string {
	if words == "" {
		return ""
	}
	return ":\n" + quote(words, 1000)
}

// claudeReads is a refusal with its reason word for word, and whose it is.
func claudeReads(head, words, otherwise string) string {
	if words != "" {
		return head + ", and says:\n" + words
	}
	return strings.TrimSpace(head + ". " + otherwise)
}

// drifted reports that a call is no longer what was shown to people: its facts
// have changed (A1), or a script that it would run (A3).
func (s *Session) drifted(p *prompt, now *pipeline.Run) bool {
	return !sameFacts(p.open.run.Event, now.Event) || p.kind == "tool" && !facts.SameScripts(p.scripts, facts.Scripts(now.Event))
}

// sameFacts reports that a call is still what was shown to people (A1). What
// nobody knew then may be known now: they approved without it, and the rules
// have judged it since.
func sameFacts(shown, now *pipeline.Event) bool {
	x, y := shown.Tool, now.Tool
	for _, fact := range now.Unknown {
		if strings.HasPrefix(fact, "tool.") && !slices.Contains(shown.Unknown, fact) && fact != "tool.requesters" {
			return false
		}
	}
	known := func(fact string) bool { return !slices.Contains(shown.Unknown, fact) }
	return x.Hash == y.Hash && x.Cwd == y.Cwd && x.Opaque == y.Opaque &&
		(!known("tool.commands") || reflect.DeepEqual(x.Commands, y.Commands)) &&
		(!known("tool.paths") || reflect.DeepEqual(x.Paths, y.Paths)) &&
		(!known("tool.hosts") || reflect.DeepEqual(x.Hosts, y.Hosts))
}

// grant notes that the default ask is lifted; the lock is held.
func (s *Session) grant(by pipeline.UserID) {
	s.granted++
	s.grants = append(s.grants, Grant{ID: fmt.Sprintf("g%d", s.granted), By: by, Since: s.host.Clock.Now()})
}
