package session

import (
	"fmt"
	"slices"
	"time"

	"ctpipe/internal/claude"
	"ctpipe/internal/clock"
	"ctpipe/internal/facts"
	"ctpipe/internal/mattermost"
	"ctpipe/internal/outbox"
	"ctpipe/pipeline"
)

// prompt is something that waits for people: a card with its post. One answer
// ends it, and only once. The lock of the session that holds it guards it.
type prompt struct {
	id       string // what !approve and !deny call it: "c3"
	kind     string // tool, question, plan, message, start, command, share, context, worktree: the target of reactions on it
	key      string // of its post; "" while it has none
	post     pipeline.PostID
	ttl      time.Duration
	deadline time.Time   // zero: there is none
	timer    clock.Timer // until the deadline
	tick     clock.Timer // until the card says anew how long is left
	asks     []pipeline.Vote
	approve  []pipeline.UserID // who approved so far, in order
	spoken   []pipeline.UserID // of those, who did so in words: no reaction stands for them
	forAll   []pipeline.UserID // of those, who said ✅: for more than this once

	call    claude.AskCall  // tool, question, plan
	open    *openCall       // tool, question, plan: what was judged
	scripts []facts.Script  // tool: files that it would run, as they were shown
	edit    *edit           // tool, plan: what a person put in its place
	answers answers         // question
	event   *pipeline.Event // message, start, command: as it came; this is what is judged again
	text    string          // message, start: as hooks have left it; this is what people let in
	block   piece           // share: the newest form of what is held
	askers  []pipeline.User // share: whose turn it is
	choice  choice          // context, worktree: how to go on; nil where something is voted on

	altered int // how often others have edited its card

	queued bool // question: another one is open; it has no card yet
	done   bool
	ender  pipeline.UserID // who ended it with a no or an answer
}

// holdsClaude reports a prompt that Claude waits for.
func (p *prompt) holdsClaude() bool {
	return p.kind == "tool" || p.kind == "question" || p.kind == "plan"
}

// input is what would run, which a hook or a person may have put in the place
// of what Claude sent.
func (p *prompt) input() map[string]any { return p.open.run.Event.Tool.Input }

// requesters are the people who asked for it.
func (p *prompt) requesters() []pipeline.User {
	switch {
	case p.holdsClaude():
		asked := p.open.run.Event.Tool.Requesters
		if p.edit != nil && len(asked) > 0 { // whoever wrote what runs has asked for it
			asked = append(slices.Clone(asked), p.edit.by)
		}
		return asked
	case p.event != nil:
		return []pipeline.User{p.event.User}
	}
	return p.askers
}

// settled ends a prompt; the lock is held.
func (p *prompt) settled() {
	p.done = true
	for _, t := range []clock.Timer{p.timer, p.tick} {
		if t != nil {
			t.Stop()
		}
	}
}

// openPrompt posts the card of a prompt and starts its time limit. A question
// waits until the one before it is answered.
func (s *Session) openPrompt(p *prompt) (open bool) {
	s.mu.Lock()
	gone := s.phase == ended || p.holdsClaude() && !s.asks[p.call.RequestID]
	if !gone {
		s.cards++
		p.id = fmt.Sprintf("%s%d", s.cardMark, s.cards)
		p.queued = p.kind == "question" && slices.ContainsFunc(s.prompts, func(o *prompt) bool { return o.kind == "question" })
		s.prompts = append(s.prompts, p)
		if !p.queued {
			s.present(p)
		}
	}
	s.mu.Unlock()
	if !gone && p.holdsClaude() {
		s.stopTyping()
	}
	return !gone
}

// present posts the card and lets time run; the lock is held.
func (s *Session) present(p *prompt) {
	base := s.host.settings().Approval
	s.pages.seal()
	if p.choice == nil {
		p.ttl = pipeline.Deadline(p.asks, base)
	}
	if p.ttl > 0 {
		p.deadline = s.host.Clock.Now().Add(p.ttl)
		p.timer = s.host.Clock.AfterFunc(p.ttl, func() { s.expire(p) })
		if p.choice == nil {
			s.tickLater(p)
		}
	}
	s.putCard(p, base)
	s.host.listed()
}

// putCard posts the card of a prompt under a key of its own; the lock is held.
func (s *Session) putCard(p *prompt, base pipeline.Terms) {
	key := s.key("card")
	p.key, p.post = key, ""
	s.pages.verdicts.noteCard(p)
	text, files := s.card(p, base)
	s.out.Put(key, outbox.Draft{Text: text, Props: outbox.Props("card"), Seeds: p.seeds(), Files: files, Watched: true})
}

// ready notes that a watched post of a thread is there, and takes the reactions
// that were faster than its seeds.
func (h *Host) ready(thread pipeline.ThreadID, key string, post pipeline.PostID, early []mattermost.Reaction) {
	card := false
	for _, s := range []*Session{h.session(thread), h.parkedIn(thread)} {
		if s == nil {
			continue
		}
		s.listPosted(key, post)
		s.mu.Lock()
		for _, p := range s.prompts {
			if p.key == key {
				p.post, card = post, true
			}
		}
		s.mu.Unlock()
	}
	if !card {
		return
	}
	for _, r := range early {
		h.receiveReaction(r, true)
	}
}

// refused denies what nobody can be asked for, since the server does not take
// its card.
func (h *Host) refused(thread pipeline.ThreadID, key string, err error) {
	for _, s := range []*Session{h.session(thread), h.parkedIn(thread)} {
		if s == nil {
			continue
		}
		s.mu.Lock()
		at := slices.IndexFunc(s.prompts, func(p *prompt) bool { return p.key == key })
		var p *prompt
		if at >= 0 {
			p = s.prompts[at]
		}
		s.mu.Unlock()
		if p != nil {
			s.unposted(p, err)
		}
	}
}

// refreshCard writes the votes and the time left into an open card.
func (s *Session) refreshCard(p *prompt) {
	base := s.host.settings().Approval
	s.mu.Lock()
	defer s.mu.Unlock()
	if !p.done && p.key != "" {
		text, _ := s.card(p, base)
		s.out.Put(p.key, outbox.Draft{Text: text, Seeds: p.seeds()})
	}
}

// closePrompt writes into the card how it ended. It is called once per prompt,
// after it is done.
func (s *Session) closePrompt(p *prompt, outcome string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.choice == nil {
		s.lastCard = endedCard{at: s.host.Clock.Now(), by: append(slices.Clone(p.approve), p.ender), question: p.kind == "question"}
	}
	if p.key == "" {
		return
	}
	s.out.Put(p.key, outbox.Draft{Text: s.closedCard(p, outcome)})
	s.out.Seal(p.key)
	s.host.rememberClosed(s, p, outcome)
}

// unposted denies what nobody can be asked for.
func (s *Session) unposted(p *prompt, err error) {
	if p.choice != nil {
		p.choice.lapse(s, p)
		return
	}
	if !s.finish(p, "") {
		return
	}
	s.log.Error("nobody can be asked", "kind", p.kind, "tool_use", p.call.ToolUseID, "err", err)
	if p.holdsClaude() {
		s.answerAsk(p.call.RequestID, claude.AskAnswer{Message: "people could not be asked, since the chat refuses the card; do something else or stop"})
		return
	}
	s.host.dropped(s)
}

// finish ends a prompt, once: it reports false if somebody was faster. A
// question that waited for this one is asked then.
func (s *Session) finish(p *prompt, outcome string) bool {
	s.mu.Lock()
	at := slices.Index(s.prompts, p)
	if at < 0 || p.done {
		s.mu.Unlock()
		return false
	}
	p.settled()
	s.prompts = slices.Delete(s.prompts, at, at+1)
	if p.kind == "question" && !p.queued {
		if next := slices.IndexFunc(s.prompts, func(o *prompt) bool { return o.queued }); next >= 0 {
			s.prompts[next].queued = false
			s.present(s.prompts[next])
		}
	}
	s.touch()
	s.mu.Unlock()
	s.host.listed()
	if outcome != "" {
		s.closePrompt(p, outcome)
	}
	return true
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

// promptOn finds an open prompt by its post.
func (s *Session) promptOn(post pipeline.PostID) *prompt {
	own, ours := s.host.ownPost(post)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.prompts {
		if p.post == post || p.post == "" && p.key != "" && ours && own.thread == s.thread && own.key == p.key {
			return p
		}
	}
	return nil
}
