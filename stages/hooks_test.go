package stages

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"ctpipe/hooks"
	"ctpipe/pipeline"
)

var everyKindAsks = map[pipeline.Kind]pipeline.Verdict{pipeline.KindTool: pipeline.Ask, pipeline.KindPost: pipeline.Ask}

// hooked is a policy whose only gate are these hooks.
type hooked struct {
	*pipeline.Snapshot
	set    *hooks.Set
	memory *hooks.Memory
}

// withHooks builds hooks of Lua bodies; each is the text after "return".
func withHooks(t *testing.T, bodies ...string) hooked {
	t.Helper()
	memory := &hooks.Memory{}
	var sources []hooks.Source
	for i, body := range bodies {
		sources = append(sources, hooks.Source{Name: fmt.Sprintf("scripts/h%d.lua", i), Bytes: []byte("return " + body),
			Timeout: 20 * time.Millisecond, OnError: everyKindAsks, May: []pipeline.Verdict{pipeline.Allow}})
	}
	set, findings := hooks.Build(sources, hooks.Options{Store: memory})
	if set == nil {
		t.Fatal(findings)
	}
	stage, err := newHooks(&Build{Hooks: set, Secrets: []string{"hunter2-hunter2"}})
	if err != nil {
		t.Fatal(err)
	}
	snap := &pipeline.Snapshot{OnError: everyKindAsks, Chains: map[pipeline.Kind][]pipeline.Link{}}
	for _, k := range pipeline.Kinds {
		snap.Chains[k] = []pipeline.Link{{Name: "hooks", Role: pipeline.Gate, Stage: stage}}
	}
	return hooked{snap, set, memory}
}

func (h hooked) judge(ev pipeline.Event) *pipeline.Run { return h.Judge(context.Background(), &ev) }

func (h hooked) remembers(key string) any {
	v, _ := h.memory.Get("h0", key, 0)
	return v.Value
}

func bashEvent(command string) pipeline.Event {
	return pipeline.Event{ID: "e", Kind: pipeline.KindTool, Tool: pipeline.Tool{Name: "Bash", Input: map[string]any{"command": command}}}
}

func effects(r *pipeline.Run) string {
	var out []string
	for _, e := range r.Effects() {
		out = append(out, strings.TrimPrefix(fmt.Sprintf("%T", e), "pipeline."))
	}
	return strings.Join(out, " ")
}

// What a person sets off through a hook happens only if that person may.
func TestHookEffectsNeedTheVerdict(t *testing.T) {
	body := `{ command = { review = { help = "x", run = function(ev)
		ct.react("eyes") ct.label("pr", 1) ct.store.set("pr", 1) ct.prompt("review it")
		if ev.user.allowed then return ct.allow("listed") end
	end } }, reaction = function(ev) return ct.prompt("again") end,
	session = function(ev) return ct.reply("over budget") end, tool = function(ev) return ct.prompt("careful") end }`
	h := withHooks(t, body)
	command := pipeline.Event{Kind: pipeline.KindCommand, Command: pipeline.ChatCommand{Name: "review"}}
	if got := effects(h.judge(command)); got != "Label" {
		t.Errorf("a stranger's command: %s", got)
	}
	if h.remembers("pr") != nil {
		t.Errorf("a stranger's command was remembered: %v", h.remembers("pr"))
	}
	command.User.Allowed = true
	if got := effects(h.judge(command)); got != "React Label Prompt" {
		t.Errorf("an allowed person's command: %s", got)
	}
	if h.remembers("pr") != 1.0 {
		t.Errorf("an allowed command was not remembered: %v", h.remembers("pr"))
	}
	command.Command.Slash = true
	if got := effects(h.judge(command)); got != "" {
		t.Errorf("a slash command is Claude's own: %s", got)
	}
	for kind, want := range map[pipeline.Kind]string{pipeline.KindReaction: "", pipeline.KindSession: "Reply", pipeline.KindTool: "Prompt"} {
		if got := effects(h.judge(pipeline.Event{Kind: kind})); got != want {
			t.Errorf("%s: %q, want %q", kind, got, want)
		}
	}
}

// P6: what a hook read is in the trace, and judged again with it, through the
// journal's form, the run ends as it did; the memory stays as it is.
func TestHookReadsReplay(t *testing.T) {
	h := withHooks(t, `{ tool = function(ev)
		local n = ct.store.incr("runs")
		if n > 2 then return ct.deny("run " .. n) end
		return ct.allow("run " .. n)
	end }`)
	for i, want := range []pipeline.Verdict{pipeline.Allow, pipeline.Allow, pipeline.Deny} {
		r := h.judge(bashEvent("make"))
		if got, _ := r.Verdict(); got != want {
			t.Fatalf("run %d: %s", i+1, got)
		}
		raw, err := json.Marshal(r.Trace.Reads)
		if err != nil {
			t.Fatal(err)
		}
		var reads map[string][]pipeline.Read
		if err := json.Unmarshal(raw, &reads); err != nil {
			t.Fatal(err)
		}
		ev := bashEvent("make")
		again := h.Rejudge(WithReads(context.Background(), reads), &ev)
		if got, top := again.Verdict(); got != want || top[0].Why != fmt.Sprintf("run %d", i+1) {
			t.Errorf("run %d replayed: %s %v", i+1, got, top)
		}
		if n := h.remembers("runs"); n != float64(i+1) {
			t.Errorf("after run %d the memory holds %v", i+1, n)
		}
	}
}

// A rewritten call is judged twice and is one run: it counts once, and leaves
// the effects and reads of the second judgement.
func TestHookRewriteCountsOnce(t *testing.T) {
	h := withHooks(t, `{ tool = function(ev) ct.store.incr("runs") ct.reply("judged " .. ev.tool.input.command) end }`,
		`{ tool = function(ev) if ev.tool.input.command == "push" then return ct.input({ command = "test && push" }) end end }`)
	r := h.judge(bashEvent("push"))
	if !r.Rewrote || r.Event.Tool.Input["command"] != "test && push" || r.Event.Tool.Hash == "" {
		t.Fatalf("%+v", r.Event.Tool)
	}
	if n := h.remembers("runs"); n != 1.0 {
		t.Errorf("counted %v times", n)
	}
	if got := effects(r); got != "Reply" || len(r.Trace.Reads["h0"]) != 1 {
		t.Errorf("effects %s, reads %v", got, r.Trace.Reads)
	}
}

// A failed hook leaves neither effects nor memory; one whose memory is full is
// an error, never an uncounted pass.
func TestHookFailureLeavesNothing(t *testing.T) {
	h := withHooks(t, `{ tool = function(ev) ct.store.set("a", 1) ct.reply("x") error("no") end }`)
	r := h.judge(bashEvent("x"))
	if got, _ := r.Verdict(); got != pipeline.Ask || effects(r) != "" || h.remembers("a") != nil {
		t.Errorf("%s, effects %q, memory %v", got, effects(r), h.remembers("a"))
	}
	h = withHooks(t, `{ tool = function(ev) ct.store.set(ev.tool.input.command, 1) return ct.allow("x") end }`)
	for i := range 10_000 {
		h.memory.Load(hooks.Place{Hook: "h0", Key: fmt.Sprint("k", i)}, hooks.Value{Value: 1.0})
	}
	r = h.judge(bashEvent("one more"))
	if got, top := r.Verdict(); got != pipeline.Ask || !strings.Contains(fmt.Sprint(top), "10000 keys") {
		t.Errorf("full memory: %s %v", got, top)
	}
}

// The third time-out switches a hook off: the thread is told once, and the
// hook votes on_error from then on.
func TestHookOpenedIsTold(t *testing.T) {
	h := withHooks(t, `{ tool = function(ev) while true do end end }`)
	for i := 1; i <= 5; i++ {
		r := h.judge(bashEvent("x"))
		if got, _ := r.Verdict(); got != pipeline.Ask {
			t.Errorf("call %d: %s", i, got)
		}
		if told := effects(r) == "Reply"; told != (i == 3) {
			t.Errorf("call %d: effects %q", i, effects(r))
		}
	}
	if off := h.set.Open(); len(off) != 1 {
		t.Errorf("open: %v", off)
	}
}

// A hook sees the text as the one before it left it, and cannot put back what
// ctpipe or an earlier hook took out.
func TestHookTextPassesOn(t *testing.T) {
	h := withHooks(t, `{ show = function(ev) return ct.text((ct.gsub(ev.show.text, "secret", "•••"))) end }`,
		`{ show = function(ev) return ct.style("fold", { text = ev.show.text .. " hunter2-hunter2", max_lines = 3, template = "> {text}" }) end }`)
	r := h.judge(pipeline.Event{Kind: pipeline.KindShow, Show: pipeline.Show{What: "text", Text: "a secret"}})
	if got := r.Text(); !strings.HasPrefix(got, "a •••") || strings.Contains(got, "hunter2") {
		t.Errorf("%q", got)
	}
	if s := r.Settings; s.Style != "fold" || s.MaxLines != 3 || s.Template != "> {text}" {
		t.Errorf("%+v", s)
	}
	if r.Event.Show.Text != "a secret" {
		t.Errorf("the event was changed: %q", r.Event.Show.Text)
	}
}
