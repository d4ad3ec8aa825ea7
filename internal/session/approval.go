package session

import (
	"context"
	"errors"
	"slices"

	"ctpipe/internal/mattermost"
	"ctpipe/pipeline"
	"ctpipe/stages"
)

// vote is what somebody says about a prompt, by a reaction, by !approve or
// !deny, or by words. The reaction rules have said that theirs count.
type vote struct {
	by      pipeline.User
	meaning string // as a reaction's
	added   bool   // false: taken back
	words   string // of !deny: the reason; of an answer: the answer
	edit    *edit  // of !approve: what is to run instead
}

func (v vote) approves() bool { return v.meaning == "approve" || v.meaning == "allow_all" }

// count brings a reaction that counts to the prompt it was made on.
func (h *Host) count(ctx context.Context, s *Session, root pipeline.PostID, e pipeline.Count) {
	holder, p := h.promptAt(s, root, e.Post)
	v := vote{by: e.User, meaning: e.Meaning, added: e.Added}
	switch {
	case p != nil:
		holder.answer(ctx, p, v)
	case s != nil && e.Meaning == "resume" && e.Added:
		s.resume(e.User)
	case s != nil && e.Meaning == "fold":
		s.toggleList(e.Post)
	default:
		h.late(root, e)
	}
}

// promptAt finds the open prompt with this post, and what holds it: the
// thread's session, or what the thread keeps while it has none.
func (h *Host) promptAt(s *Session, root, post pipeline.PostID) (*Session, *prompt) {
	for _, holder := range []*Session{s, h.parkedIn(h.threadID(root))} {
		if holder == nil {
			continue
		}
		if p := holder.promptOn(post); p != nil {
			return holder, p
		}
	}
	return nil, nil
}

// answer is the one way to a decision, for every kind of prompt and however
// somebody says it.
func (s *Session) answer(ctx context.Context, p *prompt, v vote) {
	switch {
	case p.choice != nil:
		p.choice.take(s, p, v)
	case !s.mayAnswer(p, v.by):
		if v.added || !v.approves() {
			s.log.Info("a vote does not count", "user", v.by.ID, "card", p.id, "kind", p.kind, "meaning", v.meaning)
			return
		}
		s.takeBack(p, v.by.ID) // what somebody said before they lost the right
	case !v.added && v.approves() && p.kind != "question":
		s.takeBack(p, v.by.ID)
	case v.added && v.meaning == "deny" && (p.kind != "question" || v.words != ""):
		s.deny(p, v)
	case p.kind == "question":
		s.answerQuestion(p, v)
	case v.added && v.approves():
		s.mu.Lock()
		if !slices.Contains(p.approve, v.by.ID) {
			p.approve = append(p.approve, v.by.ID)
		}
		if v.meaning == "allow_all" && !slices.Contains(p.forAll, v.by.ID) {
			p.forAll = append(p.forAll, v.by.ID)
		}
		s.mu.Unlock()
		s.decide(ctx, p, v)
	}
}

// mayAnswer reports whether the asks of a prompt admit somebody. A plan or a
// question that no rule or hook asked for goes to people anyway: then the
// reaction rules alone say to whom.
func (s *Session) mayAnswer(p *prompt, u pipeline.User) bool {
	s.mu.Lock()
	asks, requesters := p.counted(p.asks), p.requesters()
	s.mu.Unlock()
	if p.kind == "plan" || p.kind == "question" {
		if len(asks) == 0 {
			return u.ID != "" && !u.Bot && u.Active
		}
	}
	return pipeline.MayAnswer(asks, s.host.settings().Approval, u, requesters)
}

// counted are the asks that say who answers.
func (p *prompt) counted(asks []pipeline.Vote) []pipeline.Vote {
	if p.kind == "plan" || p.kind == "question" {
		return ruled(asks)
	}
	return asks
}

// takeBack is an approval that is gone (A6).
func (s *Session) takeBack(p *prompt, id pipeline.UserID) {
	s.unvote(p, id)
	s.refreshCard(p)
}

// decide looks whether the approvals so far are enough. If so, what was asked
// is judged again under the rules in force now: a denial wins, what is no longer
// what was shown needs a new card (A1, SEC-16), and what asks more waits on.
func (s *Session) decide(ctx context.Context, p *prompt, v vote) {
	people := s.approvers(ctx, p)
	s.mu.Lock()
	asks := p.asks
	s.mu.Unlock()
	if !s.met(p, asks, people) {
		s.refreshCard(p)
		return
	}
	if p.kind == "share" {
		s.share(p, people)
		return
	}
	run := s.reconsider(ctx, p, people)
	verdict, top := run.Verdict()
	switch {
	case verdict == pipeline.Deny:
		s.deniedNow(p, top)
	case p.holdsClaude() && s.drifted(p, run):
		if s.finish(p, "♻️ *What this call would do has changed since it was shown; it is asked again*") {
			s.rejudged(p.open, run)
			s.openTool(p.call, p.open, asksOf(p.open, p.call))
		}
	case !s.met(p, s.asksNow(p, run), people):
		s.asksMore(p, run)
	case p.event != nil && run.Text() != p.text:
		s.asksAnew(p, run)
	default:
		s.pass(ctx, p, run, v, people)
	}
}

// met reports whether people satisfy asks.
func (s *Session) met(p *prompt, asks []pipeline.Vote, people []pipeline.User) bool {
	if len(people) == 0 {
		return false
	}
	return len(pipeline.Unmet(p.counted(asks), s.host.settings().Approval, people, p.requesters())) == 0
}

// reconsider judges once more what a prompt asks about, with facts gathered
// anew and with what people have said.
func (s *Session) reconsider(ctx context.Context, p *prompt, people []pipeline.User) *pipeline.Run {
	ev := s.eventAgain(ctx, p)
	return s.host.Engine.Reconsider(ctx, ev, func(r *pipeline.Run, _ []pipeline.Vote) bool {
		return s.met(p, s.asksNow(p, r), people)
	})
}

// eventAgain is the event of a prompt as it would happen now.
func (s *Session) eventAgain(ctx context.Context, p *prompt) *pipeline.Event {
	if p.holdsClaude() {
		return s.askEvent(ctx, p.call, p.open)
	}
	ev := s.host.event(p.event.Kind, s.root)
	ev.Post, ev.Start, ev.Command = p.event.Post, p.event.Start, p.event.Command
	var err error
	if ev.User, err = s.host.person(ctx, p.event.User.ID, s.host.session(s.thread), decisionFor); err != nil {
		s.log.Warn("nobody can say who wanted this; it is refused", "user", p.event.User.ID, "err", err)
	}
	return ev
}

// asksNow are the asks of a run that people have to satisfy.
func (s *Session) asksNow(p *prompt, run *pipeline.Run) []pipeline.Vote {
	if p.holdsClaude() {
		again := *p.open
		again.run = run
		return asksOf(&again, p.call)
	}
	verdict, top := run.Verdict()
	if verdict != pipeline.Ask {
		return nil
	}
	return top
}

// asksMore keeps a card open because the rules in force now ask for more.
func (s *Session) asksMore(p *prompt, run *pipeline.Run) {
	asks := s.asksNow(p, run)
	if p.holdsClaude() {
		s.rejudged(p.open, run)
	}
	s.mu.Lock()
	p.asks = asks
	s.mu.Unlock()
	s.refreshCard(p)
}

// asksAnew asks about a message or start that the hooks in force now make
// another one: nobody approved that.
func (s *Session) asksAnew(p *prompt, run *pipeline.Run) {
	if !s.finish(p, "♻️ *Hooks have changed this since it was shown; it is asked again*") {
		return
	}
	_, asks := run.Verdict()
	s.openPrompt(&prompt{kind: p.kind, event: p.event, text: run.Text(), asks: asks})
	s.host.keep(s)
}

// pass lets happen what was asked.
func (s *Session) pass(ctx context.Context, p *prompt, run *pipeline.Run, v vote, people []pipeline.User) {
	switch p.kind {
	case "tool":
		s.allow(p, run, v, people)
	case "plan":
		s.begin(p, run, v)
	default:
		s.admit(ctx, p, run, v, people)
	}
}

// deniedNow ends a prompt that the rules in force now deny.
func (s *Session) deniedNow(p *prompt, top []pipeline.Vote) {
	by, why := stages.Names(top), stages.Reasons(top)
	if !s.finish(p, "🚫 **Denied** by "+by+", which is in force now"+reasonSuffix(why)) {
		return
	}
	if p.holdsClaude() {
		s.toldNo(p, by, why)
		return
	}
	s.tellAuthor(p, "⛔ "+refusedWord[p.kind]+reasonSuffix(why))
	s.host.dropped(s)
}

// approvers are the people who approved, with the rights they have now: who
// left the channel, or cannot be looked up, does not count (I7).
func (s *Session) approvers(ctx context.Context, p *prompt) []pipeline.User {
	s.mu.Lock()
	ids := slices.Clone(p.approve)
	s.mu.Unlock()
	users := make([]pipeline.User, 0, len(ids))
	for _, id := range ids {
		u, err := s.host.person(ctx, id, s.standsIn(), 0)
		if err == nil {
			err = s.host.member(ctx, id)
		}
		if err == nil {
			users = append(users, u)
			continue
		}
		s.log.Warn("an approval does not count", "user", id, "err", err)
		if errors.Is(err, mattermost.ErrNotFound) {
			s.unvote(p, id)
		}
	}
	return users
}

// standsIn is the session in which people are owner or invited.
func (s *Session) standsIn() *Session {
	if live := s.host.session(s.thread); live != nil {
		return live
	}
	return s
}

// unvote takes somebody's approval off a card.
func (s *Session) unvote(p *prompt, id pipeline.UserID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p.approve = slices.DeleteFunc(p.approve, func(known pipeline.UserID) bool { return known == id })
	p.forAll = slices.DeleteFunc(p.forAll, func(known pipeline.UserID) bool { return known == id })
}

// allForAll reports that enough of those who approved said ✅: where it takes two
// to let something pass once, it takes two to let more pass.
func (s *Session) allForAll(p *prompt, asks []pipeline.Vote, people []pipeline.User) bool {
	s.mu.Lock()
	said := slices.DeleteFunc(slices.Clone(people), func(u pipeline.User) bool { return !slices.Contains(p.forAll, u.ID) })
	s.mu.Unlock()
	return s.met(p, asks, said)
}

// left takes all approvals of somebody back who is not in the channel any more.
func (s *Session) left(id pipeline.UserID) {
	s.mu.Lock()
	prompts := slices.Clone(s.prompts)
	s.mu.Unlock()
	for _, p := range prompts {
		if p.kind != "question" {
			s.takeBack(p, id)
		}
	}
}
