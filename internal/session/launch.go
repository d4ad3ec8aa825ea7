package session

import (
	"cmp"
	"context"
	"errors"
	"runtime/debug"

	"ctpipe/internal/about"
	"ctpipe/internal/claude"
	"ctpipe/internal/display"
	"ctpipe/internal/markdown"
	"ctpipe/internal/process"
	"ctpipe/pipeline"

	"github.com/google/uuid"
)

// launch opens a session. The slot is taken before anything can wait, so that
// there are never more sessions than the limit says.
func (h performer) launch(ctx context.Context, r *pipeline.Run, e pipeline.Launch) {
	root := r.Event.Thread.Root
	h.slots().sessionOf(ctx, root) // a paused one that only its record knows
	t := h.thread(root)
	s := newSession(h.Host, t, pipeline.SessionID(uuid.NewString()))
	s.inbox.Offers = r.Event.Post.ID != "" && r.Event.Post.ID != root // what came before in the thread may matter
	s.process.Conversation = uuid.NewString()
	s.about.Owner, s.about.Title = r.Event.User.ID, headOf(r.Event.Start.Prompt)
	s.about.Dir, s.about.Model, s.about.Mode = e.Set.Dir, e.Set.Model, e.Set.Mode
	s.about.Pending = &about.PendingWorkdir{Branch: r.Event.Start.Branch}
	if style := r.Event.Start.Verbosity; style != "default" {
		s.words.SetStyle(display.Verbosity(style))
	}
	known, err := h.slots().enter(s, h.Settings(r.Snapshot).Max)
	switch {
	case known != nil:
		known.Notice("ℹ️ " + markdown.Name(r.Event.User.Name) + ", this thread has a session by now, so nothing was started: write into it")
		h.slots().release(known)
		return
	case err != nil:
		h.say(root, err.Error())
		return
	}
	s.log.Info("session started", "user", r.Event.User.ID, "dir", e.Set.Dir, "mode", e.Set.Mode)
	s.headline().header()
	s.mail().prompt(e.Prompt)
	s.launcher().setOut()
}

// spawn starts Claude's process beside the lanes, since a new CLI is first
// proved and that takes seconds. Messages wait in the queue meanwhile.
func (s launcher) spawn(resume bool) {
	h := s.host
	if !h.begin() {
		return
	}
	set := h.settings()
	s.Lock()
	gen, gone := s.process.Spawning(set.FileHooks), s.hands.gone
	s.about.Pending = nil
	spec := claude.Spec{Dir: s.about.Dir, SessionID: s.process.Conversation, Resume: resume, Model: s.about.Model,
		Mode: cliMode(s.about.ModeUnder(set.Mode)), Chrome: set.Chrome, AppendSystemPrompt: inThread, Log: s.log}
	s.Unlock()
	go func() {
		defer h.agents.Done()
		if gone != nil { // two CLIs must not write one conversation
			select {
			case <-gone:
			case <-h.starts.Done():
			}
		}
		agent, err := s.start(spec, gen)
		if err != nil {
			s.failed(gen, err)
			return
		}
		s.arrived(gen, agent)
	}()
}

// start starts the agent; a panic in there is an error of this session alone.
func (s launcher) start(spec claude.Spec, gen int) (agent Agent, err error) {
	defer func() {
		if p := recover(); p != nil {
			s.log.Error("starting claude panicked", "panic", p, "stack", string(debug.Stack()))
			err = errors.New("something is wrong inside ctpipe")
		}
	}()
	if err := s.host.barred(spec.Dir); err != nil {
		return nil, err
	}
	return s.host.Agents.Start(s.host.starts, spec, s.handler(gen))
}

// inThread is appended to Claude's system prompt.
const inThread = "You are running inside a chat thread that several people read. Write for that thread: " +
	"short paragraphs, no headings unless they help. Every tool call is judged by the team's policy; " +
	"when one is refused, read the reason and choose another way instead of repeating it."

// cliMode is the CLI's own permission mode. Bypass is never passed on: ctpipe
// itself answers allow at the gate.
func cliMode(m pipeline.Mode) string {
	if m == pipeline.ModeAuto {
		return claude.ModeAuto
	}
	return claude.ModeDefault
}

// arrived gives the new agent what has been waiting for it.
func (s launcher) arrived(gen int, agent Agent) {
	s.Lock()
	if !s.process.Awaits(gen) {
		s.Unlock()
		agent.Stop(context.WithoutCancel(s.host.ctx))
		return
	}
	s.hands.agent, s.process.Phase = agent, process.Idle
	resumed, told, expected := s.pause.GoesOn(s.host.Version, s.process.Turns)
	if !expected {
		s.pacer().putPauseLocked(told)
		s.pacer().endPauseLocked()
	}
	s.pacer().watchIdleLocked(0)
	err := s.mail().deliverLocked()
	s.Unlock()
	s.mail().unsent(err)
	s.speech().startTyping()
	s.headline().header() // one that it has is brought up to date
	s.record().save()
	what := tellStarted
	if resumed {
		what = tellResumed
	}
	s.tell(what, told)
}

// failed says in the thread why there is no Claude, and what to do.
// A session that has been running keeps its messages for the next try; of a
// new one people learn that theirs were not delivered.
func (s launcher) failed(gen int, err error) {
	noDir := errors.Is(err, claude.ErrNoDir)
	s.Lock()
	if !s.process.Awaits(gen) {
		s.Unlock()
		return
	}
	text := "❌ **Claude could not be started:** " + markdown.Plain(err.Error())
	over := s.process.Failed(noDir)
	s.pause.By = ""
	switch {
	case over && noDir && s.process.Turns > 0:
		text = process.CannotResume(shownPaths().Path(s.about.Dir)) + s.inbox.Undelivered()
	case over:
		text += process.StartAdvice(err) + s.inbox.Undelivered()
	default:
		text += "\n\nYour messages are kept; write again to retry."
		s.pause.Why = cmp.Or(s.pause.Why, process.WhyExit)
	}
	s.Unlock()
	s.log.Error("claude did not start", "err", err)
	s.Notice(text)
	if over {
		s.lost(text)
		return
	}
	s.record().save()
	s.tell(tellExited, text)
	s.host.slots().release(s.Session)
}
