package claude

import (
	"encoding/json"
	"testing"
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

func BenchmarkHash(b *testing.B) {
	input := json.RawMessage(`{"command":"git status && go test ./...","description":"Run the tests","timeout":120000}`)
	b.ReportAllocs()
	for b.Loop() {
		Hash("Bash", input, "/home/user/repo")
	}
}
