package session

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"ctpipe/internal/attachment"
	"ctpipe/internal/board"
	"ctpipe/internal/clock"
	"ctpipe/internal/command"
	"ctpipe/internal/facts"
	"ctpipe/internal/intake"
	"ctpipe/internal/mattermost"
	"ctpipe/internal/roster"
	"ctpipe/internal/state"
	"ctpipe/internal/thread"
	"ctpipe/pipeline"

	"github.com/oklog/ulid/v2"
)

// Settings are what the policy in force says about sessions. They are read
// for each event, so that a save takes effect at once.
type Settings struct {
	// Roots are where !cd may go; empty: Dir and the worktrees of its repository.
	Roots []string

	Dir       string // where sessions work
	Model     string // "" is Claude's own default
	Mode      pipeline.Mode
	Worktrees string // off, prompt or require: whether people are asked where a session works; "" is off
	Chrome    bool
	Max       int           // sessions at a time
	Timeout   time.Duration // of an idle session; 0 never
	Approval  pipeline.Terms
	// FileHooks: hooks of settings files run in Claude and may rewrite a call
	// after it was judged, so that nothing is allowed at PreToolUse.
	FileHooks bool
	Posts     int                 // of one person in a minute; 0 is no limit
	MaxFile   int64               // bytes of one attachment; 0 is 25 MiB
	Parked    int                 // posts of one stranger that wait in a session; 0 is no limit
	Cards     int                 // calls that wait for people in a session; 0 is no limit
	Allowed   []string            // names on this platform; empty: anyone in the channel who is a person
	Groups    map[string][]string // names by group
	// OnDuty, which may be nil, adds to a person's groups the rotas in which
	// they are on duty at an instant.
	OnDuty func(groups []string, unix int64) (out []string, known bool)
	Sticky bool // the channel has a post that lists the sessions
}

// Options are what a Host is made of.
type Options struct {
	Platform pipeline.PlatformID
	Chat     Chat
	Me       mattermost.User // the bot's own account
	Channel  mattermost.Channel
	Team     string // the team's name
	MaxRunes int    // of a post, as the server says
	Link     func(pipeline.PostID) string
	Agents   Agents
	Store    *state.Store
	Files    string // directory for the sessions' attachments; "" takes none
	Engine   *pipeline.Engine
	Lanes    *pipeline.Lanes
	Settings func(*pipeline.Snapshot) Settings
	Redact   func(string) string // takes credentials out of cards and notices
	// Why, which may be nil, explains a verdict in a text for the thread.
	Why     func(context.Context, WhyQuery) (string, error)
	Clock   clock.Clock
	Log     *slog.Logger
	Version string
	Kill    func() // ends the program with exit code 0
	// Hosts, which may be nil, are those of all platforms: !kill ends them all.
	Hosts Hosts
	// Rules, which may be nil, says how the policy is doing.
	Rules func() command.RulesState
	// Attention, which may be nil, gives what the header shall warn of under a
	// snapshot. It must not block.
	Attention func(*pipeline.Snapshot) []string
}

// Host runs the sessions of one chat platform. All methods are safe for
// concurrent use.
type Host struct {
	Options
	ctx         context.Context // ends when the host is to stop for good
	people      *roster.Roster
	attachments *attachment.Store
	memories
	inChannel
	running

	mu      sync.Mutex
	threads map[pipeline.ThreadID]*thread.Thread
	over    map[pipeline.SessionID]bool // ended, but not yet in the record
	link    link
}

// memories are what a host remembers of posts, each safe for concurrent use.
type memories struct {
	flood       *intake.FloodLimit
	delivered   *intake.DeliveredPosts // what Claude has of each post
	questions   *intake.Cooldown       // the posts that a ❓ has been answered on
	refusals    *intake.Cooldown       // the posts whose reactions have been refused with a reason
	closedCards *thread.ClosedCards
	posts       *thread.Posts
}

// inChannel is what stands in the channel outside of any thread.
type inChannel struct {
	list   *board.List
	policy *board.PolicyDesk
}

// running is how far a host is on its way from its start to its end.
type running struct {
	began    time.Time
	stopping atomic.Bool     // nothing new is started; set with the host's lock held
	starts   context.Context // ends when no Claude is to be started any more
	noStarts context.CancelFunc
	agents   sync.WaitGroup // agents that are being started or stopped
}

// link is how the link to the chat is doing, as last heard.
type link struct {
	mattermost.State
	since  time.Time
	missed int64 // since when the chat may have been missed, ms on the server's clock; 0: nothing is
}

// New makes a host. Until ctx ends it posts and runs sessions.
func New(ctx context.Context, o Options) *Host {
	h := &Host{Options: o, ctx: ctx,
		threads: map[pipeline.ThreadID]*thread.Thread{}, over: map[pipeline.SessionID]bool{},
		memories: memories{flood: intake.NewFloodLimit(), delivered: intake.NewDeliveredPosts(),
			questions: intake.NewCooldown(whyEvery), refusals: intake.NewCooldown(whyEvery),
			closedCards: thread.NewClosedCards(), posts: thread.NewPosts()}}
	h.began = o.Clock.Now()
	h.people, h.attachments = newRoster(h), newAttachments(h)
	h.list, h.policy = h.channel().newList(), h.channel().newPolicyDesk()
	h.starts, h.noStarts = context.WithCancel(ctx)
	if o.Files != "" && o.Store != nil {
		h.agents.Go(func() { h.sweepFiles(h.starts) })
	}
	return h
}

// Hosts performs effects on the host whose platform an event came from.
type Hosts map[pipeline.PlatformID]*Host

// Perform hands an effect to its host.
func (hs Hosts) Perform(ctx context.Context, r *pipeline.Run, e pipeline.Effect) {
	if h := hs[r.Event.Thread.Platform]; h != nil {
		h.performer().perform(ctx, r, e)
	}
}

// Handler gives what the chat client calls. Its calls return at once.
func (h *Host) Handler(state func(mattermost.State)) mattermost.Handler {
	return mattermost.Handler{Event: h.ears().receive, State: func(st mattermost.State) {
		h.ears().linked(st)
		state(st)
	}}
}

// threadID names a thread by its platform and root post.
func (h *Host) threadID(root pipeline.PostID) pipeline.ThreadID {
	return pipeline.ThreadID(string(h.Platform) + ":" + string(root))
}

// session is the session of a thread that is in memory, nil if none is.
func (h *Host) session(id pipeline.ThreadID) *Session {
	h.mu.Lock()
	defer h.mu.Unlock()
	if t := h.threads[id]; t != nil {
		return sessionInLocked(t)
	}
	return nil
}

// all are the sessions in memory.
func (h slots) all() []*Session {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.allLocked()
}

func (h slots) allLocked() (all []*Session) {
	for _, t := range h.threads {
		if s := sessionInLocked(t); s != nil {
			all = append(all, s)
		}
	}
	return all
}

// active counts the sessions that have a slot.
func (h slots) active() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.activeLocked()
}

// remember returns what an outbox calls when a post of its thread exists.
func (h *Host) remember(root pipeline.PostID) func(pipeline.PostID, string) {
	id := h.threadID(root)
	return func(post pipeline.PostID, key string) {
		h.posts.Remember(post, thread.Post{Thread: id, Root: root, Key: key})
	}
}

// event begins an event in the thread of root, with the facts of its session.
func (h *Host) event(kind pipeline.Kind, root pipeline.PostID) *pipeline.Event {
	return h.eventOf(kind, root, h.session(h.threadID(root)))
}

// eventOf begins an event of a session, which may have left its thread; nil is none.
func (h *Host) eventOf(kind pipeline.Kind, root pipeline.PostID, s *Session) *pipeline.Event {
	now := h.Clock.Now().UTC()
	set := h.settings()
	ev := &pipeline.Event{
		ID: pipeline.EventID(ulid.MustNew(ulid.Timestamp(now), ulid.DefaultEntropy()).String()), Kind: kind,
		Time: pipeline.TimeOf(now),
		Thread: pipeline.Thread{ID: h.threadID(root), Root: root, Platform: h.Platform,
			Channel: pipeline.ChannelID(h.Channel.ID), ChannelName: h.Channel.Name, Team: h.Team,
			DM: h.Channel.Direct(), Shared: h.Channel.Shared},
		Limits: pipeline.Limits{Max: set.Max},
	}
	if h.Link != nil {
		ev.Thread.Link = h.Link(root)
	}
	ev.Limits.Active = h.slots().active()
	h.guestFact(ev)
	if s != nil {
		s.describe(ev, set)
		if err := facts.CheckedOut(ev); err != nil {
			h.Log.Debug("what is checked out is not known", "session", ev.Session.ID, "dir", ev.Session.Dir, "err", err)
		}
	}
	return ev
}

func (h *Host) settings() Settings { return h.Settings(h.Engine.Snapshot()) }
