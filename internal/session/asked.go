package session

import (
	"context"

	"ctpipe/internal/claude"
	"ctpipe/internal/desk"
	"ctpipe/internal/process"
	"ctpipe/internal/thread"
	"ctpipe/pipeline"
)

// asked is a session as its thread sees it, which asks people for it.
type asked struct{ s *Session }

var _ thread.Session = asked{}

// sessionInLocked is the session of a thread that is in memory, nil if none is. The
// thread's lock is held, or the host's: a session comes and goes under both.
func sessionInLocked(t *thread.Thread) *Session {
	if a, ok := t.SessionLocked().(asked); ok {
		return a.s
	}
	return nil
}

// sessionIn is sessionInLocked where the lock is not held.
func sessionIn(t *thread.Thread) *Session {
	t.Lock()
	defer t.Unlock()
	return sessionInLocked(t)
}

func (a asked) OverLocked() bool { return a.s.process.Phase == process.Ended }

func (a asked) WaitsLocked(request string) bool { return a.s.calls.Waits(request) }

func (a asked) SealLocked() { a.s.words.Seal() }

func (a asked) CardShownLocked(p *desk.Prompt) { a.s.speech().noteCardLocked(p) }

func (a asked) TouchedLocked() { a.s.touchLocked() }

func (a asked) WordedLocked(u pipeline.User) { a.s.wordedLocked(u) }

func (a asked) JudgedLocked(arrival uint64, run *pipeline.Run) { a.s.calls.Rejudged(arrival, run) }

func (a asked) ParkLocked(arrival uint64, parked bool) { a.s.calls.Park(arrival, parked) }

func (a asked) RunsLocked(ev *pipeline.Event) { a.s.willRunLocked(ev) }

func (a asked) Standing(id pipeline.UserID) (owner, invited bool) { return a.s.standing(id) }

func (a asked) Posted(key string, post pipeline.PostID) { a.s.speech().listPosted(key, post) }

func (a asked) CallEvent(ctx context.Context, call *desk.Call) *pipeline.Event {
	return a.s.gatekeeper().callEvent(ctx, call)
}

func (a asked) Answer(request string, answer claude.AskAnswer) {
	a.s.gatekeeper().answerAsk(request, answer)
}

func (a asked) Refused(id pipeline.ToolID, by, why string) { a.s.speech().refused(id, by, why) }

func (a asked) Working(on bool) {
	if on {
		a.s.speech().startTyping()
	} else {
		a.s.speech().stopTyping()
	}
}

func (a asked) Granted() { a.s.headline().refreshHeader() }

func (a asked) Invite(id, by pipeline.UserID) { a.s.invite(id, by) }

func (a asked) ShowHeld(ctx context.Context, block string) { a.s.speech().showHeld(ctx, block) }

func (a asked) ContextChosen(message string, earlier []desk.Earlier) {
	a.s.mail().chosen(message, earlier)
}

func (a asked) WorkOn(branch string) { a.s.launcher().branchFirst(branch) }

func (a asked) WorkIn(dir string) {
	if a.s.launcher().startsIn(dir) {
		a.s.launcher().spawn(false)
	}
}

func (a asked) NowhereToWork(err error) { a.s.launcher().noWorkdir(err) }
