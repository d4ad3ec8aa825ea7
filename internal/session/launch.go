package session

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"ctpipe/internal/claude"
	"ctpipe/internal/state"
	"ctpipe/pipeline"
	"ctpipe/stages"

	"github.com/google/uuid"
)

// launch opens a session. The slot is taken before anything can wait, so that
// there are never more sessions than the limit says (RACE-02).
func (h *Host) launch(r *pipeline.Run, e pipeline.Launch) {
	root := r.Event.Thread.Root
	set := h.Settings(r.Snapshot)
	h.mu.Lock()
	if known := h.sessions[r.Event.Thread.ID]; known != nil {
		h.mu.Unlock()
		known.prompt(e.Prompt)
		return
	}
	if h.closed || len(h.sessions) >= set.Max {
		n := len(h.sessions)
		h.mu.Unlock()
		h.say(root, fmt.Sprintf("⚠️ **Too busy** - %d sessions active. Please try again later.", n))
		return
	}
	h.mu.Unlock()
	s := newSession(h, root, pipeline.SessionID(uuid.NewString()))
	s.owner, s.claudeID = r.Event.User.ID, uuid.NewString()
	s.dir, s.model, s.mode = e.Set.Dir, e.Set.Model, e.Set.Mode
	h.mu.Lock()
	h.sessions[s.thread] = s
	h.mu.Unlock()
	s.log.Info("session started", "user", r.Event.User.ID, "dir", s.dir, "mode", s.mode)
	s.header()
	s.prompt(e.Prompt)
	s.spawn(false)
}

// revive takes up the session of a thread that has none running, if its
// record says that it may go on. A stopped session never does (DATA-04).
func (h *Host) revive(ctx context.Context, root pipeline.PostID) *Session {
	if h.Store == nil {
		return nil
	}
	v, err := h.Store.Session(ctx, h.threadID(root))
	if err != nil {
		if !errors.Is(err, state.ErrNotFound) {
			h.Log.Warn("cannot read the thread's session", "thread", h.threadID(root), "err", err)
		}
		return nil
	}
	s := newSession(h, root, v.ID)
	s.state, s.owner, s.claudeID = paused, v.Owner, v.ClaudeSession
	s.dir, s.model, s.mode, s.turns, s.cost, s.created = v.Dir, v.Model, v.Mode, v.Turns, v.Cost, v.Created
	h.mu.Lock()
	defer h.mu.Unlock()
	if known := h.sessions[s.thread]; known != nil {
		return known
	}
	return s
}

// claim registers a revived session when somebody may really use it. False
// says that every slot is taken.
func (h *Host) claim(s *Session) bool {
	most := h.settings().Max
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.sessions[s.thread] == s {
		return true
	}
	if h.closed || len(h.sessions) >= most {
		return false
	}
	h.sessions[s.thread] = s
	return true
}

// spawn starts Claude's process beside the lanes, since a new CLI is first
// proved and that takes seconds. Messages wait in the queue meanwhile.
func (s *Session) spawn(resume bool) {
	s.mu.Lock()
	s.state = starting
	s.generation++
	gen := s.generation
	spec := claude.Spec{Dir: s.dir, SessionID: s.claudeID, Resume: resume, Model: s.model,
		Mode: cliMode(s.mode), Chrome: s.host.settings().Chrome, AppendSystemPrompt: inThread, Log: s.log}
	s.mu.Unlock()
	go func() {
		agent, err := s.host.Agents.Start(s.host.ctx, spec, s.handler(gen))
		if err != nil {
			s.failed(gen, err)
			return
		}
		s.arrived(gen, agent)
	}()
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
	if s.generation != gen || s.state == ended {
		s.mu.Unlock()
		go agent.Stop(context.WithoutCancel(s.host.ctx))
		return
	}
	s.agent, s.state = agent, idle
	queue := s.queue
	s.queue = nil
	if len(queue) > 0 {
		s.state = running
	}
	s.mu.Unlock()
	for _, m := range queue {
		s.send(agent, m)
	}
	s.save()
}

// failed says in the thread why there is no Claude, and what to do (RACE-05).
// The messages that waited stay for the next try.
func (s *Session) failed(gen int, err error) {
	s.mu.Lock()
	if s.generation != gen || s.state == ended {
		s.mu.Unlock()
		return
	}
	s.agent = nil
	started := s.turns > 0
	s.state = paused
	if !started {
		s.state = ended
	}
	s.mu.Unlock()
	s.log.Error("claude did not start", "err", err)
	s.notice("❌ **Claude could not be started:** " + stages.Plain(err.Error()) + startAdvice(err))
	if !started {
		s.host.drop(s)
	}
}

func startAdvice(err error) string {
	var start *claude.StartError
	if errors.As(err, &start) {
		return "\n\nCheck `[claude] command` and `working_dir` in rules.toml, then mention me again."
	}
	return "\n\nctpipe's log says more. Mention me again to retry."
}

// drop takes a session off the list of those that live.
func (h *Host) drop(s *Session) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.sessions[s.thread] == s {
		delete(h.sessions, s.thread)
	}
}

// header is the first post of a session: what runs here, where, and how.
func (s *Session) header() {
	h := s.host
	set := h.settings()
	h.mu.Lock()
	n := len(h.sessions)
	h.mu.Unlock()
	s.mu.Lock()
	rows := [][2]string{
		{"📂 **Directory**", stages.CodeSpan(tilde(s.dir))},
		{"👤 **Started by**", "@" + zeroWidth + s.name(s.owner)},
		{"🔢 **Session**", fmt.Sprintf("#%d of %d max", n, set.Max)},
		{"🆔 **Session ID**", stages.CodeSpan(string(s.id)[:8])},
		{"🔐 **Permissions**", modeName(s.mode)},
		{"📜 **Rules**", stages.CodeSpan("rev " + short(h.Engine.Snapshot().Rev))},
	}
	s.mu.Unlock()
	if len(set.Allowed) == 0 {
		rows = append(rows, [2]string{"⚠️ **Access**", "no allowed_users: anyone in this channel may use Claude"})
	}
	var b strings.Builder
	fmt.Fprintf(&b, "🤖 **ctpipe v%s** · %s\n\n| | |\n|:--|:--|\n", h.Version, h.Agents.Label())
	for _, row := range rows {
		fmt.Fprintf(&b, "| %s | %s |\n", row[0], strings.ReplaceAll(row[1], "|", "\\|"))
	}
	s.out.Put("header", Draft{Text: b.String(), Props: props("header")}, nil)
}

func modeName(m pipeline.Mode) string {
	switch m {
	case pipeline.ModeAuto:
		return "Auto: Claude's own auto mode decides what to ask"
	case pipeline.ModeBypass:
		return "⚡ Bypass: what no rule asks for runs unasked"
	}
	return "Interactive"
}

// short is a revision as people read it.
func short(r pipeline.Rev) string { return string(r)[:min(6, len(r))] }
