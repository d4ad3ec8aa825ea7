package hooks

import (
	"context"
	"strings"
	"testing"
	"time"

	"ctpipe/internal/diag"
	"ctpipe/internal/rules"
	"ctpipe/pipeline"
)

var onError = map[pipeline.Kind]pipeline.Verdict{pipeline.KindTool: pipeline.Ask, pipeline.KindShow: pipeline.Deny}

func source(name, lua string) Source {
	return Source{Name: "scripts/" + name + ".lua", Bytes: []byte(lua), OnError: onError, At: "rules.toml:1:1"}
}

func build(t testing.TB, sources ...Source) *Set {
	t.Helper()
	return buildWith(t, Options{}, sources...)
}

func buildWith(t testing.TB, o Options, sources ...Source) *Set {
	t.Helper()
	set, findings := Build(sources, o)
	if set == nil {
		t.Fatalf("build: %v", findings)
	}
	return set
}

// patient gives a set's hooks more time than rules.toml can.
func patient(set *Set) *Set {
	for _, h := range set.hooks {
		h.source.Timeout = 5 * time.Second
	}
	return set
}

// toolHook is a script whose tool function has the given body.
func toolHook(body string) Source {
	src := source("x", "return { tool = function(ev)\n"+body+"\nend }")
	src.May = []pipeline.Verdict{pipeline.Allow}
	return src
}

// run1 runs one hook over one event and gives its one result.
func run1(t testing.TB, set *Set, ev *pipeline.Event) Result {
	t.Helper()
	results := set.Run(context.Background(), ev)
	if len(results) != 1 {
		t.Fatalf("got %d results, want 1", len(results))
	}
	return results[0]
}

func toolEvent(commands ...pipeline.Command) *pipeline.Event {
	return &pipeline.Event{
		ID: "01J", Kind: pipeline.KindTool, Thread: pipeline.Thread{ID: "main:abc"},
		Time: pipeline.Time{Unix: 1763977200, RFC3339: "2025-11-24T09:40:00Z"}, // a Monday
		Tool: pipeline.Tool{ID: "t1", Name: "Bash", Input: map[string]any{"command": "ls", "timeout": 5.0}, Commands: commands},
	}
}

func verdict(r Result) string {
	if r.Vote == nil {
		return "abstain"
	}
	return r.Vote.Verdict.String()
}

func TestVotes(t *testing.T) {
	tests := []struct{ name, body, want, why string }{
		{"nothing", ``, "abstain", ""},
		{"nil", `return nil`, "abstain", ""},
		{"deny", `return ct.deny("no")`, "deny", "no"},
		{"allow", `return ct.allow("yes")`, "allow", "yes"},
		{"ask", `return ct.ask("really?", {approvers = {"oncall"}, quorum = 2, ttl = "15m", requester = false})`, "ask", "really?"},
		{"unknown option", `return ct.ask("x", {aprovers = "a"})`, "ask", `did you mean "approvers"?`},
		{"a string", `return "deny"`, "ask", "returned a string"},
		{"a boolean", `return true`, "ask", "returned a boolean"},
		{"a forged table", `return { verdict = "allow" }`, "ask", "returned a table"},
		{"two values", `return ct.allow(), ct.deny()`, "ask", "returned 2 values"},
		{"the event", `return ev`, "ask", "returned a userdata"},
		{"set in tool", `return ct.set{ dir = "x" }`, "ask", "it is for start"},
		{"field", `local e = ev return e.tool.comands`, "ask", `tool has no field "comands" (did you mean "commands"?)`},
		{"write", `ev.tool = 1`, "ask", "read-only"},
		{"error", `error("boom")`, "ask", "boom"},
		{"error table", `error({})`, "ask", "error raised with a table"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := run1(t, build(t, toolHook(tt.body)), toolEvent())
			if verdict(r) != tt.want {
				t.Fatalf("verdict %s, want %s (err %v)", verdict(r), tt.want, r.Err)
			}
			if tt.want != "abstain" && !strings.Contains(r.Vote.Why+" ("+r.Vote.Err+")", tt.why) {
				t.Errorf("why %q (%s), want %q in it", r.Vote.Why, r.Vote.Err, tt.why)
			}
		})
	}
}

func TestAskTerms(t *testing.T) {
	set := build(t, toolHook(`return ct.ask("really?", {approvers = {"oncall", "owner"}, quorum = 2, ttl = "15m", requester = false})`))
	v := run1(t, set, toolEvent()).Vote
	if v.Source != pipeline.SourceHook || v.By != "x" || v.At != "rules.toml:1:1" {
		t.Errorf("vote %+v", v)
	}
	terms := v.Terms
	if strings.Join(terms.Approvers, ",") != "oncall,owner" || terms.Quorum != 2 || terms.TTL != 15*time.Minute || terms.Requester == nil || *terms.Requester {
		t.Errorf("terms %+v", terms)
	}
}

// A hook only tightens unless its [[hook]] says more.
func TestAllowNeedsMay(t *testing.T) {
	src := toolHook(`return ct.allow("yes")`)
	src.May = nil
	r := run1(t, build(t, src), toolEvent())
	if verdict(r) != "ask" || r.Err == nil || !strings.Contains(r.Err.Error(), "may") {
		t.Fatalf("%s %v", verdict(r), r.Err)
	}
}

func TestFindings(t *testing.T) {
	tests := []struct{ name, src, want string }{
		{"syntax", "return {\n  tool = function(ev) return ) end }", `scripts/x.lua:2:`},
		{"end of file", "return {\n  tool = function(ev)", `scripts/x.lua:2:22: the file ends`},
		{"unknown ct", "return { tool = function(ev)\n return ct.deney('x') end }", `scripts/x.lua:2:12: ct has no function "deney" (did you mean "deny"?)`},
		{"unknown store", "return { tool = function(ev) ct.store.inc('x') end }", `ct.store has no function "inc" (did you mean "incr"?)`},
		{"unknown field", "return { tool = function(ev) return ev.tool.comands end }", `ev.tool has no field "comands" (did you mean "commands"?)`},
		{"global write", "return { tool = function(ev) count = 1 end }", `assignment to global "count"`},
		{"global function", "function f() end return { tool = f }", `assignment to global "f"`},
		{"global read", "return { tool = function(ev) return iparis({}) end }", `undeclared name "iparis" (did you mean "ipairs"?)`},
		{"os", "return { tool = function(ev) return os.time() end }", `"os" is not available to hooks: time is ev.time`},
		{"load", "return { tool = function(ev) return load('x') end }", `"load" is not available`},
		{"random", "return { tool = function(ev) return math.random() end }", `math.random is not available`},
		{"no table", "return 1", "the file returned a number"},
		{"empty", "return {}", "the returned table is empty"},
		{"kind", "return { tol = function(ev) end }", `"tol" is no event kind (did you mean "tool"?)`},
		{"not a function", "return { tool = 1 }", "tool is a number; want a function"},
		{"effect at load", "ct.reply('x') return { tool = function(ev) end }", "ct.reply while the file is loaded"},
		{"loop at load", "while true do end", "does not end"},
		{"error at load", "\nerror('x')", "scripts/x.lua:2: x"},
		{"dynamic require", "local n = 'a' local m = require(n) return { tool = function(ev) end }", "require wants one literal name"},
		{"missing module", "local m = require('lib.a') return { tool = function(ev) end }", "module scripts/lib/a.lua does not exist"},
		{"escape", "local m = require('../a') return { tool = function(ev) end }", "module name"},
		{"command help", "return { command = { review = { hlp = 'x', run = function(ev) end } } }", `no field "hlp" (did you mean "help"?)`},
		{"command name", "return { command = { Review = function(ev) end } }", `command "Review"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			set, findings := Build([]Source{source("x", tt.src)}, Options{})
			if set != nil || len(findings) == 0 {
				t.Fatal("built")
			}
			if got := findings[0].String(); !strings.Contains(got, tt.want) || findings[0].Level != diag.Error {
				t.Errorf("finding %q, want %q in it", got, tt.want)
			}
		})
	}
}

// The host keeps to the limits of rules.toml itself.
func TestTimeoutLimits(t *testing.T) {
	for timeout, want := range map[time.Duration]string{rules.MinHookTimeout: "", rules.MaxHookTimeout: "", time.Microsecond: "timeout 1µs: want 1ms to 2s",
		rules.MaxHookTimeout + 1: "want 1ms to 2s", -1: "want 1ms to 2s"} {
		src := toolHook("return ct.deny('x')")
		src.Timeout = timeout
		_, findings := Build([]Source{src}, Options{})
		if want == "" && len(findings) == 0 {
			continue
		}
		if len(findings) != 1 || want == "" || !strings.Contains(findings[0].String(), want) {
			t.Errorf("%s: %v, want %q", timeout, findings, want)
		}
	}
}

// What a script may well contain builds and runs.
func TestAccepted(t *testing.T) {
	long := `"a"` + strings.Repeat(` .. "b"`, 150)
	for _, body := range []string{
		`local ev = { anything = 1 } return ct.deny(tostring(ev.anything))`,
		`local s = ` + long + ` return ct.deny(s)`,
		`local t = {} t.a, t["b"], t[1] = 1, 2, 3 return ct.deny(t.a .. t.b .. t[1])`,
		`local M = {} function M:f(x) return self == M and x end function M.g(...) return select("#", ...) end return ct.deny(M:f("y") .. M.g(1, 2))`,
		`local function f(...) local a, b = ... return b end return ct.deny(f("x", "y"))`,
		`local i = 0 repeat local done = i == 3 i = i + 1 until done return ct.deny("" .. i)`,
		`for i = 10, 1, -3 do if i < 5 then return ct.deny("i" .. i) end end`,
		`local t = setmetatable({}, { __index = function(_, k) return k .. "!" end, __concat = function(a, b) return "joined" end }) return ct.deny(t.x .. (t .. "y"))`,
		`local ok, err = pcall(error, { code = 7 }) return ct.deny("code " .. err.code)`,
		`local t = { 3, 1, 2 } table.sort(t, function(a, b) return a > b end) table.insert(t, 1, 9) return ct.deny(table.concat(t, ",") .. table.remove(t))`,
		`local keys = {} for k in pairs({ b = 1, a = 2 }) do keys[#keys + 1] = k end return ct.deny(table.concat(keys))`,
		`local n = {} for w in ("a bb ccc"):gmatch("%a+") do n[#n + 1] = #w end return ct.deny(table.concat(n))`,
	} {
		r := run1(t, build(t, toolHook(body)), toolEvent())
		if r.Err != nil || verdict(r) != "deny" || r.Vote.Why == "" {
			t.Errorf("%.60s: %s %v", body, verdict(r), r.Err)
		}
	}
}
