package rehearsal

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestExplainListsTheDirectory(t *testing.T) {
	dir := t.TempDir()
	for _, f := range []string{"go.mod", "alpha.go", "beta.go"} {
		if err := os.WriteFile(filepath.Join(dir, f), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	h := start(t, dir, true)
	result, said := h.turn("please explain this repo")
	for _, want := range []string{"rehearsal agent", "`go.mod` | a Go module", "`alpha.go`", "**3 files**", "most of them `.go`"} {
		if !strings.Contains(said, want) {
			t.Errorf("the explanation lacks %q:\n%s", want, said)
		}
	}
	if result["is_error"] != false || result["num_turns"] != 2.0 {
		t.Errorf("result %v", result)
	}
	var deltas strings.Builder
	for _, m := range h.lines {
		if ev, ok := m["event"].(obj); ok && ev["type"] == "content_block_delta" {
			if s, ok := ev["delta"].(obj)["text"].(string); ok {
				deltas.WriteString(s)
			}
		}
	}
	if deltas.String() != strings.ReplaceAll(said, "\n\n## ", "## ") && !strings.Contains(deltas.String(), result["result"].(string)) {
		t.Error("the deltas do not add up to the text")
	}
	if code := h.end(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// TestGateDecides covers P5: nothing runs unless the gate said allow.
func TestGateDecides(t *testing.T) {
	allow := func(string, obj) any { return obj{"behavior": "allow"} }
	deny := func(string, obj) any { return obj{"behavior": "deny", "message": "not today"} }
	gate := func(body any) func(string, obj) any { return func(string, obj) any { return body } }
	cases := []struct {
		name string
		gate func(string, obj) any
		ask  func(string, obj) any
		runs bool
		says string
	}{
		{"allow", gate(decide("allow", "")), nil, true, "Done"},
		{"deny", gate(decide("deny", "shared history")), allow, false, "shared history"},
		{"ask allow", gate(decide("ask", "look first")), allow, true, "Done"},
		{"ask deny", gate(decide("ask", "look first")), deny, false, "not today"},
		{"no opinion, people deny", gate(obj{}), deny, false, "not today"},
		{"no opinion, people allow", gate(obj{}), allow, true, "Done"},
		{"unknown decision", gate(decide("perhaps", "")), allow, false, "perhaps"},
		{"no object", gate("allow"), allow, false, "onFailure"},
		{"unknown behavior", gate(decide("ask", "")), gate(obj{"behavior": "maybe"}), false, "maybe"},
		{"answer no object", gate(decide("ask", "")), gate("allow"), false, "cannot be read"},
		{"rewritten at PreToolUse", gate(obj{"hookSpecificOutput": obj{"permissionDecision": "allow",
			"updatedInput": obj{"command": "touch marker other"}}}), nil, true, "you changed it"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			h := start(t, dir, true)
			h.gate, h.ask = c.gate, c.ask
			result, said := h.turn("run: touch marker")
			_, err := os.Stat(filepath.Join(dir, "marker"))
			if ran := err == nil; ran != c.runs {
				t.Errorf("command ran: %v, want %v", ran, c.runs)
			}
			if !strings.Contains(said, c.says) {
				t.Errorf("answer lacks %q:\n%s", c.says, said)
			}
			if denials := result["permission_denials"].([]any); len(denials) == 1 == c.runs {
				t.Errorf("permission_denials %v", denials)
			}
		})
	}
}

func TestNoGateNoTools(t *testing.T) {
	dir := t.TempDir()
	h := start(t, dir, false)
	h.ask = func(string, obj) any { return obj{"behavior": "allow"} }
	for _, prompt := range []string{"run: touch marker", "status", "force push", "ask me a question", "plan", "explain"} {
		if _, said := h.turn(prompt); !strings.Contains(said, "no PreToolUse callback") {
			t.Errorf("%s: %s", prompt, said)
		}
	}
	if len(h.requests("can_use_tool")) > 0 {
		t.Error("a tool was asked for without a gate")
	}
	if _, err := os.Stat(filepath.Join(dir, "marker")); err == nil {
		t.Error("a command ran without a gate")
	}
}

// TestMatcherIsNoGate: a hook for Bash alone would not see every call.
func TestMatcherIsNoGate(t *testing.T) {
	h := start(t, t.TempDir(), false)
	h.control("again", obj{"subtype": "initialize", "hooks": obj{"PreToolUse": []any{obj{"matcher": "Bash", "hookCallbackIds": []any{"cb"}}}}})
	if _, said := h.turn("status"); !strings.Contains(said, "no PreToolUse callback") {
		t.Error(said)
	}
}

func TestForcePushIsRefusedAndNotRetried(t *testing.T) {
	h := start(t, t.TempDir(), true)
	h.gate = func(_ string, in obj) any {
		if in["command"] == "git push --force" {
			return decide("deny", "Force-push rewrites shared history.")
		}
		return decide("allow", "")
	}
	_, said := h.turn("try a force push")
	if !strings.Contains(said, "> PreToolUse:Bash hook error: Force-push rewrites shared history.") {
		t.Errorf("the reason was not repeated:\n%s", said)
	}
	if n := len(h.requests("hook_callback")); n != 1 {
		t.Errorf("%d calls after a denial, want 1", n)
	}
}

func TestQuestionAndPlanAlwaysGoToPeople(t *testing.T) {
	h := start(t, t.TempDir(), true) // PreToolUse allows
	h.ask = func(tool string, in obj) any {
		if tool == "AskUserQuestion" {
			in["answers"] = obj{asked: "Hooks"}
		}
		return obj{"behavior": "allow", "updatedInput": in}
	}
	if _, said := h.turn("ask me a question"); !strings.Contains(said, "You chose **Hooks**") {
		t.Error(said)
	}
	if _, said := h.turn("make a plan"); !strings.Contains(said, "The plan is approved.") {
		t.Error(said)
	}
	h.ask = func(string, obj) any { return obj{"behavior": "deny", "message": "use fewer steps"} }
	if _, said := h.turn("another plan"); !strings.Contains(said, "> use fewer steps") {
		t.Error(said)
	}
	for _, r := range h.requests("can_use_tool") {
		if r["requires_user_interaction"] != true {
			t.Errorf("ask %v", r)
		}
	}
}

func TestInterruptMidText(t *testing.T) {
	h := start(t, t.TempDir(), true, "--rehearsal-delay=5ms") // or the text may be whole before it can be interrupted
	h.say("count")
	h.until("first delta", func(m obj) bool { ev, _ := m["event"].(obj); return ev["type"] == "content_block_delta" })
	h.control("stop", obj{"subtype": "interrupt"})
	m := h.until("result", func(m obj) bool { return m["type"] == "result" })
	if m["terminal_reason"] != "aborted_streaming" || m["subtype"] != "error_during_execution" {
		t.Errorf("result %v", m)
	}
	if !slices.ContainsFunc(h.lines, func(m obj) bool { return m["aborted"] == true }) {
		t.Error("no aborted assistant message")
	}
	if _, said := h.turn("hello"); !strings.Contains(said, "rehearsal agent") {
		t.Error("not usable after an interrupt")
	}
}

func TestInterruptWithdrawsAnOpenAskAndKeepsTheQueue(t *testing.T) {
	dir := t.TempDir()
	h := start(t, dir, true)
	h.gate = func(string, obj) any { return decide("ask", "people first") }
	h.say("run: touch marker")
	ask := h.until("ask", func(m obj) bool { r, _ := m["request"].(obj); return r["subtype"] == "can_use_tool" })
	waiting := h.say("hello")
	h.until("queued", func(m obj) bool { return m["command_uuid"] == waiting })
	h.control("stop", obj{"subtype": "interrupt"})
	r := h.until("interrupt reply", func(m obj) bool { return m["type"] == "control_response" })
	if q := r["response"].(obj)["response"].(obj)["still_queued"].([]any); len(q) != 1 || q[0] != waiting {
		t.Errorf("still_queued %v", q)
	}
	h.until("withdrawal", func(m obj) bool { return m["type"] == "control_cancel_request" && m["request_id"] == ask["request_id"] })
	h.until("the queued turn", func(m obj) bool { return m["command_uuid"] == waiting && m["state"] == "completed" })
	if _, err := os.Stat(filepath.Join(dir, "marker")); err == nil {
		t.Error("the withdrawn command ran")
	}
}

func TestInterruptKillsTheCommand(t *testing.T) {
	dir := t.TempDir()
	h := start(t, dir, true)
	h.say("run: echo on > started; tail -f started; touch survived")
	h.until("tool use", func(m obj) bool { r, _ := m["request"].(obj); return r["subtype"] == "hook_callback" })
	waitFor(t, func() bool { b, _ := os.ReadFile(filepath.Join(dir, "started")); return len(b) > 0 })
	h.control("stop", obj{"subtype": "interrupt"})
	m := h.until("result", func(m obj) bool { return m["type"] == "result" })
	if m["terminal_reason"] != "aborted_tools" {
		t.Errorf("result %v", m)
	}
}

func TestCancelQueuedDropsMessages(t *testing.T) {
	h := start(t, t.TempDir(), true)
	h.gate = func(string, obj) any { return nil } // never answered
	h.say("status")
	h.until("call", func(m obj) bool { r, _ := m["request"].(obj); return r["subtype"] == "hook_callback" })
	dropped := h.say("hello")
	h.until("queued", func(m obj) bool { return m["command_uuid"] == dropped })
	h.control("stop", obj{"subtype": "interrupt", "cancel_queued": true})
	h.until("cancelled", func(m obj) bool { return m["command_uuid"] == dropped && m["state"] == "cancelled" })
}

func TestEndOfInputDeniesOpenAsks(t *testing.T) {
	dir := t.TempDir()
	h := start(t, dir, true)
	h.gate = func(string, obj) any { return decide("ask", "") }
	h.say("run: touch marker")
	h.until("ask", func(m obj) bool { r, _ := m["request"].(obj); return r["subtype"] == "can_use_tool" })
	h.in.Close()
	h.until("result", func(m obj) bool { return m["type"] == "result" })
	if code := h.end(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if _, err := os.Stat(filepath.Join(dir, "marker")); err == nil {
		t.Error("an unanswered command ran")
	}
}

func TestMessagesCoalesceAndDuplicatesDrop(t *testing.T) {
	h := start(t, t.TempDir(), true)
	id := h.say("hello")
	h.until("end", func(m obj) bool { return m["command_uuid"] == id && m["state"] == "completed" })
	h.send(obj{"type": "user", "message": obj{"role": "user", "content": "hello"}, "uuid": id})
	h.send(obj{"type": "user", "message": obj{"role": "user", "content": "for your information"}, "shouldQuery": false})
	m := h.until("result", func(m obj) bool { return m["type"] == "result" })
	if m["num_turns"] != 0.0 || m["result"] != "" {
		t.Errorf("result of a message without a query: %v", m)
	}
	if h.end() != 0 {
		t.Error("exit code")
	}
	results := 0
	for _, m := range h.lines {
		if m["type"] == "result" {
			results++
		}
	}
	if results != 2 {
		t.Errorf("%d results, want 2: a duplicate was played", results)
	}
}

// TestContextIsNoWish: what came with shouldQuery:false (a CLAUDE.md) chooses
// no act, whether it is queued before or during a turn.
func TestContextIsNoWish(t *testing.T) {
	dir := t.TempDir()
	h := start(t, dir, true)
	h.gate = func(string, obj) any { return nil } // hold the first turn open
	h.say("status")
	h.until("call", func(m obj) bool { r, _ := m["request"].(obj); return r["subtype"] == "hook_callback" })
	h.gate = nil
	h.send(obj{"type": "user", "message": obj{"role": "user", "content": "run: touch marker"}, "shouldQuery": false})
	last := h.say("hello")
	h.until("queued", func(m obj) bool { return m["command_uuid"] == last })
	h.control("stop", obj{"subtype": "interrupt"})
	h.until("end", func(m obj) bool { return m["command_uuid"] == last && m["state"] == "completed" })
	if n := len(h.requests("hook_callback")); n != 1 {
		t.Errorf("%d calls, want only the first", n)
	}
}

func TestModeAndUnknownControl(t *testing.T) {
	h := start(t, t.TempDir(), true)
	reply := func(id string, req obj) obj {
		h.control(id, req)
		return h.until("reply", func(m obj) bool { r, _ := m["response"].(obj); return r["request_id"] == id })["response"].(obj)
	}
	if r := reply("1", obj{"subtype": "set_permission_mode", "mode": "auto"}); r["subtype"] != "success" {
		t.Error(r)
	}
	if r := reply("2", obj{"subtype": "set_permission_mode", "mode": "bypassPermissions"}); r["error_code"] != "bypass_not_launched" {
		t.Error(r)
	}
	if r := reply("3", obj{"subtype": "dance"}); r["error_code"] != "unsupported_request" {
		t.Error(r)
	}
	h.gate = func(string, obj) any { return obj{} } // no opinion: auto mode decides
	if _, said := h.turn("status"); !strings.Contains(said, "Done") {
		t.Error(said)
	}
	if n := len(h.requests("can_use_tool")); n != 0 {
		t.Errorf("%d asks for a harmless call in auto mode", n)
	}
}

func TestMainFlagsAndBadInput(t *testing.T) {
	var out, errs bytes.Buffer
	if code := Main(strings.NewReader(""), &out, &errs, []string{"--version"}, nil); code != 0 || !strings.HasPrefix(out.String(), version) {
		t.Errorf("--version: %d %q", code, out.String())
	}
	for _, in := range []string{"{not json\n", `{"type":"user","message":{"role":"assistant","content":"x"}}` + "\n"} {
		errs.Reset()
		if code := Main(strings.NewReader(in), &out, &errs, nil, nil); code != 1 || errs.Len() == 0 {
			t.Errorf("%q: exit code %d, stderr %q; want 1 and a reason", in, code, errs.String())
		}
	}
	if code := Main(strings.NewReader(""), &out, &errs, []string{"--session-id", "no-uuid"}, nil); code != 1 {
		t.Errorf("a bad session id: exit code %d", code)
	}
}

// TestSlashIsNoWish: a command of Claude Code's own runs nothing.
func TestSlashIsNoWish(t *testing.T) {
	h := start(t, t.TempDir(), true)
	for _, text := range []string{"/cost", "/context", "/compact keep the status"} {
		name, _, _ := strings.Cut(text, " ")
		if _, said := h.turn(text); !strings.HasPrefix(said, "`"+name+"` is a command of Claude Code's own") {
			t.Errorf("%s is answered by:\n%s", text, said)
		}
	}
}
