package session

import (
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"ctpipe/internal/claude"
	"ctpipe/pipeline"
)

// The states of a session.
const (
	starting = "starting" // Claude's process is being started
	idle     = "idle"     // Claude waits for a message
	running  = "running"  // a turn runs
	waiting  = "waiting"  // a card waits for people
	paused   = "paused"   // no process; the next message resumes it
	ended    = "ended"    // for good
)

// wroteMost is how many written paths a session remembers.
const wroteMost = 256

// Session is one thread's session: Claude's process, the open prompts, and
// what of Claude's words the thread has. All methods are safe for concurrent
// use; the lock is held for moments, never over I/O.
type Session struct {
	host    *Host
	id      pipeline.SessionID
	root    pipeline.PostID
	thread  pipeline.ThreadID
	log     *slog.Logger
	out     *Outbox
	ledger  *claude.Ledger
	created time.Time

	mu         sync.Mutex
	state      string
	owner      pipeline.UserID
	invited    map[pipeline.UserID]bool
	dir        string
	model      string // as asked for
	runs       string // the model that runs, as Claude says
	mode       pipeline.Mode
	claudeID   string // Claude's session id, for --resume
	turns      int
	cost       float64 // US dollars
	active     time.Time
	agent      Agent
	generation int // of agents; what an older one says is not heard (RACE-04)
	queue      []claude.UserMessage
	requesters []pipeline.UserID
	tasks      int // background tasks that still run
	grants     []Grant
	wrote      []string
	busy       map[pipeline.ToolID]bool // calls that are no reading, from their judgement to their result
	judged     map[uint64]*pipeline.Run // what door one found, by arrival
	calls      map[pipeline.ToolID]*toolLine
	prompts    []*prompt
	prompted   int // counts prompts, for keys
	stream     stream
	pages      pages
	dirty      []piece // what the thread does not have yet, one per block
	latched    map[string]bool
	flushing   bool
	flushed    time.Time
	before     string // the end of what was shown, for the next block's event
	typing     Timer
}

// Grant lifts the default ask for one session (✅).
type Grant struct {
	ID    string
	By    pipeline.UserID
	Since time.Time
}

func newSession(h *Host, root pipeline.PostID, id pipeline.SessionID) *Session {
	thread := h.threadID(root)
	s := &Session{host: h, id: id, root: root, thread: thread, out: h.outbox(root),
		log: h.Log.With("session", id, "thread", thread), ledger: claude.NewLedger(),
		created: h.Clock.Now(), active: h.Clock.Now(), state: starting,
		invited: map[pipeline.UserID]bool{}, busy: map[pipeline.ToolID]bool{}, judged: map[uint64]*pipeline.Run{},
		calls: map[pipeline.ToolID]*toolLine{}, latched: map[string]bool{}}
	s.pages = pages{out: s.out, limit: h.MaxRunes}
	return s
}

// describe fills the session facts of an event.
func (s *Session) describe(ev *pipeline.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	grants := make([]string, 0, len(s.grants))
	for _, g := range s.grants {
		grants = append(grants, g.ID)
	}
	ev.Session = pipeline.Session{ID: s.id, State: s.state, Owner: s.owner, Mode: s.mode, Model: s.model,
		Dir: s.dir, Trigger: "human", Turns: s.turns, Cost: s.cost,
		Idle:   int64(s.host.Clock.Now().Sub(s.active) / time.Second),
		Grants: grants, Wrote: slices.Clone(s.wrote)}
	if s.runs != "" {
		ev.Session.Model = s.runs
	}
}

// standing says what somebody is in this session.
func (s *Session) standing(id pipeline.UserID) (owner, invited bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.owner == id, s.invited[id]
}

// touch notes that something happened; the lock is held.
func (s *Session) touch() { s.active = s.host.Clock.Now() }

// settleState derives the state from what is going on; the lock is held.
func (s *Session) settleState(turn bool) {
	switch {
	case s.state == ended || s.state == paused:
	case len(s.prompts) > 0:
		s.state = waiting
	case turn:
		s.state = running
	default:
		s.state = idle
	}
}

// notice writes a line of ctpipe's own into the thread.
func (s *Session) notice(text string) {
	s.mu.Lock()
	s.pages.seal()
	s.mu.Unlock()
	s.out.notice(fmt.Sprintf("say %d", s.out.serial()), s.host.clean(text))
}
