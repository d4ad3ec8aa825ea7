package rehearsal

import (
	"bufio"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

// host is the other side of the agent's stdio in a test. Everything the agent
// writes is kept and answered from the test's own goroutine.
type host struct {
	t     *testing.T
	in    *io.PipeWriter
	out   chan map[string]any
	code  chan int
	lines []map[string]any
	gate  func(tool string, input map[string]any) any // hook answer; nil: allow
	ask   func(tool string, input map[string]any) any // can_use_tool answer; nil result: leave it open
}

type obj = map[string]any

// start runs an agent in dir. gated registers the PreToolUse callback.
func start(t *testing.T, dir string, gated bool, args ...string) *host {
	t.Helper()
	h := &host{t: t, out: make(chan map[string]any, 4096), code: make(chan int, 1)}
	opt, err := parse(append([]string{"-p", "--verbose", "--include-partial-messages", "--permission-prompt-tool", "stdio",
		"--rehearsal-delay=0s", "--unknown-flag", "value"}, args...), []string{"CLAUDE_CODE_EMIT_SESSION_STATE_EVENTS=1"})
	if err != nil {
		t.Fatal(err)
	}
	stdin, in := io.Pipe()
	r, stdout := io.Pipe()
	h.in = in
	go func() {
		h.code <- newAgent(opt, dir, []string{"PATH=/usr/bin:/bin"}, stdout).run(t.Context(), stdin, io.Discard)
		stdout.Close()
	}()
	go func() {
		sc := bufio.NewScanner(r)
		sc.Buffer(nil, 1<<20)
		for sc.Scan() {
			m := obj{}
			if err := json.Unmarshal(sc.Bytes(), &m); err != nil {
				m["type"] = "not JSON: " + sc.Text()
			}
			h.out <- m
		}
		close(h.out)
	}()
	t.Cleanup(func() { in.Close(); stdin.Close(); r.Close() })
	init := obj{"subtype": "initialize"}
	if gated {
		init["hooks"] = obj{"PreToolUse": []any{obj{"hookCallbackIds": []any{"cb"}, "onFailure": "block"}}}
	}
	h.control("init", init)
	h.until("initialize reply", func(m obj) bool { return m["type"] == "control_response" })
	return h
}

func (h *host) send(v any) {
	h.t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		h.t.Fatal(err)
	}
	if _, err := h.in.Write(append(b, '\n')); err != nil {
		h.t.Fatalf("writing to the agent: %v", err)
	}
}

func (h *host) control(id string, request obj) {
	h.send(obj{"type": "control_request", "request_id": id, "request": request})
}

// say sends a prompt with a uuid and returns the uuid.
func (h *host) say(text string) string {
	id := uuid.NewString()
	h.send(obj{"type": "user", "message": obj{"role": "user", "content": text}, "uuid": id, "client_composed": true})
	return id
}

// until reads and serves lines up to one that satisfies cond.
func (h *host) until(what string, cond func(obj) bool) obj {
	h.t.Helper()
	deadline := time.After(20 * time.Second)
	for {
		select {
		case m, open := <-h.out:
			if !open {
				h.t.Fatalf("the agent ended before %s", what)
			}
			h.lines = append(h.lines, m)
			h.serve(m)
			if cond(m) {
				return m
			}
		case <-deadline:
			h.t.Fatalf("no %s within 20 s; last lines %v", what, h.lines[max(0, len(h.lines)-3):])
		}
	}
}

func (h *host) serve(m obj) {
	if m["type"] != "control_request" {
		return
	}
	req := m["request"].(obj)
	var body any
	switch {
	case req["subtype"] == "hook_callback":
		in := req["input"].(obj)
		body = decide("allow", "")
		if h.gate != nil {
			body = h.gate(in["tool_name"].(string), in["tool_input"].(obj))
		}
	case h.ask != nil:
		body = h.ask(req["tool_name"].(string), req["input"].(obj))
	}
	if body != nil {
		h.send(obj{"type": "control_response", "response": obj{"subtype": "success", "request_id": m["request_id"], "response": body}})
	}
}

func decide(decision, reason string) obj {
	return obj{"hookSpecificOutput": obj{"hookEventName": "PreToolUse", "permissionDecision": decision, "permissionDecisionReason": reason}}
}

// turn sends a prompt and returns the result and the words said in between.
func (h *host) turn(prompt string) (result obj, said string) {
	h.t.Helper()
	from := len(h.lines)
	id := h.say(prompt)
	h.until("end of turn", func(m obj) bool { return m["command_uuid"] == id && m["state"] == "completed" })
	for _, m := range h.lines[from:] {
		if m["type"] == "result" {
			result = m
		}
	}
	return result, words(h.lines[from:])
}

func words(lines []obj) string {
	var b strings.Builder
	for _, m := range lines {
		if m["type"] == "assistant" {
			for _, c := range m["message"].(obj)["content"].([]any) {
				if s, ok := c.(obj)["text"].(string); ok {
					b.WriteString(s + "\n")
				}
			}
		}
	}
	return b.String()
}

// end closes stdin and returns the exit code.
func (h *host) end() int {
	h.t.Helper()
	h.in.Close()
	for range h.out {
	}
	return <-h.code
}

// requests returns the agent's control requests of one subtype.
func (h *host) requests(subtype string) (out []obj) {
	for _, m := range h.lines {
		if r, ok := m["request"].(obj); ok && r["subtype"] == subtype {
			out = append(out, r)
		}
	}
	return out
}
