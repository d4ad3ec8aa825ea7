package session

import (
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"ctpipe/internal/claude"
	"ctpipe/internal/clock"
	"ctpipe/internal/outbox"
	"ctpipe/internal/transcript"
	"ctpipe/internal/worktree"
	"ctpipe/pipeline"
)

// The states of a session. All but running and waiting are also phases; a
// session in phase idle has a Claude.
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
// use; the lock is held for moments, never over I/O. Whoever needs the host's
// lock too takes that one first.
type Session struct {
	host    *Host
	id      pipeline.SessionID
	root    pipeline.PostID
	thread  pipeline.ThreadID
	log     *slog.Logger
	out     *outbox.Outbox
	ledger  *claude.Ledger
	created time.Time
	slot    bool // it counts against max_sessions; the host's lock guards it

	mu         sync.Mutex
	phase      string // starting, idle, paused, ended
	owner      pipeline.UserID
	invited    map[pipeline.UserID]bool
	dir        string
	at         worktree.Place // where dir stands in git, as the header says
	unplaced   *unplaced      // set until it is decided where Claude works
	model      string         // as asked for
	runs       string         // the model that runs, as Claude says
	mode       pipeline.Mode
	fileHooks  bool   // the running Claude has hooks of settings files: see firstDoor
	claudeID   string // Claude's session id, for --resume
	fresh      bool   // it is of a conversation that has not begun, though there have been turns
	remodel    bool   // the turn may change which model runs
	turns      int
	cost       float64 // US dollars
	active     time.Time
	agent      Agent
	generation int             // of agents; what an older one says is not heard (RACE-04)
	answered   bool            // this generation has ended a turn
	fails      int             // generations in a row that never did
	forgotten  bool            // Claude says that it has no such conversation
	saving     bool            // a save is queued and has not begun
	saves      int             // saves that are not written yet
	queue      []*message      // what waits for an agent, or for what it lacks
	offers     bool            // the next message is offered with what the thread holds
	editTold   bool            // people know that edits are not seen
	files      string          // folder of its attachments, "" while there are none
	undone     map[string]bool // messages that Claude has and has not dealt with, by uuid
	requesters []pipeline.UserID
	turning    bool      // a turn runs
	tasks      int       // background tasks that still run
	tasksEnded time.Time // when the last one did
	grants     []Grant
	wrote      []string
	raised     bool // the mode is above [claude] permissions, by a rule's leave
	treesOff   bool // !worktree off: no question where to work
	tainted    bool // Claude has read what strangers wrote: the web, a server's tool
	open       []*openCall
	asks       map[string]bool            // requests of door two that Claude waits for
	timed      map[string]pipeline.ToolID // the calls that asks of door two are about
	top        top
	prompts    []*prompt
	cards      int                        // prompts so far, for their ids
	cardMark   string                     // the letter of those ids
	lastCard   endedCard                  // the one that was closed last
	granted    int                        // grants so far, for their ids
	shared     map[string][]pipeline.User // blocks that people let be shown
	words      *transcript.Transcript
	flushing   flushing
	typing     clock.Timer
	life       life
	errors     atomic.Int64    // runs in which something could not judge
	gone       <-chan struct{} // closed when the last Claude's process has ended; nil: there was none
}

// Grant lifts the default ask for one session (✅).
type Grant struct {
	ID    string
	By    pipeline.UserID
	Since time.Time
}

func newSession(h *Host, root pipeline.PostID, id pipeline.SessionID) *Session {
	thread := h.threadID(root)
	s := &Session{host: h, id: id, root: root, thread: thread, out: h.outbox(root), cardMark: "c",
		log: h.Log.With("session", id, "thread", thread), ledger: claude.NewLedger(),
		created: h.Clock.Now(), active: h.Clock.Now(), phase: starting,
		invited: map[pipeline.UserID]bool{}, undone: map[string]bool{}, asks: map[string]bool{},
		timed: map[string]pipeline.ToolID{}}
	s.words = transcript.New(transcript.Config{Prefix: fmt.Sprintf("%s.%d", id, s.out.Serial()), Runes: h.MaxRunes, Redact: h.clean, Fit: h.fit})
	return s
}

// state is what the session is doing; the lock is held.
func (s *Session) state() string {
	switch {
	case s.phase != idle:
		return s.phase
	case slices.ContainsFunc(s.prompts, (*prompt).holdsClaude):
		return waiting
	case s.turning:
		return running
	}
	return idle
}

// describe fills the session facts of an event.
func (s *Session) describe(ev *pipeline.Event, set Settings) {
	s.mu.Lock()
	defer s.mu.Unlock()
	grants := make([]string, 0, len(s.grants))
	for _, g := range s.grants {
		grants = append(grants, g.ID)
	}
	ev.Session = pipeline.Session{ID: s.id, State: s.state(), Owner: s.owner, Mode: s.modeUnder(set), Model: s.model,
		Dir: s.dir, Trigger: "human", Turns: s.turns, Cost: s.cost,
		Idle:   int64(s.host.Clock.Now().Sub(s.active) / time.Second),
		Grants: grants, Wrote: slices.Clone(s.wrote), Tainted: s.tainted, Files: s.files}
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
func (s *Session) touch() {
	s.active = s.host.Clock.Now()
	s.awake()
}

// notice writes a line of ctpipe's own into the thread.
func (s *Session) notice(text string) {
	s.mu.Lock()
	s.words.Seal()
	s.mu.Unlock()
	s.host.post1(s.out, text)
}

// cleared forgets everything about a Claude that is gone; the lock is held. It
// returns the prompts that nobody waits for any more.
func (s *Session) cleared() (void []*prompt) {
	s.agent, s.turning, s.tasks = nil, false, 0
	s.generation++
	clear(s.undone)
	clear(s.asks)
	clear(s.timed)
	s.open = nil
	s.prompts = slices.DeleteFunc(s.prompts, func(p *prompt) bool {
		if p.holdsClaude() {
			p.settled()
			void = append(void, p)
		}
		return p.done
	})
	return void
}

// key makes a key for a post that nobody else has.
func (s *Session) key(what string) string {
	return fmt.Sprintf("%s %d", what, s.out.Serial())
}
