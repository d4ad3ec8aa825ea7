package claude

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestHash: A1 (any change of what would run changes the hash) and A2 (re-worded
// advice does not).
func TestHash(t *testing.T) {
	base := Hash("Bash", json.RawMessage(`{"command":"ls","description":"List","timeout":1000}`), "/repo")
	same := map[string]json.RawMessage{
		"order and spaces": json.RawMessage("{ \"timeout\": 1000,\n \"command\": \"ls\", \"description\": \"List\" }"),
		"description":      json.RawMessage(`{"command":"ls","description":"Something else"}`),
		"timeout":          json.RawMessage(`{"command":"ls","timeout":5}`),
		"escapes":          json.RawMessage(`{"command":"\u006cs"}`),
	}
	for name, input := range same {
		if Hash("Bash", input, "/repo") != base {
			t.Errorf("%s changed the hash", name)
		}
	}
	hashes := map[string]string{"base": base}
	for _, c := range []struct{ name, tool, input, cwd string }{
		{"command", "Bash", `{"command":"ls -a"}`, "/repo"},
		{"space", "Bash", `{"command":"ls "}`, "/repo"},
		{"background", "Bash", `{"command":"ls","run_in_background":true}`, "/repo"},
		{"not background", "Bash", `{"command":"ls","run_in_background":false}`, "/repo"},
		{"sandbox", "Bash", `{"command":"ls","dangerouslyDisableSandbox":true}`, "/repo"},
		{"cwd", "Bash", `{"command":"ls"}`, "/repo/sub"},
		{"tool", "Monitor", `{"command":"ls"}`, "/repo"},
		{"description of another tool", "Agent", `{"command":"ls","description":"a"}`, "/repo"},
		{"its other description", "Agent", `{"command":"ls","description":"b"}`, "/repo"},
		{"nested timeout", "Bash", `{"command":"ls","x":{"timeout":1}}`, "/repo"},
		{"null", "Bash", `{"command":null}`, "/repo"},
		{"nothing", "Bash", `{}`, "/repo"},
		{"no object", "Bash", `[]`, "/repo"},
		{"broken", "Bash", `{"command":"ls"`, "/repo"},
		{"two values", "Bash", `{"command":"ls"} {}`, "/repo"},
		{"big number", "T", `{"n":9007199254740993}`, "/"},
		{"its neighbour", "T", `{"n":9007199254740992}`, "/"},
		{"lone surrogate", "Bash", `{"command":"\ud800"}`, "/repo"},
		{"another one", "Bash", `{"command":"\ud801"}`, "/repo"},
		{"invalid UTF-8", "Bash", "{\"command\":\"\xff\"}", "/repo"},
		{"other invalid", "Bash", "{\"command\":\"\xfe\"}", "/repo"},
		{"parts do not run together", "Bas", `{"command":"ls"}`, "h/repo"},
	} {
		h := Hash(c.tool, json.RawMessage(c.input), c.cwd)
		for name, other := range hashes {
			if other == h {
				t.Errorf("%q and %q have the same hash", c.name, name)
			}
		}
		hashes[c.name] = h
	}
}

// TestLedgerUsesARecordOnce: design section 10, way "the same tool_use_id
// twice", and A4.
func TestLedgerUsesARecordOnce(t *testing.T) {
	l := NewLedger()
	call := GateCall{SessionID: "s", ToolUseID: "t", ToolName: "Bash", Cwd: "/r"}
	first := l.Put(call, "h", Ask)
	second := l.Put(call, "h", Allow)
	ask := AskCall{SessionID: "s", ToolUseID: "t", ToolName: "Bash"}
	for name, wrong := range map[string]AskCall{
		"session":  {SessionID: "x", ToolUseID: "t", ToolName: "Bash"},
		"tool use": {SessionID: "s", ToolUseID: "x", ToolName: "Bash"},
		"tool":     {SessionID: "s", ToolUseID: "t", ToolName: "Edit"},
	} {
		if _, ok := l.Take(wrong, "h"); ok {
			t.Errorf("another %s took the record", name)
		}
	}
	if _, ok := l.Take(ask, "other"); ok {
		t.Error("another hash took the record")
	}
	for _, want := range []Record{first, second} {
		if r, ok := l.Take(ask, "h"); !ok || r.Arrival != want.Arrival || r.Decision != want.Decision || r.Cwd != "/r" {
			t.Errorf("took %+v, want %+v", r, want)
		}
	}
	if _, ok := l.Take(ask, "h"); ok || l.Len() != 0 {
		t.Error("a record was used twice")
	}
	l.Put(call, "h", Allow)
	l.Forget("s", "t")
	if _, ok := l.Take(ask, "h"); ok || l.Len() != 0 {
		t.Error("a forgotten record was used")
	}
}

// TestLedgerAgainstAModel: any sequence of calls, with a small bound.
func TestLedgerAgainstAModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := NewLedger()
		l.max = rapid.IntRange(1, 6).Draw(t, "max")
		var model []Record
		for range rapid.IntRange(0, 80).Draw(t, "steps") {
			id := fmt.Sprint(rapid.IntRange(0, 2).Draw(t, "id"))
			hash := fmt.Sprint(rapid.IntRange(0, 1).Draw(t, "hash"))
			switch rapid.SampledFrom([]string{"put", "put", "take", "forget"}).Draw(t, "step") {
			case "put":
				model = append(model, l.Put(GateCall{SessionID: "s", ToolUseID: id}, hash, Ask))
				if len(model) > l.max {
					model = model[1:]
				}
			case "take":
				r, ok := l.Take(AskCall{SessionID: "s", ToolUseID: id}, hash)
				i := slices.IndexFunc(model, func(m Record) bool { return m.ToolUseID == id && m.Hash == hash })
				if ok != (i >= 0) || ok && r.Arrival != model[i].Arrival {
					t.Fatalf("took %+v, %v; model %+v", r, ok, model)
				}
				if ok {
					model = slices.Delete(model, i, i+1)
				}
			case "forget":
				l.Forget("s", id)
				model = slices.DeleteFunc(model, func(m Record) bool { return m.ToolUseID == id })
			}
			if l.Len() != len(model) || len(l.order) > 2*l.max+1 {
				t.Fatalf("%d records, %d arrivals; model %d", l.Len(), len(l.order), len(model))
			}
		}
	})
}

func BenchmarkHash(b *testing.B) {
	input := json.RawMessage(`{"command":"git status && go test ./...","description":"Run the tests","timeout":120000}`)
	b.ReportAllocs()
	for b.Loop() {
		Hash("Bash", input, "/home/user/repo")
	}
}
