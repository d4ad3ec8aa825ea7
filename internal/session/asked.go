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

func (a asked) CardShownLocked(p *desk.Prompt) { a.s.noteCardLocked(p) }

func (a asked) TouchedLocked() { a.s.touchLocked() }

func (a asked) WordedLocked(u pipeline.User) { a.s.wordedLocked(u) }

func (a asked) JudgedLocked(arrival uint64, run *pipeline.Run) { a.s.calls.Rejudged(arrival, run) }

func (a asked) ParkLocked(arrival uint64, parked bool) { a.s.calls.Park(arrival, parked) }

func (a asked) RunsLocked(ev *pipeline.Event) { a.s.willRunLocked(ev) }

func (a asked) Standing(id pipeline.UserID) (owner, invited bool) { return a.s.standing(id) }

func (a asked) Posted(key string, post pipeline.PostID) { a.s.listPosted(key, post) }

func (a asked) CallEvent(ctx context.Context, call *desk.Call) *pipeline.Event {
	return a.s.callEvent(ctx, call)
}

func (a asked) Answer(request string, answer claude.AskAnswer) { a.s.answerAsk(request, answer) }

func (a asked) Refused(id pipeline.ToolID, by, why string) { a.s.refused(id, by, why) }

func (a asked) Working(on bool) {
	if on {
		a.s.startTyping()
	} else {
		a.s.stopTyping()
	}
}

func (a asked) Granted() { a.s.refreshHeader() }

func (a asked) Invite(id, by pipeline.UserID) { a.s.invite(id, by) }

func (a asked) ShowHeld(ctx context.Context, block string) { a.s.showHeld(ctx, block) }

func (a asked) ContextChosen(message string, earlier []desk.Earlier) { a.s.chosen(message, earlier) }

func (a asked) WorkOn(branch string) { a.s.branchFirst(branch) }

func (a asked) WorkIn(dir string) {
	if a.s.startsIn(dir) {
		a.s.spawn(false)
	}
}

func (a asked) NowhereToWork(err error) { a.s.noWorkdir(err) }
