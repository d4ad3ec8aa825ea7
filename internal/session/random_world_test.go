package session

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ctpipe/hooks"
	"ctpipe/internal/about"
	"ctpipe/internal/calls"
	"ctpipe/internal/claude"
	"ctpipe/internal/clock"
	"ctpipe/internal/desk"
	"ctpipe/internal/inbox"
	"ctpipe/internal/mattermost"
	"ctpipe/internal/mattermost/chattest"
	"ctpipe/internal/policy"
	"ctpipe/internal/process"
	"ctpipe/internal/transcript"
	"ctpipe/pipeline"
	"ctpipe/stages"
)

const randomRules = `
[[rule]]
id = "look"
on = "tool"
when = 'tool.name == "Bash" and not tool.opaque and len(tool.commands) > 0 and all(tool.commands, .prog == "ls")'
then = "allow"
[[rule]]
id = "never"
on = "tool"
when = 'tool.name == "Bash" and any(tool.commands, .prog == "rm")'
then = "deny"
why = "not here"
[[rule]]
id = "secret"
on = "show"
when = 'show.text contains "secret"'
then = "ask"
[[rule]]
id = "hush"
on = "show"
when = 'show.text contains "hush"'
then = "deny"
`

const strictRules = `
[[rule]]
id = "two"
on = "tool"
when = 'tool.name == "Bash"'
then = "ask"
why = "two see more"
approvers = ["allowed"]
quorum = 2
`

// stage is where random sequences are played.
type stage struct {
	*testing.T
	dir string
}

// play is one sequence while it is played.
type play struct {
	*world
	root   string
	strict bool // the rules ask for two people
	fails  bool // Claude does not start
	saves  bool

	mu     sync.Mutex
	agents []*heardAgent
	log    []string // what Claude is told, in order
	wrong  []string

	n       int // of words and calls so far
	said    []string
	maybe   []string // held back until people share it
	never   []string // withheld, or said by a Claude that is gone
	calls   []*madeCall
	granted bool // somebody may have lifted the default
	votes   []votedOn
	spoke   time.Time // when somebody last wrote or reacted who may answer
}

// madeCall is a call that Claude asks for.
type madeCall struct {
	use, request, tool, mark, command string
	agent                             *heardAgent
	fields                            map[string]any
	at                                time.Time
}

// votedOn is an approval of somebody whose approval counts.
type votedOn struct {
	at   time.Time
	by   string
	card string // as it was read; "" where it was named in words
}

// heardAgent is a Claude that notes what it is told.
type heardAgent struct {
	*fakeAgent
	p    *play
	name string
}

func (a *heardAgent) Send(m claude.UserMessage) error {
	err := a.fakeAgent.Send(m)
	a.p.note("%s is told %s %q typed %v: %v", a.name, m.UUID, m.Text, m.AsTyped, err)
	return err
}

func (a *heardAgent) AnswerGate(id string, g claude.GateAnswer) error {
	err := a.fakeAgent.AnswerGate(id, g)
	a.p.note("%s: gate %s: %s %q %s: %v", a.name, id, g.Decision, g.Reason, canonical(g.UpdatedInput), err)
	a.p.answered(id, g.Decision == claude.Allow, err)
	return err
}

func (a *heardAgent) AnswerAsk(id string, k claude.AskAnswer) error {
	err := a.fakeAgent.AnswerAsk(id, k)
	a.p.note("%s: ask %s: %v %q %v %s: %v", a.name, id, k.Allow, k.Message, k.Interrupt, canonical(k.UpdatedInput), err)
	a.p.answered(id, k.Allow, err)
	return err
}

func (a *heardAgent) Interrupt(ctx context.Context, b bool) error {
	a.p.note("%s is interrupted %v", a.name, b)
	return a.fakeAgent.Interrupt(ctx, b)
}

func (a *heardAgent) Control(ctx context.Context, subtype string, f map[string]any) (json.RawMessage, error) {
	a.p.note("%s: control %s %v", a.name, subtype, f)
	return a.fakeAgent.Control(ctx, subtype, f)
}

func (a *heardAgent) Stop(ctx context.Context) claude.Exit {
	a.p.note("%s is stopped", a.name)
	return a.fakeAgent.Stop(ctx)
}

// canonical is JSON in one spelling.
func canonical(raw json.RawMessage) string {
	var v any
	if json.Unmarshal(raw, &v) != nil {
		return string(raw)
	}
	out, _ := json.Marshal(v)
	return string(out)
}

// play starts Claudes.
func (p *play) Label() string { return "random agent" }

func (p *play) Start(ctx context.Context, spec claude.Spec, h claude.Handler) (Agent, error) {
	select {
	case <-time.After(300 * time.Millisecond):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fails {
		p.log = append(p.log, "claude does not start")
		return nil, errors.New("no such file")
	}
	a := &heardAgent{p: p, name: fmt.Sprint("claude ", len(p.agents)+1), fakeAgent: &fakeAgent{spec: spec, h: h,
		gates: map[string]claude.GateAnswer{}, asks: map[string]claude.AskAnswer{}}}
	p.agents = append(p.agents, a)
	p.log = append(p.log, fmt.Sprintf("%s starts: %s resumed %v model %q mode %q in %s", a.name, spec.SessionID, spec.Resume, spec.Model, spec.Mode, spec.Dir))
	return a, nil
}

func (p *play) note(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.log = append(p.log, time.Now().Format("15:04:05.000 ")+fmt.Sprintf(format, args...))
}

func (p *play) fault(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wrong = append(p.wrong, fmt.Sprintf(format, args...))
}

// claude is the Claude that runs, nil if none does.
func (p *play) claude() *heardAgent {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.agents) == 0 {
		return nil
	}
	return p.agents[len(p.agents)-1]
}

// hears reports that a Claude is listened to.
func (p *play) hears(a *heardAgent) bool {
	s := p.live()
	if s == nil {
		return false
	}
	s.Lock()
	defer s.Unlock()
	return s.hands.agent == Agent(a) && s.process.Phase != process.Ended
}

func (p *play) live() *Session { return p.host.session(p.host.threadID(pipeline.PostID(p.root))) }

// rebuilt are the rules, compiled: they remember which posts they have seen.
func (s *stage) rebuilt(text string, load *policy.Loader) *pipeline.Snapshot {
	p, findings := load.Build(map[string][]byte{"rules.toml": []byte(text)}, nil)
	if p == nil {
		s.Fatalf("rules: %+v", findings)
	}
	return p.Snapshot
}

func (s *stage) world(t *testing.T, slow bool) *play {
	w := &world{T: t, chat: chattest.New("alice", "bob", "mallory"),
		load: &policy.Loader{Path: s.dir + "/rules.toml", Store: &hooks.Memory{}, Getenv: func(string) (string, bool) { return "", false },
			Stage: stages.Build{Seen: stages.NewMemory(1024)}}}
	if slow {
		w.chat.Fate = func(string) chattest.Fate { return chattest.Fate{Delay: 70 * time.Millisecond} }
	}
	p := &play{world: w}
	hosts := Hosts{}
	w.engine = pipeline.NewEngine(s.rebuilt(basicRules+randomRules, w.load), hosts, nil)
	w.set = Settings{Dir: s.dir, Mode: pipeline.ModeDefault, Max: 2, Posts: 1000, Parked: 3, Cards: 4, Timeout: 20 * time.Minute}
	log := slog.New(slog.DiscardHandler)
	w.host = New(t.Context(), Options{Platform: "playground", Chat: w.chat, Me: w.chat.Users[chattest.BotID], Channel: mattermost.Channel{ID: chattest.ChannelID},
		MaxRunes: 4000, Agents: p, Engine: w.engine, Lanes: pipeline.NewLanes(t.Context(), log), Clock: clock.System{}, Log: log,
		Settings: func(s *pipeline.Snapshot) Settings {
			set := w.set
			set.Approval, set.Allowed = s.Approval, policy.Of(s).Config.Playground.AllowedUsers
			return set
		}})
	hosts["playground"] = w.host
	return p
}

// played plays a sequence, gives all that came of it, and says what was wrong.
func (s *stage) played(acts []act, slow, saves bool) (outcome string, wrong []string) {
	synctest.Test(s.T, func(t *testing.T) {
		p := s.world(t, slow)
		p.saves = saves
		p.root = p.says("alice", "", "@claude-code hello")
		for _, a := range acts {
			p.acts(a)
		}
		p.settle()
		p.reborn(true)
		snapshot := p.snapshot()
		p.says("alice", p.root, "!stop")
		time.Sleep(10 * time.Second)
		synctest.Wait()
		p.checks()
		outcome, wrong = p.outcome(snapshot), p.wrong
	})
	return outcome, wrong
}

func (p *play) acts(a act) {
	p.note("-- %s %d %d", a.Do, a.N, a.M)
	do[a.Do](p, a)
	synctest.Wait()
	p.reborn(a.Saved)
	time.Sleep(7 * time.Millisecond)
	if !a.Hurry {
		p.settle()
		p.reborn(a.Saved)
	}
}

// reborn saves the session, as JSON, and puts back what was saved into one that
// knows nothing, so that what is not put back is missed.
func (p *play) reborn(now bool) {
	s := p.live()
	if !p.saves || !now || s == nil {
		return
	}
	s.Lock()
	defer s.Unlock()
	kept, err := s.record().snapshotLocked()
	if err != nil {
		p.fault("saving: %v", err)
		return
	}
	raw, back, err := decoded(kept)
	if err == nil {
		s.forgetLocked()
		err = s.record().restoreLocked(back)
	}
	if err != nil {
		p.fault("restoring: %v", err)
		return
	}
	again, err := s.record().snapshotLocked()
	if raw2, _, err2 := decoded(again); err != nil || err2 != nil || string(raw2) != string(raw) {
		p.fault("saved and restored, it is another one (%v %v):\n%s\n%s", err, err2, raw, raw2)
	}
}

// forgetLocked leaves of a session its hands, and the facts about git that nothing
// keeps.
func (s *Session) forgetLocked() {
	s.about, s.inbox, s.calls = about.About{Git: s.about.Git}, inbox.Inbox{}, calls.Calls{}
	s.process, s.pause = process.Process{}, process.Pause{}
	*s.words = *transcript.New(transcript.Config{Runes: s.host.MaxRunes, Redact: s.host.clean, Fit: s.host.fit})
	_ = s.Desk.Restore(desk.Saved{})
}

// decoded is what comes out of a save that was encoded, and its encoding. A list
// that is empty is none then.
func decoded(kept saved) (raw []byte, back saved, err error) {
	if raw, err = json.Marshal(kept); err != nil {
		return nil, back, err
	}
	if err = json.Unmarshal(raw, &back); err != nil {
		return nil, back, err
	}
	raw, err = json.MarshalIndent(back, "", " ")
	return raw, back, err
}

func (p *play) snapshot() string {
	s := p.live()
	if s == nil {
		return "no session"
	}
	s.Lock()
	defer s.Unlock()
	kept, err := s.record().snapshotLocked()
	if err != nil {
		p.fault("saving: %v", err)
	}
	undone := len(kept.Inbox.Undone) // their ids are in no order
	kept.Inbox.Undone = nil
	raw, _, err := decoded(kept)
	if err != nil {
		p.fault("encoding: %v", err)
	}
	return fmt.Sprintf("%d undone\n%s", undone, raw)
}

// outcome is all that people and Claude got, with names for what is random.
func (p *play) outcome(snapshot string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "CLAUDE\n%s\n\nTHREAD\n", strings.Join(p.log, "\n"))
	p.chat.Mu.Lock()
	for _, post := range p.chat.Posts {
		fmt.Fprintf(&b, "== %s %s %v files %d reactions", post.ID, post.UserID, post.Props["ctpipe"], len(p.chat.Attached[post.ID]))
		for _, r := range p.chat.Under[post.ID] {
			fmt.Fprintf(&b, " %s:%s", r.UserID, r.Emoji)
		}
		fmt.Fprintf(&b, "\n%s\n", post.Message)
	}
	p.chat.Mu.Unlock()
	fmt.Fprintf(&b, "\nSESSION\n%s\n", snapshot)
	names := map[string]string{}
	return randomID.ReplaceAllStringFunc(b.String(), func(id string) string {
		if names[id] == "" {
			names[id] = fmt.Sprint("ID", len(names))
		}
		return names[id]
	})
}
