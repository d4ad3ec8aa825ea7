package session

import (
	"cmp"
	"context"
	"errors"
	"runtime/debug"

	"ctpipe/internal/claude"
	"ctpipe/internal/display"
	"ctpipe/internal/markdown"
	"ctpipe/pipeline"

	"github.com/google/uuid"
)

// launch opens a session. The slot is taken before anything can wait, so that
// there are never more sessions than the limit says (RACE-02).
func (h *Host) launch(ctx context.Context, r *pipeline.Run, e pipeline.Launch) {
	root := r.Event.Thread.Root
	h.sessionOf(ctx, root) // a paused one that only its record knows
	s := newSession(h, root, pipeline.SessionID(uuid.NewString()))
	s.offers = r.Event.Post.ID != "" && r.Event.Post.ID != root // what came before in the thread may matter
	s.owner, s.claudeID = r.Event.User.ID, uuid.NewString()
	s.dir, s.model, s.mode, s.top.title = e.Set.Dir, e.Set.Model, e.Set.Mode, headOf(r.Event.Start.Prompt)
	s.unplaced = &unplaced{Branch: r.Event.Start.Branch}
	known, err := h.enter(s, h.Settings(r.Snapshot).Max)
	switch {
	case known != nil:
		known.notice("ℹ️ @" + zeroWidth + r.Event.User.Name + ", this thread has a session by now, so nothing was started: write into it")
		h.release(known)
		return
	case err != nil:
		h.say(root, err.Error())
		return
	}
	if v := r.Event.Start.Verbosity; v != "default" {
		s.words.SetStyle(display.Verbosity(v))
	}
	s.log.Info("session started", "user", r.Event.User.ID, "dir", s.dir, "mode", s.mode)
	s.header()
	s.prompt(e.Prompt)
	s.setOut()
}

// enter makes a new session its thread's, with a slot, unless the thread has
// one already.
func (h *Host) enter(s *Session, most int) (known *Session, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	known = h.sessions[s.thread]
	switch n := h.active(); {
	case known != nil && !known.isOver():
		return known, nil
	case h.closed:
		return nil, errStopping
	case n >= most:
		return nil, busy(n)
	}
	h.sessions[s.thread], s.slot = s, true
	return nil, nil
}

// spawn starts Claude's process beside the lanes, since a new CLI is first
// proved and that takes seconds. Messages wait in the queue meanwhile.
func (s *Session) spawn(resume bool) {
	h := s.host
	h.mu.Lock()
	if h.closed {
		h.mu.Unlock()
		return
	}
	h.agents.Add(1)
	h.mu.Unlock()
	set := h.settings()
	s.mu.Lock()
	s.generation++
	s.unplaced = nil
	s.answered, s.forgotten, s.fileHooks = false, false, set.FileHooks
	gen, gone := s.generation, s.gone
	spec := claude.Spec{Dir: s.dir, SessionID: s.claudeID, Resume: resume, Model: s.model,
		Mode: cliMode(s.modeUnder(set)), Chrome: set.Chrome, AppendSystemPrompt: inThread, Log: s.log}
	s.mu.Unlock()
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

// start starts the agent; a panic in there is an error of this session alone
// (RACE-06).
func (s *Session) start(spec claude.Spec, gen int) (agent Agent, err error) {
	defer func() {
		if p := recover(); p != nil {
			s.log.Error("starting claude panicked", "panic", p, "stack", string(debug.Stack()))
			err = errors.New("something is wrong inside ctpipe")
		}
	}()
	return s.host.Agents.Start(s.host.starts, spec, s.handler(gen))
}

// inThread is appended to Claude's system prompt.
const inThread = "You are running inside a chat thread that several people read. Write for that thread: " +
	"short paragraphs, no headings unless they help. Every tool call is judged by the team's policy; " +
	"when one is refused, read the reason and choose another way instead of repeating it."

// cliMode is the CLI's own permission mode. Bypass is never passed on: ctpipe
// itself answers allow at the gate (design, 1).
func cliMode(m pipeline.Mode) string {
	if m == pipeline.ModeAuto {
		return claude.ModeAuto
	}
	return claude.ModeDefault
}

// arrived gives the new agent what has been waiting for it.
func (s *Session) arrived(gen int, agent Agent) {
	s.mu.Lock()
	if s.generation != gen || s.phase != starting {
		s.mu.Unlock()
		agent.Stop(context.WithoutCancel(s.host.ctx))
		return
	}
	s.agent, s.phase = agent, idle
	what, told := s.goesOn()
	err := s.deliver()
	s.mu.Unlock()
	s.unsent(err)
	s.startTyping()
	s.header() // one that it has is brought up to date
	s.save()
	s.tell(what, told)
}

// failed says in the thread why there is no Claude, and what to do (RACE-05).
// A session that has been running keeps its messages for the next try; of a
// new one people learn that theirs were not delivered.
func (s *Session) failed(gen int, err error) {
	s.mu.Lock()
	if s.generation != gen || s.phase != starting {
		s.mu.Unlock()
		return
	}
	text := "❌ **Claude could not be started:** " + markdown.Plain(err.Error())
	s.phase, s.life.by = paused, ""
	switch {
	case s.turns == 0:
		s.phase = ended
		text += startAdvice(err) + s.undelivered()
	case errors.Is(err, claude.ErrNoDir):
		s.phase = ended
		text = cannotResume(shownPaths().Path(s.dir)) + s.undelivered()
	default:
		text += "\n\nYour messages are kept; write again to retry."
		s.life.why = cmp.Or(s.life.why, whyExit)
	}
	over := s.phase == ended
	s.mu.Unlock()
	s.log.Error("claude did not start", "err", err)
	s.notice(text)
	if over {
		s.closeChoices("⏹️ *The session ended before this was answered*")
		s.host.bury(s)
		s.farewell()
		s.tell(tellLost, text)
	} else {
		s.save()
		s.tell(tellExited, text)
	}
	s.host.release(s)
}

func startAdvice(err error) string {
	var start *claude.StartError
	if errors.As(err, &start) {
		return "\n\nCheck `[claude] command` and `working_dir` in rules.toml, then mention me again."
	}
	return "\n\nctpipe's log says more. Mention me again to retry."
}
