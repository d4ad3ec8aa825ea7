package session

import (
	"ctpipe/internal/claude"
	"ctpipe/internal/desk"
	"ctpipe/internal/display"
	"ctpipe/internal/mattermost"
	"ctpipe/internal/process"
	"ctpipe/pipeline"
)

// ask puts a prompt before people. It reports false where there is nobody left
// to ask for: the session has ended, or Claude does not wait any more.
func (t *thread) ask(p *desk.Prompt) (open bool) {
	base := t.approval()
	t.mu.Lock()
	s := t.session
	switch {
	case p.Pending:
		open = !t.host.stopping.Load()
	case s == nil || s.process.Phase == process.Ended:
	default:
		open = !p.HoldsClaude() || s.gate.Waits(p.Call.Request)
	}
	if open {
		t.applyLocked(t.desk.Open(p, base, t.host.Clock.Now()))
	}
	t.mu.Unlock()
	if open {
		t.host.listed()
	}
	if open && p.HoldsClaude() {
		s.stopTyping()
	}
	return open
}

// prompt is a copy of an open prompt.
func (t *thread) prompt(id string) (p desk.Prompt, open bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if found := t.desk.Get(id); found != nil {
		return *found, true
	}
	return p, false
}

// promptOn is a copy of the open prompt whose card is a post.
func (t *thread) promptOn(post pipeline.PostID) (p desk.Prompt, open bool) {
	own, known := t.host.ownPost(post)
	if !known || own.thread != t.id {
		own.key = ""
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if found := t.desk.On(post, own.key); found != nil {
		return *found, true
	}
	return p, false
}

// prompts are copies of the open prompts of a sort.
func (t *thread) prompts(sort func(*desk.Prompt) bool) (all []desk.Prompt) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, p := range t.desk.Prompts() {
		if sort(p) {
			all = append(all, *p)
		}
	}
	return all
}

// shown is a copy of the prompt of a kind whose card the thread has: what was
// written before anybody saw the question is no answer to it.
func (t *thread) shown(kind desk.Kind) (p desk.Prompt, open bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if found := t.desk.First(kind); found != nil && t.out.PostOf(found.Key) != "" {
		return *found, true
	}
	return p, false
}

// finish ends a prompt, once: it reports false if somebody was faster.
func (t *thread) finish(id, outcome string) bool {
	base := t.approval()
	t.mu.Lock()
	_, done, ok := t.desk.Finish(id, outcome, base, t.host.Clock.Now())
	t.applyLocked(done)
	if ok && t.session != nil {
		t.session.touchLocked()
	}
	t.mu.Unlock()
	if ok {
		t.host.listed()
	}
	return ok
}

// refreshCard writes the votes and the time left into an open card.
func (t *thread) refreshCard(id string) {
	base := t.approval()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.out.Apply(t.desk.Refresh(id, base, t.host.Clock.Now())...)
}

// void ends all prompts of a sort, since nobody waits for them any more.
func (t *thread) voidLocked(sort func(*desk.Prompt) bool, outcome string) {
	t.applyLocked(t.desk.Void(sort, outcome, t.host.Clock.Now()))
}

func holdsClaude(p *desk.Prompt) bool { return p.HoldsClaude() }

// ofSession are the prompts that end with the session: those of a start that
// waits do not.
func ofSession(p *desk.Prompt) bool { return !p.Pending }

// unposted denies what nobody can be asked for.
func (t *thread) unposted(id string, err error) {
	p, _ := t.prompt(id)
	if p.Choice != nil {
		t.lapse(p)
		return
	}
	if !t.finish(id, "") {
		return
	}
	t.log.Error("nobody can be asked", "kind", p.Kind, "card", id, "err", err)
	if p.HoldsClaude() {
		t.answerClaude(p, claude.AskAnswer{Message: "people could not be asked, since the chat refuses the card; do something else or stop"})
		return
	}
	t.settled(p)
}

// expire refuses what nobody answered; it is never an allowance. Claude, or who
// wanted it, is told.
func (t *thread) expire(id string) {
	p, open := t.prompt(id)
	switch {
	case !open:
		return
	case p.Choice != nil:
		t.lapse(p)
		return
	}
	if !t.finish(id, "⏱️ **Timed out** - "+timedOut[p.Kind]) {
		return
	}
	t.log.Info("nobody answered", "kind", p.Kind, "card", id)
	ttl := display.Spoken(p.TTL)
	switch {
	case p.HoldsClaude():
		if s := t.live(); s != nil {
			s.refused(p.Call.ID, "ctpipe", "nobody answered in "+ttl)
		}
		t.answerClaude(p, claude.AskAnswer{Message: "nobody answered in " + ttl + "; do something else or stop"})
	case p.Kind == desk.Share:
	default:
		t.tellAuthor(p, "⏱️ nobody answered in "+ttl+"; "+refusedWord[p.Kind])
	}
	t.settled(p)
}

// What becomes of a prompt that nobody answers, and of one that is refused.
var (
	timedOut = map[desk.Kind]string{
		desk.Tool:     "permission denied",
		desk.Plan:     "permission denied",
		desk.Question: "nobody answered",
		desk.Message:  "nobody let this message in",
		desk.Start:    "no session is started",
		desk.Command:  "the command is not run",
		desk.Share:    "it stays withheld",
	}
	refusedWord = map[desk.Kind]string{
		desk.Message: "your message is not given to Claude",
		desk.Start:   "no session is started",
		desk.Command: "your command is not run",
	}
)

// settled forgets what is not needed any more once a prompt has ended.
func (t *thread) settled(desk.Prompt) {
	if s := t.live(); s != nil {
		t.host.release(s)
	}
}

// cardTampered makes an open card anew that somebody else has edited.
func (t *thread) cardTampered(post mattermost.Post) {
	own, ok := t.host.ownPost(pipeline.PostID(post.ID))
	p, open := t.promptOn(pipeline.PostID(post.ID))
	if !ok || !open {
		return
	}
	tampered, busy := t.out.Altered(own.key, pipeline.PostID(post.ID), post.Message)
	if busy { // it may be an edit of ours
		t.host.Clock.AfterFunc(tamperedWait, func() {
			defer t.contain("an edited card", func() {})
			t.cardTampered(post)
		})
	}
	if !tampered {
		return
	}
	t.log.Warn("a card was edited by somebody else; its approvals are void", "card", p.ID, "post", post.ID)
	base := t.approval()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.out.Apply(t.desk.Tampered(p.ID, base, t.host.Clock.Now())...)
}

// cardDeleted makes the card of an open prompt again, without the approvals that
// stood under the old one. A late click on the old one is for nothing.
func (t *thread) cardDeleted(post pipeline.PostID) {
	own, ok := t.host.ownPost(post)
	p, open := t.promptOn(post)
	if !ok || !open {
		return
	}
	t.host.forgetPost(post)
	base := t.approval()
	t.mu.Lock()
	t.out.Apply(t.desk.Deleted(p.ID, base, t.host.Clock.Now())...)
	t.mu.Unlock()
	t.out.Gone(own.key, post)
}
