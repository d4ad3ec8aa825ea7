package thread

import (
	"ctpipe/internal/claude"
	"ctpipe/internal/desk"
	"ctpipe/internal/display"
	"ctpipe/internal/mattermost"
	"ctpipe/pipeline"
	"time"
)

// Ask puts a prompt before people. It reports false where there is nobody left
// to ask for: the session has ended, or Claude does not wait any more.
func (t *Thread) Ask(p *desk.Prompt) (open bool) {
	base := t.Approval()
	t.Lock()
	s := t.session
	switch {
	case p.Pending:
		open = !t.conf.Host.Stopping()
	case s == nil || s.OverLocked():
	default:
		open = !p.HoldsClaude() || s.WaitsLocked(p.Call.Request)
	}
	if open {
		t.ApplyLocked(t.Desk.Open(p, base, t.now()))
	}
	t.Unlock()
	if open {
		t.conf.Host.Listed()
	}
	if open && p.HoldsClaude() {
		s.Working(false)
	}
	return open
}

// Prompt is a copy of an open prompt.
func (t *Thread) Prompt(id string) (p desk.Prompt, open bool) {
	t.Lock()
	defer t.Unlock()
	if found := t.Desk.Get(id); found != nil {
		return *found, true
	}
	return p, false
}

// PromptOn is a copy of the open prompt whose card is a post.
func (t *Thread) PromptOn(post pipeline.PostID) (p desk.Prompt, open bool) {
	key := t.conf.Host.KeyOf(t.ID, post)
	t.Lock()
	defer t.Unlock()
	if found := t.Desk.On(post, key); found != nil {
		return *found, true
	}
	return p, false
}

// Prompts are copies of the open prompts of a sort.
func (t *Thread) Prompts(sort func(*desk.Prompt) bool) (all []desk.Prompt) {
	t.Lock()
	defer t.Unlock()
	for _, p := range t.Desk.Prompts() {
		if sort(p) {
			all = append(all, *p)
		}
	}
	return all
}

// Shown is a copy of the prompt of a kind whose card the thread had when
// something was written, in milliseconds of the server's clock: what was written
// before anybody saw the question is no answer to it, however late it is handled.
func (t *Thread) Shown(kind desk.Kind, written int64) (p desk.Prompt, open bool) {
	t.Lock()
	defer t.Unlock()
	if found := t.Desk.First(kind); found != nil && t.Out.Stood(found.Key, written) {
		return *found, true
	}
	return p, false
}

// Finish ends a prompt, once: it reports false if somebody was faster.
func (t *Thread) Finish(id, outcome string) bool {
	base := t.Approval()
	t.Lock()
	_, done, ok := t.Desk.Finish(id, outcome, base, t.now())
	t.ApplyLocked(done)
	if ok && t.session != nil {
		t.session.TouchedLocked()
	}
	t.Unlock()
	if ok {
		t.conf.Host.Listed()
	}
	return ok
}

// refreshCard writes the votes and the time left into an open card.
func (t answering) refreshCard(id string) {
	base := t.Approval()
	t.Lock()
	defer t.Unlock()
	t.Out.Apply(t.Desk.Refresh(id, base, t.now())...)
}

// VoidLocked ends all prompts of a sort, since nobody waits for them any more.
func (t *Thread) VoidLocked(sort func(*desk.Prompt) bool, outcome string) {
	t.ApplyLocked(t.Desk.Void(sort, outcome, t.now()))
}

// OfSession are the prompts that end with the session: those of a start that
// waits do not.
func OfSession(p *desk.Prompt) bool { return !p.Pending }

// unposted denies what nobody can be asked for.
func (t answering) unposted(id string, err error) {
	p, _ := t.Prompt(id)
	if p.Choice != nil {
		t.lapse(p)
		return
	}
	if !t.Finish(id, "") {
		return
	}
	t.log.Error("nobody can be asked", "kind", p.Kind, "card", id, "err", err)
	if p.HoldsClaude() {
		t.answerClaude(p, claude.AskAnswer{Message: "people could not be asked, since the chat refuses the card; do something else or stop"})
		return
	}
	t.settled()
}

// expire refuses what nobody answered; it is never an allowance. Claude, or who
// wanted it, is told.
func (t answering) expire(id string) {
	p, open := t.Prompt(id)
	switch {
	case !open:
		return
	case p.Choice != nil:
		t.lapse(p)
		return
	}
	if !t.Finish(id, "⏱️ **Timed out** - "+timedOut[p.Kind]) {
		return
	}
	t.log.Info("nobody answered", "kind", p.Kind, "card", id)
	ttl := display.Spoken(p.TTL)
	switch {
	case p.HoldsClaude():
		if s := t.Session(); s != nil {
			s.Refused(p.Call.ID, "ctpipe", "nobody answered in "+ttl)
		}
		t.answerClaude(p, claude.AskAnswer{Message: "nobody answered in " + ttl + "; do something else or stop"})
	case p.Kind == desk.Share:
	default:
		t.tellAuthor(p, "⏱️ nobody answered in "+ttl+"; "+refusedWord[p.Kind])
	}
	t.settled()
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
func (t answering) settled() { t.conf.Host.Settled(t.Thread) }

// CardTampered makes an open card anew that somebody else has edited.
func (t *Thread) CardTampered(post mattermost.Post) {
	key := t.conf.Host.KeyOf(t.ID, pipeline.PostID(post.ID))
	p, open := t.PromptOn(pipeline.PostID(post.ID))
	if key == "" || !open {
		return
	}
	tampered, busy := t.Out.Altered(key, pipeline.PostID(post.ID), post.Message)
	if busy { // it may be an edit of ours
		t.conf.Clock.AfterFunc(tamperedWait, func() {
			defer t.Contain("an edited card", func() {})
			t.CardTampered(post)
		})
	}
	if !tampered {
		return
	}
	t.log.Warn("a card was edited by somebody else; its approvals are void", "card", p.ID, "post", post.ID)
	base := t.Approval()
	t.Lock()
	defer t.Unlock()
	t.Out.Apply(t.Desk.Tampered(p.ID, base, t.now())...)
}

// CardDeleted makes the card of an open prompt again, without the approvals that
// stood under the old one. A late click on the old one is for nothing.
func (t *Thread) CardDeleted(post pipeline.PostID) {
	key := t.conf.Host.KeyOf(t.ID, post)
	p, open := t.PromptOn(post)
	if key == "" || !open {
		return
	}
	t.conf.Host.ForgetPost(post)
	base := t.Approval()
	t.Lock()
	t.Out.Apply(t.Desk.Deleted(p.ID, base, t.now())...)
	t.Unlock()
	t.Out.Gone(key, post)
}

// AnyPrompt is every prompt.
func AnyPrompt(*desk.Prompt) bool { return true }

// tamperedWait is when an edit of a card is looked at again that may be one of ours.
const tamperedWait = time.Second
