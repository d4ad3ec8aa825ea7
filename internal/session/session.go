package session

import (
	"cmp"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"ctpipe/internal/about"
	"ctpipe/internal/calls"
	"ctpipe/internal/clock"
	"ctpipe/internal/desk"
	"ctpipe/internal/inbox"
	"ctpipe/internal/process"
	"ctpipe/internal/thread"
	"ctpipe/internal/transcript"
	"ctpipe/pipeline"
)

// Session is one thread's session: parts that are plain data, each with one
// subject, and the hands that act on the world for them. The lock of its thread
// owns all of it. Methods that need the lock held end in Locked; all others take
// it themselves, for moments, and are safe for concurrent use.
type Session struct {
	*thread.Thread
	host *Host
	id   pipeline.SessionID
	log  *slog.Logger

	about   about.About     // whose it is, where and how it works
	inbox   inbox.Inbox     // messages on their way to Claude
	calls   calls.Calls     // tool calls that have no result yet
	process process.Process // Claude's process and conversation
	pause   process.Pause   // how long nothing happened

	words *transcript.Transcript // Claude's words on their way to posts

	hands hands
}

// hands are what of a session acts on the world, or waits for it. They are not
// saved.
type hands struct {
	agent  Agent
	gone   <-chan struct{} // closed when the last Claude's process has ended; nil: there was none
	flush  flushing
	idle   clock.Timer // the next look at the idle clock
	typing clock.Timer
	slot   bool         // it counts against max_sessions; the host's lock guards it
	saving bool         // a save is queued and has not begun
	saves  int          // saves that are not written yet
	files  string       // folder of its attachments, "" while there are none
	errors atomic.Int64 // runs in which something could not judge
}

func newSession(h *Host, t *thread.Thread, id pipeline.SessionID) *Session {
	now := h.Clock.Now()
	s := &Session{Thread: t, host: h, id: id, log: h.Log.With("session", id, "thread", t.ID)}
	s.about.Created, s.pause.Active, s.process.Phase = now, now, process.Starting
	s.words = transcript.New(transcript.Config{Prefix: fmt.Sprintf("%s.%d", id, t.Out.Serial()), Runes: h.MaxRunes, Redact: h.clean, Fit: h.fit})
	return s
}

// stateLocked is what the session is doing.
func (s *Session) stateLocked() string {
	return s.process.State(s.Desk.Count((*desk.Prompt).HoldsClaude) > 0)
}

// describe fills the session facts of an event.
func (s *Session) describe(ev *pipeline.Event, set Settings) {
	s.Lock()
	defer s.Unlock()
	all := s.Desk.Grants()
	grants := make([]string, 0, len(all))
	for _, g := range all {
		grants = append(grants, g.ID)
	}
	ev.Session = pipeline.Session{ID: s.id, State: s.stateLocked(), Owner: s.about.Owner, Mode: s.about.ModeUnder(set.Mode),
		Model: cmp.Or(s.process.Model, s.about.Model), Dir: s.about.Dir, Trigger: "human", Turns: s.process.Turns, Cost: s.process.Cost,
		Idle:   int64(s.host.Clock.Now().Sub(s.pause.Active) / time.Second),
		Grants: grants, Wrote: append([]string(nil), s.calls.Wrote...), Tainted: s.calls.Tainted, Files: s.hands.files}
}

// standing says what somebody is in this session.
func (s *Session) standing(id pipeline.UserID) (owner, invited bool) {
	s.Lock()
	defer s.Unlock()
	return s.about.Standing(id)
}

// current is the agent that runs now, nil if none does.
func (s *Session) current() Agent {
	s.Lock()
	defer s.Unlock()
	return s.hands.agent
}

// dir is where the session works.
func (s *Session) dir() string {
	s.Lock()
	defer s.Unlock()
	return s.about.Dir
}

// isOver reports a session that has ended for good.
func (s *Session) isOver() bool {
	s.Lock()
	defer s.Unlock()
	return s.process.Phase == process.Ended
}

// goneLocked forgets everything about a Claude that is gone, and ends the prompts
// that it waited for.
func (s *Session) goneLocked(outcome string) (agent Agent) {
	agent = s.hands.agent
	s.hands.agent = nil
	s.process.Gone()
	s.inbox.Gone()
	s.calls.Gone()
	s.VoidLocked((*desk.Prompt).HoldsClaude, outcome)
	return agent
}

// wordedLocked notes somebody whose words Claude reads though they are no message.
func (s *Session) wordedLocked(u pipeline.User) {
	s.inbox.Worded(u.ID)
	s.calls.Tainted = s.calls.Tainted || !pipeline.TakesPart(u)
}

// willRunLocked remembers what a call that may run from now on does.
func (s *Session) willRunLocked(ev *pipeline.Event) {
	if s.calls.WillRun(ev) {
		s.record().saveLocked()
	}
}
