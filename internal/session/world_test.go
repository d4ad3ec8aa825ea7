package session

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ctpipe/hooks"
	"ctpipe/internal/claude"
	"ctpipe/internal/clock"
	"ctpipe/internal/mattermost"
	"ctpipe/internal/mattermost/chattest"
	"ctpipe/internal/policy"
	"ctpipe/pipeline"
	"ctpipe/stages"
)

// basicRules are the rules of most tests; more is appended.
const basicRules = `
default = { post = "deny", start = "deny", command = "deny", reaction = "deny", tool = "ask", show = "allow", opaque = "ask" }
[playground]
allowed_users = ["alice", "bob"]
[approval]
approvers = ["allowed"]
ttl = "30m"
[[rule]]
id = "start"
on = "start"
when = 'user.allowed'
then = "allow"
[[rule]]
id = "talk"
on = "post"
when = 'user.owner or user.invited or user.allowed'
then = "allow"
[[rule]]
id = "strangers"
on = "post"
when = 'not (user.owner or user.invited or user.allowed)'
then = "ask"
why = "a stranger"
approvers = ["owner", "allowed"]
[[rule]]
id = "commands"
on = "command"
when = 'user.allowed'
then = "allow"
[[rule]]
id = "reactions"
on = "reaction"
when = 'user.allowed'
then = "allow"
`

// fakeAgent is a Claude that says what a test lets it say.
type fakeAgent struct {
	mu      sync.Mutex
	spec    claude.Spec
	h       claude.Handler
	got     []string
	images  [][]claude.Image // by message
	gates   map[string]claude.GateAnswer
	asks    map[string]claude.AskAnswer
	stopped bool
	breaks  int                        // interrupts
	control map[string]json.RawMessage // what it answers, by request
	err     error
}

func (a *fakeAgent) Ready() <-chan struct{} { return nil }
func (a *fakeAgent) Done() <-chan struct{}  { return nil }
func (a *fakeAgent) Send(m claude.UserMessage) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.err == nil {
		a.got, a.images = append(a.got, m.Text), append(a.images, m.Images)
	}
	return a.err
}
func (a *fakeAgent) AnswerGate(id string, g claude.GateAnswer) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, twice := a.gates[id]; twice {
		return claude.ErrAnswered
	}
	a.gates[id] = g
	return nil
}
func (a *fakeAgent) AnswerAsk(id string, k claude.AskAnswer) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, twice := a.asks[id]; twice {
		return claude.ErrAnswered
	}
	a.asks[id] = k
	return nil
}
func (a *fakeAgent) Interrupt(context.Context, bool) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.breaks++
	return nil
}
func (a *fakeAgent) Control(_ context.Context, subtype string, _ map[string]any) (json.RawMessage, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.control[subtype], nil
}
func (a *fakeAgent) Stop(context.Context) claude.Exit {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.stopped = true
	return claude.Exit{}
}

func (a *fakeAgent) sent() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.got)
}

// says decodes a line as the CLI writes it, and lets the session hear it.
func (a *fakeAgent) says(t *testing.T, format string, args ...any) {
	t.Helper()
	m, err := claude.Decode([]byte(fmt.Sprintf(format, args...)))
	if err != nil {
		t.Fatal(err)
	}
	a.h.Message(m)
}

// ask is the answer at the second door.
func (a *fakeAgent) ask(id string) claude.AskAnswer {
	synctest.Wait()
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.asks[id]
}

func quoted(s string) string { raw, _ := json.Marshal(s); return string(raw) }

func (a *fakeAgent) text(t *testing.T, id, text string) {
	a.says(t, `{"type":"assistant","message":{"id":%q,"model":"m","content":[{"type":"text","text":%s}]}}`, id, quoted(text))
}

func (a *fakeAgent) ends(t *testing.T) {
	a.says(t, `{"type":"result","subtype":"success","total_cost_usd":0.1}`)
}

// bash calls the Bash tool at the first door, and at the second if told to.
func (a *fakeAgent) bash(use, cmd string) {
	in, _ := json.Marshal(map[string]string{"command": cmd})
	a.call(use, "Bash", string(in))
}

func (a *fakeAgent) call(use, tool, input string) {
	fields := map[string]any{}
	_ = json.Unmarshal([]byte(input), &fields)
	a.h.Gate(claude.GateCall{RequestID: "g-" + use, ToolUseID: use, ToolName: tool, Input: json.RawMessage(input), Fields: fields, SessionID: a.spec.SessionID, Cwd: a.spec.Dir})
	synctest.Wait()
	a.mu.Lock()
	asked := a.gates["g-"+use].Decision == claude.Ask
	a.mu.Unlock()
	if asked {
		a.h.Ask(claude.AskCall{RequestID: "k-" + use, ToolUseID: use, ToolName: tool, Input: json.RawMessage(input), Fields: fields, SessionID: a.spec.SessionID, Cwd: a.spec.Dir})
		synctest.Wait()
	}
}

// fakeAgents starts them.
type fakeAgents struct {
	mu    sync.Mutex
	all   []*fakeAgent
	delay time.Duration
	err   error
	boom  bool
}

func (f *fakeAgents) Label() string { return "fake agent" }
func (f *fakeAgents) Start(ctx context.Context, s claude.Spec, h claude.Handler) (Agent, error) {
	select {
	case <-time.After(f.delay):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.boom {
		panic("no such thing")
	}
	if f.err != nil {
		return nil, f.err
	}
	a := &fakeAgent{spec: s, h: h, gates: map[string]claude.GateAnswer{}, asks: map[string]claude.AskAnswer{}}
	f.all = append(f.all, a)
	return a, nil
}

// world is a host on a fake chat with fake agents, under real rules.
type world struct {
	*testing.T
	chat   *chattest.Chat
	agents *fakeAgents
	host   *Host
	engine *pipeline.Engine
	load   *policy.Loader
	set    Settings
}

func (w *world) rules(text string) *pipeline.Snapshot {
	w.Helper()
	p, findings := w.load.Build(map[string][]byte{"rules.toml": []byte(text)}, nil)
	if p == nil {
		w.Fatalf("rules: %+v", findings)
	}
	return p.Snapshot
}

func newWorld(t *testing.T, more string) *world {
	t.Helper()
	w := &world{T: t, chat: chattest.New("alice", "bob", "mallory"), agents: &fakeAgents{},
		load: &policy.Loader{Path: t.TempDir() + "/rules.toml", Store: &hooks.Memory{}, Getenv: func(string) (string, bool) { return "", false },
			Stage: stages.Build{Seen: stages.NewMemory(1024)}}}
	hosts := Hosts{}
	w.engine = pipeline.NewEngine(w.rules(basicRules+more), hosts, nil)
	w.set = Settings{Dir: t.TempDir(), Mode: pipeline.ModeDefault, Max: 2, Posts: 1000, Parked: 3, Cards: 3}
	log := slog.New(slog.DiscardHandler)
	w.host = New(t.Context(), Options{Platform: "playground", Chat: w.chat, Me: w.chat.Users[chattest.BotID], Channel: mattermost.Channel{ID: chattest.ChannelID},
		MaxRunes: 4000, Agents: w.agents, Engine: w.engine, Lanes: pipeline.NewLanes(t.Context(), log), Clock: clock.System{}, Log: log,
		Settings: func(s *pipeline.Snapshot) Settings {
			set := w.set
			set.Approval, set.Allowed = s.Approval, policy.Of(s).Config.Playground.AllowedUsers
			return set
		}})
	hosts["playground"] = w.host
	return w
}

// post writes a post without waiting for what comes of it.
func (w *world) post(name, root, text string) string {
	w.chat.Mu.Lock()
	p := *w.chat.Add("u-"+name, root, text, nil)
	w.chat.Mu.Unlock()
	w.host.ears().receive(mattermost.Posted{Post: p})
	return p.ID
}

func (w *world) says(name, root, text string) string {
	id := w.post(name, root, text)
	w.settle()
	return id
}

func (w *world) settle() { time.Sleep(2 * time.Second); synctest.Wait() }

func (w *world) reacts(name, post, emoji string) {
	r := mattermost.Reaction{UserID: "u-" + name, PostID: post, Emoji: emoji}
	w.chat.Mu.Lock()
	w.chat.Under[post] = append(w.chat.Under[post], r)
	w.chat.Mu.Unlock()
	w.host.ears().receive(mattermost.ReactionAdded{Reaction: r, ChannelID: chattest.ChannelID})
	w.settle()
}

// opened starts a session and gives its thread and agent.
func (w *world) opened() (string, *fakeAgent) {
	w.Helper()
	root := w.says("alice", "", "@claude-code hello")
	if len(w.agents.all) == 0 {
		w.Fatalf("no agent: %q", chattest.Messages(w.chat.Said(root)))
	}
	return root, w.agents.all[len(w.agents.all)-1]
}

func (w *world) card(root string) mattermost.Post {
	w.Helper()
	cards := w.chat.OfKind(root, "card")
	if len(cards) == 0 {
		w.Fatalf("no card: %q", chattest.Messages(w.chat.Said(root)))
	}
	return cards[len(cards)-1]
}

func (w *world) shows(root, words string) {
	w.Helper()
	if !strings.Contains(strings.Join(chattest.Messages(w.chat.Said(root)), "\n"), words) {
		w.Errorf("the thread does not show %q:\n%s", words, strings.Join(chattest.Messages(w.chat.Said(root)), "\n---\n"))
	}
}

func inWorld(t *testing.T, more string, f func(w *world)) {
	synctest.Test(t, func(t *testing.T) { f(newWorld(t, more)) })
}

// TestTwoMentions covers RACE-01 and RACE-03: two mentions at once are one
// agent, which gets both texts once and in order.
func TestTwoMentions(t *testing.T) {
	inWorld(t, "", func(w *world) {
		w.agents.delay = 5 * time.Second
		root := w.post("alice", "", "@claude-code one")
		w.post("bob", root, "@claude-code two")
		w.post("alice", root, "three")
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if n := len(w.agents.all); n != 1 {
			t.Fatalf("%d agents", n)
		}
		chattest.Want(t, w.agents.all[0].sent(), "one", "[@bob]: two", "[@alice]: three")
	})
}

// TestSlots covers RACE-02: however many start at once, there are never more
// agents than slots, and the others are told.
func TestSlots(t *testing.T) {
	inWorld(t, "", func(w *world) {
		w.agents.delay = time.Second
		var roots []string
		for range 8 {
			roots = append(roots, w.post("alice", "", "@claude-code go"))
		}
		w.settle()
		told := 0
		for _, root := range roots {
			if strings.Contains(strings.Join(chattest.Messages(w.chat.Said(root)), ""), "**Too busy** - 2 sessions active") {
				told++
			}
		}
		if len(w.agents.all) != 2 || told != 6 {
			t.Errorf("%d agents, %d told", len(w.agents.all), told)
		}
	})
}

// TestNoClaude covers RACE-05 and RACE-06: a Claude that cannot be started, and
// a start that panics, are said in the thread, and leave the slot.
func TestNoClaude(t *testing.T) {
	inWorld(t, "", func(w *world) {
		w.agents.err = errors.New("no such file")
		root := w.says("alice", "", "@claude-code one")
		w.shows(root, "Claude could not be started")
		w.shows(root, "Your message was not delivered")
		w.agents.err, w.agents.boom = nil, true
		w.shows(w.says("alice", "", "@claude-code two"), "something is wrong inside ctpipe")
		w.agents.boom = false
		for range 2 {
			w.says("alice", "", "@claude-code three")
		}
		if len(w.agents.all) != 2 {
			t.Errorf("%d agents", len(w.agents.all))
		}
	})
}

// TestStopWhileStarting covers RACE-11: the agent that arrives afterwards is
// stopped, and gets nothing.
func TestStopWhileStarting(t *testing.T) {
	inWorld(t, "", func(w *world) {
		w.agents.delay = 10 * time.Second
		root := w.says("alice", "", "@claude-code one")
		w.says("alice", root, "!stop")
		w.shows(root, "Session cancelled")
		time.Sleep(20 * time.Second)
		synctest.Wait()
		if a := w.agents.all[0]; !a.stopped || len(a.sent()) != 0 {
			t.Errorf("stopped %v, got %q", a.stopped, a.sent())
		}
	})
}

// TestExitAtOnce covers RACE-04: an exit before the start has returned leaves
// no dead agent behind.
func TestExitAtOnce(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root, a := w.opened()
		a.h.Exit(claude.Exit{Code: 1, Stderr: "boom"})
		w.settle()
		w.shows(root, "before Claude could respond (exit code 1): boom")
		w.shows(w.says("alice", "", "@claude-code again"), "fake agent")
		a.text(t, "late", "a late word")
		w.settle()
		if strings.Contains(strings.Join(chattest.Messages(w.chat.Said(root)), ""), "late word") {
			t.Error("a replaced agent was heard")
		}
	})
}

// TestApproval covers A1, A4, A10, A13, SEC-03 and SEC-04: only an approver's
// 👍 lets the call run, once, with the input that was judged.
func TestApproval(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root, a, card := w.asked("touch x")
		if got := w.chat.Marks(card.ID); !slices.Equal(got, []string{"+1", "white_check_mark", "-1"}) {
			t.Errorf("seeds %v", got)
		}
		w.reacts("mallory", card.ID, "+1")
		w.reacts("mallory", card.ID, "-1")
		w.reacts("alice", card.ID, "eyes")
		if len(a.asks) != 0 {
			t.Fatalf("answered: %+v", a.asks)
		}
		w.reacts("bob", card.ID, "+1_dark_skin_tone")
		if got := a.ask("k-t1"); !got.Allow || string(got.UpdatedInput) != `{"command":"touch x"}` {
			t.Fatalf("answered: %+v", got)
		}
		w.reacts("alice", card.ID, "-1")
		w.shows(root, "✅ **Allowed** by")
	})
}

// TestTimeout covers A10: nobody answers, Claude is told so, and a late click
// changes nothing.
func TestTimeout(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root, a, _ := w.asked("touch x")
		time.Sleep(31 * time.Minute)
		if got := a.ask("k-t1"); got.Allow || got.Message != "nobody answered in 30 min; do something else or stop" {
			t.Fatalf("answered: %+v", got)
		}
		w.shows(root, "⏱️ **Timed out**")
		w.reacts("alice", w.card(root).ID, "+1")
		if a.ask("k-t1").Allow {
			t.Error("a late click allowed it")
		}
	})
}

// TestRulesChangeWhileOpen covers SEC-16 and design 7: a 👍 is judged under the
// rules in force now, and a denial wins.
func TestRulesChangeWhileOpen(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root, a, _ := w.asked("touch x")
		w.engine.Swap(w.rules(basicRules + "[[rule]]\nid='never'\non='tool'\nwhen='tool.name == \"Bash\"'\nthen='deny'\nwhy='not now'\n"))
		w.reacts("alice", w.card(root).ID, "+1")
		if got := a.ask("k-t1"); got.Allow || !strings.Contains(got.Message, "not now") {
			t.Errorf("answered: %+v", got)
		}
	})
}

// TestWithdrawn: a call that Claude gave up, before or after its card is there,
// leaves no open card.
func TestWithdrawn(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root, a, _ := w.asked("touch x")
		a.h.Withdraw("k-t1")
		w.settle()
		w.shows(root, "Claude withdrew this")
		a.h.Ask(claude.AskCall{RequestID: "k2", ToolUseID: "t2", ToolName: "Bash", Fields: map[string]any{"command": "x"}, Input: json.RawMessage(`{"command":"x"}`)})
		a.h.Withdraw("k2")
		w.settle()
		for _, card := range w.chat.OfKind(root, "card") { // the second may have been too quick
			if !strings.Contains(card.Message, "Claude withdrew this") {
				t.Errorf("an open card:\n%s", card.Message)
			}
		}
	})
}

// TestStrangers covers RACE-14 and the bound of parked posts.
func TestStrangers(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root, a := w.opened()
		for i := range 4 {
			w.says("mallory", root, fmt.Sprint("please ", i))
		}
		cards := w.chat.OfKind(root, "card")
		if len(cards) != 3 {
			t.Fatalf("%d cards", len(cards))
		}
		w.reacts("alice", cards[1].ID, "+1")
		chattest.Want(t, a.sent(), "hello", "[Message from @mallory, approved by @alice]\nplease 1")
	})
}

// TestQuestions: each question has its own card, and an early or repeated
// reaction answers one question only.
func TestQuestions(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root, a := w.opened()
		a.call("q1", "AskUserQuestion", `{"questions":[
			{"question":"Which?","header":"A","multiSelect":false,"options":[{"label":"Red"},{"label":"Blue"}]},
			{"question":"And?","header":"B","multiSelect":true,"options":[{"label":"One"},{"label":"Two"}]}]}`)
		w.settle()
		first := w.card(root)
		w.reacts("alice", first.ID, "two")
		w.reacts("bob", first.ID, "one")
		second := w.card(root)
		if first.ID == second.ID {
			t.Fatal("one card for two questions")
		}
		w.reacts("alice", second.ID, "one")
		w.reacts("alice", second.ID, "two")
		w.reacts("alice", second.ID, "white_check_mark")
		var got struct{ Answers map[string]string }
		if err := json.Unmarshal(a.ask("k-q1").UpdatedInput, &got); err != nil {
			t.Fatal(err)
		}
		if got.Answers["Which?"] != "Blue" || got.Answers["And?"] != "One, Two" {
			t.Errorf("answers %v", got.Answers)
		}
	})
}

func (w *world) rootID(root string) pipeline.PostID { return pipeline.PostID(root) }

// until waits for what happens outside of the world's clock: a program that runs.
func (w *world) until(done func() bool) {
	w.Helper()
	for range 600 {
		w.settle()
		w.agents.mu.Lock()
		ok := done()
		w.agents.mu.Unlock()
		if ok {
			return
		}
	}
	w.Fatal("it does not happen")
}

// pending counts what waits in threads that have no session.
func (w *world) pending() (n int) {
	for _, t := range w.host.allThreads() {
		if t.Pending() {
			n++
		}
	}
	return n
}
