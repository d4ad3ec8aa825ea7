package hooks

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	lua "github.com/yuin/gopher-lua"

	"ctpipe/pipeline"
)

// P1: a fact nobody could establish is an error, and no allow can come of a
// call that read one, even if the script catches the error.
func TestUnknownFacts(t *testing.T) {
	ev := toolEvent()
	ev.Unknown = []string{"tool.commands"}
	for _, tt := range []struct{ body, want, err string }{
		{`local n = #ev.tool.commands`, "ask", "tool.commands is unknown"},
		{`pcall(function() return ev.tool.commands end) return ct.allow("x")`, "ask", "returned ct.allow although tool.commands is unknown"},
		{`pcall(function() return ev.tool.commands end) return ct.deny("x")`, "deny", ""},
		{`if ev.unknown[1] == "tool.commands" then return ct.deny("cannot see") end`, "deny", ""},
		{`return ct.allow(ev.tool.name)`, "allow", ""},
	} {
		r := run1(t, build(t, toolHook(tt.body)), ev)
		if verdict(r) != tt.want || tt.err != "" && !strings.Contains(r.Err.Error(), tt.err) {
			t.Errorf("%s: %s (%v), want %s", tt.body, verdict(r), r.Err, tt.want)
		}
	}
}

func TestOnError(t *testing.T) {
	src := source("x", `local function f(ev) error("boom") end
		return { post = f, start = f, command = f, reaction = f, tool = f, show = f, session = f, policy = f }`)
	src.OnError = map[pipeline.Kind]pipeline.Verdict{pipeline.KindTool: pipeline.Ask, pipeline.KindPost: pipeline.Allow}
	set := build(t, src)
	for _, kind := range pipeline.Kinds {
		want := "deny" // also where rules.toml says nothing, or allow
		switch kind {
		case pipeline.KindTool:
			want = "ask"
		case pipeline.KindSession, pipeline.KindPolicy:
			want = "abstain"
		}
		r := run1(t, set, &pipeline.Event{Kind: kind})
		if verdict(r) != want || r.Err == nil || !strings.Contains(r.Err.Error(), "scripts/x.lua:1: boom") {
			t.Errorf("%s: %s (%v), want %s", kind, verdict(r), r.Err, want)
		}
	}
}

func TestFailedCallLeavesNothing(t *testing.T) {
	mem := &Memory{}
	set := buildWith(t, Options{Store: mem}, toolHook(`
		ct.reply("x") ct.label("a", 1) ct.store.set("k", 1) ct.log("before")
		error("boom")`))
	r := run1(t, set, toolEvent())
	if len(r.Effects)+len(r.Writes) > 0 || r.Text != nil || len(r.Logs) != 1 {
		t.Errorf("left %+v", r)
	}
	if err := r.Commit(); err != nil {
		t.Fatal(err)
	}
	if _, ok := mem.Get("x", "k", 0); ok {
		t.Error("the store was written")
	}
}

// P6: nothing a hook keeps outside of ct.store outlives its call.
func TestCallsAreApart(t *testing.T) {
	set := build(t, source("x", `
		local n, seen = 0, {}
		return { tool = function(ev)
			n = n + 1
			seen[#seen + 1] = n
			ct.label("n", n + #seen)
		end }`))
	for range 5 {
		if r := run1(t, set, toolEvent()); r.Effects[0].Text != "2" {
			t.Fatalf("label %v", r.Effects)
		}
	}
}

func TestStore(t *testing.T) {
	mem := &Memory{}
	set := buildWith(t, Options{Store: mem}, toolHook(`
		local n = ct.store.incr("n", { ttl = "1h" })
		ct.store.incr("by", 2.5)
		if n == 1 then
			ct.store.set("t", { a = { 1, 2 }, b = "x" }, { ttl = 60 })
			ct.store.set("own", "write")
			assert(ct.store.get("own") == "write")
			ct.store.set("own", nil)
			assert(ct.store.get("own") == nil)
		end
		local kept = ct.store.get("t")
		return ct.deny(n .. " " .. (kept and kept.a[2] .. kept.b or "gone") .. " " .. ct.store.get("by"))`))
	ev := toolEvent()
	at := func(seconds int64) string {
		next := *ev
		next.Time.Unix += seconds
		r := run1(t, set, &next)
		if r.Err != nil {
			t.Fatal(r.Err)
		}
		if err := r.Commit(); err != nil {
			t.Fatal(err)
		}
		return r.Vote.Why
	}
	for _, tt := range []struct {
		seconds int64
		want    string
	}{{0, "1 2x 2.5"}, {30, "2 2x 5"}, {61, "3 gone 7.5"}, {3599, "4 gone 10"}, {3600, "1 2x 12.5"}} {
		if got := at(tt.seconds); got != tt.want {
			t.Errorf("after %d s: %q, want %q", tt.seconds, got, tt.want)
		}
	}
	r := run1(t, set, ev) // not committed: as if it had not been
	if again := run1(t, set, ev); r.Vote.Why != again.Vote.Why {
		t.Errorf("%q, then %q", r.Vote.Why, again.Vote.Why)
	}
}

func TestStoreLimits(t *testing.T) {
	for _, tt := range []struct{ body, want string }{
		{`ct.store.set(("k"):rep(300), 1)`, "a key of 300 bytes"},
		{`ct.store.set("k", ("v"):rep(70000))`, "at most 65536"},
		{`ct.store.set("k", function() end)`, "a function cannot be stored"},
		{`ct.store.set("k", "x") ct.store.incr("k")`, "holds no number"},
		{`for i = 1, 300 do ct.store.set("k" .. i, 1) end`, "more than 256 writes"},
		{`ct.store.incr("k", { ttl = "soon" })`, "want a duration"},
		{`ct.store.incr("k", { tttl = "1h" })`, `did you mean "ttl"?`},
	} {
		r := run1(t, build(t, toolHook(tt.body)), toolEvent())
		if r.Err == nil || !strings.Contains(r.Err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.body, r.Err, tt.want)
		}
	}
	m := &Memory{}
	for i := range maxKeys {
		m.Load(Place{"x", string(rune(i + 1))}, Value{Value: 1.0, Expires: 10})
	}
	w := []Write{{Key: "fresh", Value: 1.0}}
	if err := m.Commit("x", 5, w); err == nil {
		t.Error("a full store took another key")
	}
	if err := m.Commit("x", 10, w); err != nil { // the others have expired
		t.Error(err)
	}
}

// P6: a recorded run replayed gives the same vote, whatever the store says now.
func TestReplay(t *testing.T) {
	mem := &Memory{}
	set := buildWith(t, Options{Store: mem}, script(t, "test_budget", pipeline.Allow))
	ev := toolEvent(pipeline.Command{Prog: "go", Sub: "test", Args: []string{"./..."}})
	var runs []Result
	for range 35 {
		r := run1(t, set, ev)
		if err := r.Commit(); err != nil {
			t.Fatal(err)
		}
		runs = append(runs, r)
	}
	if got := verdict(runs[29]) + verdict(runs[30]); got != "allowask" {
		t.Fatalf("runs 30 and 31: %s", got)
	}
	for i, old := range runs {
		journal, err := json.Marshal(old.Reads)
		if err != nil {
			t.Fatal(err)
		}
		var reads []Read
		if err := json.Unmarshal(journal, &reads); err != nil {
			t.Fatal(err)
		}
		r := set.Replay(context.Background(), ev, map[string][]Read{"test_budget": reads})[0]
		if !reflect.DeepEqual(r.Vote, old.Vote) {
			t.Errorf("run %d: replayed as %+v, was %+v", i, r.Vote, old.Vote)
		}
		if err := r.Commit(); err != nil {
			t.Fatal(err)
		}
	}
	if v, _ := mem.Get("test_budget", "runs:main:abc", ev.Time.Unix); v.Value != 35.0 {
		t.Errorf("replay wrote the store: %v", v.Value)
	}
}

// P4: a hook that keeps timing out is off until its next save.
func TestCircuit(t *testing.T) {
	now := time.Unix(1000, 0)
	src := toolHook(`if ev.tool.name == "slow" then while true do end end return ct.allow("quick")`)
	src.Timeout = 5 * time.Millisecond
	o := Options{Now: func() time.Time { return now }}
	set := buildWith(t, o, src)
	slow := toolEvent()
	slow.Tool.Name = "slow"
	timeout := func(want error, opened bool) {
		t.Helper()
		if r := run1(t, set, slow); !errors.Is(r.Err, want) || r.Opened != opened || verdict(r) != "ask" {
			t.Fatalf("%v, opened %v, %s; want %v, %v", r.Err, r.Opened, verdict(r), want, opened)
		}
		now = now.Add(4 * time.Minute)
	}
	timeout(ErrTimeout, false)
	now = now.Add(4 * time.Minute) // the first will be too long ago
	timeout(ErrTimeout, false)
	timeout(ErrTimeout, false)
	timeout(ErrTimeout, true)
	timeout(ErrOpen, false)
	if r := run1(t, set, toolEvent()); !errors.Is(r.Err, ErrOpen) || verdict(r) != "ask" {
		t.Errorf("a quick call still runs: %v", r.Err)
	}
	if got := set.Open(); !reflect.DeepEqual(got, []string{"x"}) {
		t.Errorf("open: %v", got)
	}

	o.Previous = set
	if same := buildWith(t, o, src); len(same.Open()) != 1 {
		t.Error("saving another file closed the circuit")
	}
	src.Bytes = append(src.Bytes, '\n')
	if saved := buildWith(t, o, src); len(saved.Open()) != 0 {
		t.Error("saving the hook did not close its circuit")
	}
}

func TestParentContext(t *testing.T) {
	set := build(t, toolHook(`while true do end`))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	r := set.Run(ctx, toolEvent())[0]
	if verdict(r) != "ask" || !errors.Is(r.Err, context.Canceled) || errors.Is(r.Err, ErrTimeout) {
		t.Errorf("%s %v", verdict(r), r.Err)
	}
}

func TestPanicIsContained(t *testing.T) {
	baseOwn["crash"] = func(*state, *lua.LState) int { panic("a Go function of ours is broken") }
	globals["crash"] = true
	defer func() { delete(baseOwn, "crash"); delete(globals, "crash") }()
	set := build(t, toolHook(`crash() return ct.allow("x")`))
	if r := run1(t, set, toolEvent()); verdict(r) != "ask" || r.Err == nil {
		t.Errorf("%s %v", verdict(r), r.Err)
	}
}

func TestConcurrentRuns(t *testing.T) {
	sources := []Source{script(t, "deploy_window"), script(t, "test_budget", pipeline.Allow), script(t, "redact")}
	set := patient(build(t, sources...)) // a busy machine is no difference
	set.warm(2)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				results := set.Run(context.Background(), toolEvent(kubectl("prod")))
				if len(results) != 2 || verdict(results[0]) != "ask" || verdict(results[1]) != "abstain" {
					t.Errorf("%+v", results)
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestModules(t *testing.T) {
	main := source("x", `local dates = require("lib.dates")
		return { tool = function(ev) return ct.deny(dates.shout(require("lib.text").word)) end }`)
	modules := map[string][]byte{
		"scripts/lib/dates.lua": []byte(`local text = require("lib.text") local M = {} function M.shout(s) return text.up(s) .. "!" end return M`),
		"scripts/lib/text.lua":  []byte(`return { word = "no", up = function(s) return s:upper() end }`),
	}
	if got := Requires(main.Name, main.Bytes); !reflect.DeepEqual(got, []string{"scripts/lib/dates.lua", "scripts/lib/text.lua"}) {
		t.Fatalf("requires %v", got)
	}
	set := buildWith(t, Options{Modules: modules}, main)
	if r := run1(t, set, toolEvent()); r.Vote == nil || r.Vote.Why != "NO!" {
		t.Errorf("%+v", r)
	}
	modules["scripts/lib/text.lua"] = []byte("return {\n word = }")
	if set, findings := Build([]Source{main}, Options{Modules: modules}); set != nil || findings[0].File != "scripts/lib/text.lua" || findings[0].Line != 2 {
		t.Errorf("findings %v", findings)
	}
}

// warm makes n states for every hook, so that the first events do not wait for
// them.
func (s *Set) warm(n int) {
	for _, h := range s.hooks {
		for len(h.idle) < min(n, cap(h.idle)) {
			st, err := h.fresh()
			if err != nil {
				break
			}
			h.give(st)
		}
	}
}
