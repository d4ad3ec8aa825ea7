package session

import (
	"context"
	"fmt"
	"slices"
	"time"

	"ctpipe/internal/claude"
	"ctpipe/internal/mattermost"
	"ctpipe/pipeline"
	"ctpipe/stages"
)

// prompt is something that waits for people: a card with its post. One answer
// ends it, and only once.
type prompt struct {
	kind    string // tool, question, plan, message
	key     string // of its post
	post    pipeline.PostID
	asked   time.Time
	ttl     time.Duration
	timer   Timer
	call    claude.AskCall // tool, question, plan
	run     *pipeline.Run  // what was judged
	asks    []pipeline.Vote
	approve []pipeline.UserID // who approved so far, in order
	message pipeline.Prompt   // message
	answers answers           // question
	done    bool
}

// openTool puts a call before people: as a card, a question or a plan.
func (s *Session) openTool(ctx context.Context, c claude.AskCall, run *pipeline.Run, asks []pipeline.Vote) {
	p := &prompt{kind: "tool", call: c, run: run, asks: asks}
	switch c.ToolName {
	case "AskUserQuestion":
		p.kind, p.answers = "question", readQuestions(c.Fields)
		if len(p.answers.questions) == 0 {
			s.answerAsk(c.RequestID, claude.AskAnswer{Message: "the question has no options to choose from; ask in plain text instead"})
			return
		}
	case "ExitPlanMode":
		p.kind = "plan"
	}
	s.open(p)
}

// openMessage puts a stranger's message before those who may let it in.
func (s *Session) openMessage(m pipeline.Prompt, asks []pipeline.Vote) {
	s.open(&prompt{kind: "message", message: m, asks: asks})
}

// open posts the card of a prompt and starts its time limit.
func (s *Session) open(p *prompt) {
	base := s.host.settings().Approval
	s.mu.Lock()
	s.prompted++
	p.key, p.asked, p.ttl = fmt.Sprintf("card %d.%d", s.generation, s.prompted), s.host.Clock.Now(), pipeline.Deadline(p.asks, base)
	s.prompts = append(s.prompts, p)
	s.pages.seal()
	s.settleState(true)
	if p.ttl > 0 {
		p.timer = s.host.Clock.AfterFunc(p.ttl, func() { s.lanes("", func(context.Context) { s.expire(p) }) })
	}
	d := Draft{Text: s.cardText(p, base), Props: props("card"), Seeds: p.seeds(base)}
	s.mu.Unlock()
	s.stopTyping()
	d.Text = s.host.clean(d.Text)
	s.out.Put(p.key, d, func(id pipeline.PostID, early []mattermost.Reaction) {
		s.mu.Lock()
		p.post = id
		s.mu.Unlock()
		for _, r := range early {
			s.host.receiveReaction(r, true)
		}
	})
}

// promptKind is the kind of the open prompt with this post.
func (s *Session) promptKind(post pipeline.PostID) string {
	if p := s.promptOn(post); p != nil {
		return p.kind
	}
	return ""
}

// promptOn finds an open prompt by its post. The post's id may arrive with a
// reaction before the server has answered that the post was made; then the
// outbox knows the key already.
func (s *Session) promptOn(post pipeline.PostID) *prompt {
	own, ours := s.host.ownPost(post)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.prompts {
		if p.post == post || ours && own.key == p.key {
			return p
		}
	}
	return nil
}

// count brings a reaction that counts to the prompt it was made on.
func (s *Session) count(ctx context.Context, e pipeline.Count) {
	p := s.promptOn(e.Post)
	if p == nil {
		return
	}
	switch p.kind {
	case "question":
		s.answerQuestion(p, e)
	case "plan":
		s.answerPlan(p, e)
	case "message":
		s.answerMessage(p, e)
	default:
		s.vote(ctx, p, e)
	}
}

// vote counts an answer on a tool's card, if it is one of an approver. An
// approval that is taken back is gone (A6).
func (s *Session) vote(ctx context.Context, p *prompt, e pipeline.Count) {
	base := s.host.settings().Approval
	requesters := p.run.Event.Tool.Requesters
	approval := e.Meaning == "approve" || e.Meaning == "allow_all"
	if !approval && e.Meaning != "deny" {
		return
	}
	if !pipeline.MayAnswer(p.asks, base, e.User, requesters) {
		s.log.Info("a vote does not count", "user", e.User.ID, "post", e.Post, "meaning", e.Meaning)
		return
	}
	switch {
	case !e.Added && approval:
		s.mu.Lock()
		p.approve = slices.DeleteFunc(p.approve, func(id pipeline.UserID) bool { return id == e.User.ID })
		s.mu.Unlock()
		s.refreshCard(p)
		return
	case !e.Added:
		return
	case e.Meaning == "deny":
		if s.finish(p, "❌ **Denied** by "+s.who(e.User)) {
			s.deny(p, "@"+e.User.Name+" denied this. Ask what they want instead, or choose another way.")
		}
		return
	}
	s.mu.Lock()
	if !slices.Contains(p.approve, e.User.ID) {
		p.approve = append(p.approve, e.User.ID)
	}
	s.mu.Unlock()
	s.approved(ctx, p, e)
}

// approved looks whether the approvals so far are enough. The call is then
// judged again under the rules in force now: a denial wins, and what is no
// longer what was shown needs a new card (A1, SEC-16).
func (s *Session) approved(ctx context.Context, p *prompt, e pipeline.Count) {
	base := s.host.settings().Approval
	people := s.approvers(ctx, p)
	if len(pipeline.Unmet(p.asks, base, people, p.run.Event.Tool.Requesters)) > 0 {
		s.refreshCard(p)
		return
	}
	again := s.judgeAsk(ctx, p.call)
	verdict, top := again.Verdict()
	switch {
	case verdict == pipeline.Deny:
		if s.finish(p, "🚫 **Denied** by "+stages.Names(top)+", which is in force now"+reasonSuffix(stages.Reasons(top))) {
			s.deny(p, stages.Reasons(top))
		}
		return
	case !sameFacts(p.run.Event, again.Event):
		if s.finish(p, "♻️ *What this call would do has changed since it was shown; it is asked again*") {
			s.openTool(ctx, p.call, again, asksOf(again, p.call))
		}
		return
	}
	asks := asksOf(again, p.call)
	if len(pipeline.Unmet(asks, base, people, again.Event.Tool.Requesters)) > 0 {
		s.mu.Lock()
		p.run, p.asks = again, asks
		s.mu.Unlock()
		s.refreshCard(p)
		return
	}
	s.allow(p, again, e, people)
}

// allow answers the call with the very input that was judged.
func (s *Session) allow(p *prompt, run *pipeline.Run, e pipeline.Count, people []pipeline.User) {
	granted := e.Meaning == "allow_all" && grantable(p.asks)
	word := "✅ **Allowed** by "
	if granted {
		word = "✅ **Allowed all** by "
	}
	if !s.finish(p, word+s.names(people)) {
		return
	}
	s.mu.Lock()
	if granted {
		s.grants = append(s.grants, Grant{ID: fmt.Sprintf("g%d", len(s.grants)+1), By: e.User.ID, Since: s.host.Clock.Now()})
	}
	s.willWrite(run.Event)
	s.mu.Unlock()
	s.log.Info("tool call allowed", "tool_use", p.call.ToolUseID, "user", e.User.ID, "post", p.post, "grant", granted)
	s.answerAsk(p.call.RequestID, claude.AskAnswer{Allow: true, UpdatedInput: p.call.Input})
	s.startTyping()
}

// grantable reports an ask whose only cause is the default: nothing else can
// be lifted by a grant (A11).
func grantable(asks []pipeline.Vote) bool {
	return len(asks) == 1 && asks[0].Source == pipeline.SourceDefault
}

func (s *Session) deny(p *prompt, why string) {
	s.log.Info("tool call denied", "tool_use", p.call.ToolUseID, "post", p.post, "why", why)
	s.answerAsk(p.call.RequestID, claude.AskAnswer{Message: why})
	s.startTyping()
}

// approvers are the people who approved, with the rights they have now (I7).
func (s *Session) approvers(ctx context.Context, p *prompt) []pipeline.User {
	s.mu.Lock()
	ids := slices.Clone(p.approve)
	s.mu.Unlock()
	users := make([]pipeline.User, 0, len(ids))
	for _, id := range ids {
		if u, err := s.host.person(ctx, id, s, decisionFor); err == nil {
			users = append(users, u)
		} else {
			s.log.Warn("an approver cannot be looked up; the approval does not count", "user", id, "err", err)
		}
	}
	return users
}

// finish ends a prompt, once: it reports false if somebody was faster.
func (s *Session) finish(p *prompt, outcome string) bool {
	s.mu.Lock()
	at := slices.Index(s.prompts, p)
	if at < 0 || p.done {
		s.mu.Unlock()
		return false
	}
	p.done = true
	s.prompts = slices.Delete(s.prompts, at, at+1)
	if p.timer != nil {
		p.timer.Stop()
	}
	s.touch()
	s.settleState(true)
	s.mu.Unlock()
	s.closePrompt(p, outcome)
	return true
}

// closePrompt writes into the card how it ended.
func (s *Session) closePrompt(p *prompt, outcome string) {
	s.mu.Lock()
	text := s.closedText(p, outcome)
	s.mu.Unlock()
	s.out.Put(p.key, Draft{Text: s.host.clean(text)}, nil)
	s.out.Seal(p.key)
}

// expire denies what nobody answered; it is never an allowance (A10).
func (s *Session) expire(p *prompt) {
	if !s.finish(p, "⏱️ **Timed out** - permission denied") || p.kind == "message" {
		return
	}
	s.answerAsk(p.call.RequestID, claude.AskAnswer{
		Message: "nobody answered in " + spoken(p.ttl) + "; do something else or stop"})
}

// withdrawn ends a prompt whose call Claude no longer waits for.
func (s *Session) withdrawn(requestID string) {
	s.mu.Lock()
	var open *prompt
	for _, p := range s.prompts {
		if p.call.RequestID == requestID {
			open = p
		}
	}
	s.mu.Unlock()
	if open != nil {
		s.finish(open, "↩️ *Claude withdrew this*")
	}
}
