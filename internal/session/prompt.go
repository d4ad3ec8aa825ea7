package session

import (
	"slices"
	"time"

	"ctpipe/internal/claude"
	"ctpipe/internal/mattermost"
	"ctpipe/pipeline"
)

// prompt is something that waits for people: a card with its post. One answer
// ends it, and only once.
type prompt struct {
	kind    string // tool, question, plan, message
	key     string // of its post
	post    pipeline.PostID
	ttl     time.Duration
	timer   Timer
	call    claude.AskCall // tool, question, plan
	open    *openCall      // tool, question, plan: what was judged
	asks    []pipeline.Vote
	approve []pipeline.UserID // who approved so far, in order
	message pipeline.Prompt   // message
	answers answers           // question
	done    bool
}

// holdsClaude reports a prompt that Claude waits for.
func (p *prompt) holdsClaude() bool { return p.kind != "message" }

// input is what would run, which a hook may have put in the place of what
// Claude sent.
func (p *prompt) input() map[string]any { return p.open.run.Event.Tool.Input }

// settled ends a prompt; the lock is held.
func (p *prompt) settled() {
	p.done = true
	if p.timer != nil {
		p.timer.Stop()
	}
}

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
	}
	most := s.host.settings().Cards
	s.mu.Lock()
	n := 0
	for _, other := range s.prompts {
		if other.holdsClaude() {
			n++
		}
	}
	s.mu.Unlock()
	if most > 0 && n >= most {
		s.refused(call.id, "ctpipe", "too many cards are open")
		s.answerAsk(c.RequestID, claude.AskAnswer{Message: "too many of your calls are waiting for people already; wait for their answers before you ask for more"})
		return
	}
	s.park(call, true)
	s.openPrompt(p)
}

// openPrompt posts the card of a prompt and starts its time limit.
func (s *Session) openPrompt(p *prompt) {
	base := s.host.settings().Approval
	s.mu.Lock()
	gone := s.phase == ended || p.holdsClaude() && !s.asks[p.call.RequestID]
	if !gone {
		p.ttl = pipeline.Deadline(p.asks, base)
		s.prompts = append(s.prompts, p)
		s.pages.seal()
		if p.ttl > 0 {
			p.timer = s.host.Clock.AfterFunc(p.ttl, func() { s.expire(p) })
		}
		s.putCard(p, base)
	}
	s.mu.Unlock()
	if !gone && p.holdsClaude() {
		s.stopTyping()
	}
}

// putCard posts the card of a prompt under a key of its own; the lock is held.
func (s *Session) putCard(p *prompt, base pipeline.Terms) {
	key := s.key("card")
	p.key, p.post = key, ""
	s.pages.verdicts.noteCard(p)
	s.out.Put(key, Draft{Text: s.card(p, base), Props: props("card"), Seeds: p.seeds(),
		Ready: func(id pipeline.PostID, early []mattermost.Reaction) {
			s.mu.Lock()
			if p.key == key {
				p.post = id
			}
			s.mu.Unlock()
			for _, r := range early {
				s.host.receiveReaction(r, true)
			}
		},
		Refused: func(err error) { s.unposted(p, err) }})
}

// refreshCard writes the votes so far into an open card.
func (s *Session) refreshCard(p *prompt) {
	base := s.host.settings().Approval
	s.mu.Lock()
	defer s.mu.Unlock()
	if !p.done {
		s.out.Put(p.key, Draft{Text: s.card(p, base), Seeds: p.seeds()})
	}
}

// closePrompt writes into the card how it ended. It is called once per prompt,
// after it is done.
func (s *Session) closePrompt(p *prompt, outcome string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.out.Put(p.key, Draft{Text: s.host.fit(s.closedText(p, outcome))})
	s.out.Seal(p.key)
}

// unposted denies what nobody can be asked for.
func (s *Session) unposted(p *prompt, err error) {
	if s.finish(p, "") && p.holdsClaude() {
		s.log.Error("nobody can be asked", "tool_use", p.call.ToolUseID, "err", err)
		s.answerAsk(p.call.RequestID, claude.AskAnswer{Message: "people could not be asked, since the chat refuses the card; do something else or stop"})
	}
}

// promptKind is the kind of the open prompt with this post.
func (s *Session) promptKind(post pipeline.PostID) string {
	if p := s.promptOn(post); p != nil {
		return p.kind
	}
	return ""
}

// promptOn finds an open prompt by its post.
func (s *Session) promptOn(post pipeline.PostID) *prompt {
	own, ours := s.host.ownPost(post)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.prompts {
		if p.post == post || p.post == "" && ours && own.thread == s.thread && own.key == p.key {
			return p
		}
	}
	return nil
}

// finish ends a prompt, once: it reports false if somebody was faster.
func (s *Session) finish(p *prompt, outcome string) bool {
	s.mu.Lock()
	at := slices.Index(s.prompts, p)
	if at < 0 || p.done {
		s.mu.Unlock()
		return false
	}
	p.settled()
	s.prompts = slices.Delete(s.prompts, at, at+1)
	s.touch()
	s.mu.Unlock()
	if outcome != "" {
		s.closePrompt(p, outcome)
	}
	return true
}

// expire denies what nobody answered; it is never an allowance (A10).
func (s *Session) expire(p *prompt) {
	defer s.contain("a time limit", func() {})
	if !p.holdsClaude() {
		s.finish(p, "⏱️ **Timed out** - nobody let this message in")
		s.host.release(s)
		return
	}
	if s.finish(p, "⏱️ **Timed out** - permission denied") {
		s.log.Info("nobody answered", "tool_use", p.call.ToolUseID, "post", p.post)
		s.refused(p.open.id, "ctpipe", "nobody answered in "+spoken(p.ttl))
		s.answerAsk(p.call.RequestID, claude.AskAnswer{
			Message: "nobody answered in " + spoken(p.ttl) + "; do something else or stop"})
		s.startTyping()
	}
}

// withdrawn ends what Claude no longer waits for.
func (s *Session) withdrawn(requestID string) {
	s.mu.Lock()
	delete(s.asks, requestID)
	at := slices.IndexFunc(s.prompts, func(p *prompt) bool { return p.holdsClaude() && p.call.RequestID == requestID })
	var p *prompt
	if at >= 0 {
		p = s.prompts[at]
	}
	s.mu.Unlock()
	if p != nil {
		s.finish(p, "↩️ *Claude withdrew this*")
	}
}
