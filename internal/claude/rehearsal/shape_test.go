package rehearsal

import (
	"bufio"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// shape is what recorded lines of one kind have in common and may have.
type shape struct {
	required map[string]bool // top-level keys of every excerpt
	allowed  map[string]bool // paths of any excerpt
}

// opaque keys hold data of tools, models and people, not protocol.
var opaque = []string{"input", "tool_input", "modelUsage", "answers", "questions", "memory_paths", "tool_use_result"}

// unplayed are recorded required keys a script has no value for.
var unplayed = map[string]bool{"stream_event/message_start thinking_display": true}

func kind(m obj) string {
	typ, sub := str(m, "type"), str(m, "subtype")
	switch typ {
	case "control_request":
		r := m["request"].(obj)
		if sub = str(r, "subtype"); sub == "can_use_tool" {
			sub += ":" + str(r, "tool_name")
		}
	case "control_response":
		sub = responseKind(m["response"].(obj))
	case "stream_event":
		sub = eventKind(m["event"].(obj))
	case "user", "assistant":
		sub = "str"
		if c, ok := m["message"].(obj)["content"].([]any); ok {
			sub = str(c[0].(obj), "type")
		}
	case "command_lifecycle":
		sub = str(m, "state")
	}
	return strings.TrimSuffix(typ+"/"+sub, "/")
}

func responseKind(r obj) string {
	body, _ := r["response"].(obj)
	switch {
	case str(r, "subtype") != "success":
		return "error"
	case body["pid"] != nil:
		return "success:initialize"
	case body["still_queued"] != nil:
		return "success:interrupt"
	case body["mode"] != nil:
		return "success:mode"
	}
	return "success:other"
}

func eventKind(ev obj) string {
	k := str(ev, "type")
	for _, part := range []string{"content_block", "delta"} {
		if p, ok := ev[part].(obj); ok && str(p, "type") != "" {
			k += ":" + str(p, "type")
		}
	}
	return k
}

func str(m obj, key string) string { s, _ := m[key].(string); return s }

// paths collects the key paths of v.
func paths(v any, at string, into map[string]bool) {
	switch v := v.(type) {
	case obj:
		for k, e := range v {
			p := at + "." + k
			into[p] = true
			if !slices.Contains(opaque, k) || at == ".request" && v["callback_id"] != nil {
				paths(e, p, into)
			}
		}
	case []any:
		for _, e := range v {
			paths(e, at+"[]", into)
		}
	}
}

func recorded(t *testing.T) map[string]*shape {
	t.Helper()
	f, err := os.Open("testdata/recorded.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	shapes := map[string]*shape{}
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 1<<20)
	for sc.Scan() {
		var e struct {
			Kind string
			Line obj
		}
		if err := json.Unmarshal(sc.Bytes(), &e); err != nil {
			t.Fatal(err)
		}
		s := shapes[e.Kind]
		if s == nil {
			s = &shape{required: map[string]bool{}, allowed: map[string]bool{}}
			for k := range e.Line {
				s.required[k] = true
			}
			shapes[e.Kind] = s
		}
		maps.DeleteFunc(s.required, func(k string, _ bool) bool { _, ok := e.Line[k]; return !ok })
		paths(e.Line, "", s.allowed)
	}
	return shapes
}

// check compares one line with the recorded shape of its kind.
func check(shapes map[string]*shape, m obj) []string {
	k := kind(m)
	s := shapes[k]
	if s == nil {
		return []string{"kind " + k + " was never recorded"}
	}
	var bad []string
	for key := range s.required {
		if _, ok := m[key]; !ok && !unplayed[k+" "+key] {
			bad = append(bad, fmt.Sprintf("%s: no %q, which every recorded line has", k, key))
		}
	}
	have := map[string]bool{}
	paths(m, "", have)
	for p := range have {
		if !s.allowed[p] {
			bad = append(bad, fmt.Sprintf("%s: %s was never recorded", k, p))
		}
	}
	slices.Sort(bad)
	return bad
}

// TestShapesAreThoseOfTheRealCLI plays everything the agent can do and holds
// each line against lines of Claude Code 2.1.330.
func TestShapesAreThoseOfTheRealCLI(t *testing.T) {
	h := start(t, t.TempDir(), true)
	h.gate = func(tool string, in obj) any {
		switch in["command"] {
		case "true":
			return decide("ask", "look first")
		case "git push --force":
			return decide("deny", "no")
		}
		return decide("allow", "")
	}
	h.ask = func(_ string, in obj) any {
		return obj{"behavior": "allow", "updatedInput": in, "updatedPermissions": []any{obj{"type": "setMode", "mode": "default", "destination": "session"}}}
	}
	for _, prompt := range []string{"hello", "explain", "status", "run: true", "run: false", "force push", "ask me a question", "plan"} {
		h.turn(prompt)
	}
	h.control("m", obj{"subtype": "set_permission_mode", "mode": "plan"})
	h.control("u", obj{"subtype": "no such thing"})
	h.ask = func(string, obj) any { return nil }
	h.say("run: true")
	h.until("ask", func(m obj) bool { r, _ := m["request"].(obj); return r["subtype"] == "can_use_tool" })
	queued := h.say("count")
	h.control("i", obj{"subtype": "interrupt"})
	h.until("text", func(m obj) bool { ev, _ := m["event"].(obj); return ev["type"] == "content_block_delta" })
	h.control("i2", obj{"subtype": "interrupt"})
	h.until("end", func(m obj) bool { return m["command_uuid"] == queued && m["state"] == "completed" })

	shapes, seen := recorded(t), map[string]bool{}
	for _, m := range h.lines {
		seen[kind(m)] = true
		for _, bad := range check(shapes, m) {
			t.Error(bad)
		}
	}
	for k := range shapes {
		if !seen[k] && k != "command_lifecycle/cancelled" {
			t.Errorf("%s was not played", k)
		}
	}
}

func TestShapeCheckCanFail(t *testing.T) {
	shapes := recorded(t)
	good := obj{"type": "command_lifecycle", "state": "queued", "command_uuid": "c", "session_id": "s", "uuid": "u"}
	if bad := check(shapes, good); bad != nil {
		t.Fatal(bad)
	}
	extra, missing := maps.Clone(good), maps.Clone(good)
	extra["surprise"] = 1
	delete(missing, "uuid")
	unknown := obj{"type": "command_lifecycle", "state": "lost"}
	for _, m := range []obj{extra, missing, unknown} {
		if check(shapes, m) == nil {
			t.Errorf("accepted %v", m)
		}
	}
}
