package claude

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

const gateLine = `{"type":"control_request","request_id":"%s","request":{"subtype":"hook_callback","callback_id":"gate","tool_use_id":"t1",` +
	`"input":{"session_id":"s1","cwd":"/repo","permission_mode":"default","agent_id":"a1","agent_type":"Explore","hook_event_name":"PreToolUse",` +
	`"tool_name":"Bash","tool_use_id":"t1","tool_input":{"command":"ls","n":3}}}}`

const askLine = `{"type":"control_request","request_id":"%s","request":{"subtype":"can_use_tool","tool_name":"Bash","display_name":"Bash",` +
	`"tool_use_id":"t1","input":{"command":"ls"},"agent_id":"a1","decision_reason":"r","decision_reason_type":"hook",` +
	`"permission_suggestions":[{"type":"addRules","rules":[{"toolName":"Bash","ruleContent":"ls"}],"behavior":"allow","destination":"localSettings"}]}}`

// say makes a parrot write a line.
func say(t *testing.T, p *Process, text string) {
	t.Helper()
	if err := p.Send(UserMessage{Text: text}); err != nil {
		t.Fatal(err)
	}
}

type wire struct {
	Subtype   string         `json:"subtype"`
	RequestID string         `json:"request_id"`
	Response  map[string]any `json:"response"`
	Error     string         `json:"error"`
}

// answered waits for the answer that the CLI read for a request.
func answered(t *testing.T, w *watch, id string) (got wire) {
	t.Helper()
	w.mustUntil(t, "an answer to "+id, func() bool { return len(answersTo(w, id)) > 0 })
	w.mu.Lock()
	defer w.mu.Unlock()
	return answersTo(w, id)[0]
}

func answersTo(w *watch, id string) []wire {
	var list []wire
	for _, m := range w.messages {
		var l struct{ Got struct{ Response wire } }
		if json.Unmarshal(m.Header().Raw, &l) == nil && l.Got.Response.RequestID == id {
			list = append(list, l.Got.Response)
		}
	}
	return list
}

func TestGateCallAndAsk(t *testing.T) {
	p, w := startFake(t, fakeSpec(t, "parrot"))
	say(t, p, line(gateLine, "g1"))
	w.mustUntil(t, "the gate call", func() bool { return len(w.gates) == 1 })
	c := w.gates[0]
	if c.RequestID != "g1" || c.SessionID != "s1" || c.ToolUseID != "t1" || c.ToolName != "Bash" || c.Cwd != "/repo" || c.PermissionMode != "default" ||
		c.AgentID != "a1" || c.AgentType != "Explore" || string(c.Input) != `{"command":"ls","n":3}` || c.Fields["command"] != "ls" || c.Fields["n"] != 3.0 {
		t.Errorf("%+v", c)
	}
	if err := p.AnswerAsk("g1", AskAnswer{Allow: true}); !errors.Is(err, ErrUnknownCall) {
		t.Errorf("an ask's answer at the gate: %v", err)
	}
	if err := p.AnswerGate("g1", GateAnswer{Decision: "yes"}); err == nil {
		t.Error("an unknown decision was taken")
	}
	if err := p.AnswerGate("g1", GateAnswer{Decision: Ask, Reason: "look"}); err != nil {
		t.Error(err)
	}
	for _, second := range []Decision{Allow, Deny, Ask} {
		if err := p.AnswerGate("g1", GateAnswer{Decision: second}); !errors.Is(err, ErrAnswered) {
			t.Errorf("second answer: %v", err)
		}
	}
	if err := p.AnswerGate("g9", GateAnswer{Decision: Allow}); !errors.Is(err, ErrUnknownCall) {
		t.Errorf("unknown call: %v", err)
	}
	hook := answered(t, w, "g1").Response["hookSpecificOutput"].(map[string]any)
	if hook["permissionDecision"] != "ask" || hook["permissionDecisionReason"] != "look" || hook["hookEventName"] != "PreToolUse" {
		t.Errorf("%v", hook)
	}

	say(t, p, line(askLine, "q1"))
	w.mustUntil(t, "the ask", func() bool { return len(w.asks) == 1 })
	a := w.asks[0]
	if a.RequestID != "q1" || a.SessionID != "s1" || a.Cwd != "/repo" || a.ToolUseID != "t1" || a.ToolName != "Bash" || a.AgentID != "a1" ||
		a.DecisionReasonType != "hook" || a.Fields["command"] != "ls" || len(a.Suggestions) != 1 || a.Suggestions[0].Rules[0].RuleContent != "ls" {
		t.Errorf("%+v", a)
	}
	if err := p.AnswerAsk("q1", AskAnswer{Allow: true, UpdatedPermissions: a.Suggestions}); err == nil {
		t.Error("permissions that are written into the repository were taken")
	}
	bypass := []Suggestion{{Type: "setMode", Mode: "bypassPermissions", Destination: "session"}}
	if err := p.AnswerAsk("q1", AskAnswer{Allow: true, UpdatedPermissions: bypass}); err == nil {
		t.Error("bypass was taken")
	}
	a.Suggestions[0].Destination = "session"
	if err := p.AnswerAsk("q1", AskAnswer{Allow: true, UpdatedInput: a.Input, UpdatedPermissions: a.Suggestions}); err != nil {
		t.Error(err)
	}
	if err := p.AnswerAsk("q1", AskAnswer{}); !errors.Is(err, ErrAnswered) {
		t.Errorf("second answer: %v", err)
	}
	if r := answered(t, w, "q1").Response; r["behavior"] != "allow" || r["updatedInput"] == nil || r["updatedPermissions"] == nil {
		t.Errorf("%v", r)
	}
	if n := len(answersTo(w, "g1")) + len(answersTo(w, "q1")); n != 2 {
		t.Errorf("%d answers were written", n)
	}
}

func TestAnswerShapes(t *testing.T) {
	object := json.RawMessage(`{"a":1}`)
	for _, c := range []struct {
		answer any
		want   string // empty: refused
	}{
		{GateAnswer{Decision: None}, `{}`},
		{GateAnswer{Decision: None, Reason: "x"}, `{}`},
		{GateAnswer{Decision: Allow}, `{"hookSpecificOutput":{"hookEventName":"PreToolUse","permissionDecision":"allow"}}`},
		{GateAnswer{Decision: Allow, UpdatedInput: object}, `{"hookSpecificOutput":{"hookEventName":"PreToolUse","permissionDecision":"allow","updatedInput":{"a":1}}}`},
		{GateAnswer{Decision: Deny}, `{"hookSpecificOutput":{"hookEventName":"PreToolUse","permissionDecision":"deny","permissionDecisionReason":"Denied by ctpipe."}}`},
		{GateAnswer{}, ``},
		{GateAnswer{Decision: "ALLOW"}, ``},
		{GateAnswer{Decision: Deny, UpdatedInput: object}, ``},
		{GateAnswer{Decision: Allow, UpdatedInput: json.RawMessage(`[1]`)}, ``},
		{GateAnswer{Decision: Allow, UpdatedInput: json.RawMessage(`{`)}, ``},
		{AskAnswer{}, `{"behavior":"deny","message":"Denied by ctpipe."}`},
		{AskAnswer{Message: "no", Interrupt: true}, `{"behavior":"deny","interrupt":true,"message":"no"}`},
		{AskAnswer{Allow: true}, `{"behavior":"allow"}`},
		{AskAnswer{Allow: true, UpdatedInput: object}, `{"behavior":"allow","updatedInput":{"a":1}}`},
		{AskAnswer{UpdatedInput: object}, ``},
		{AskAnswer{Allow: true, UpdatedInput: json.RawMessage(`"x"`)}, ``},
	} {
		response, err := c.answer.(interface {
			response() (map[string]any, error)
		}).response()
		text, _ := json.Marshal(response)
		if (err != nil) != (c.want == "") || err == nil && string(text) != c.want {
			t.Errorf("%+v: %s, %v; want %s", c.answer, text, err, c.want)
		}
	}
}

func TestWithdrawnCall(t *testing.T) {
	p, w := startFake(t, fakeSpec(t, "parrot"))
	say(t, p, line(askLine, "q1"))
	say(t, p, `{"type":"control_cancel_request","request_id":"q1"}`)
	say(t, p, `{"type":"control_cancel_request","request_id":"never"}`)
	say(t, p, `{"type":"report"}`)
	w.report(t, new(fakeReport))
	if len(w.withdrew) != 1 || w.withdrew[0] != "q1" {
		t.Errorf("withdrawn: %v", w.withdrew)
	}
	if err := p.AnswerAsk("q1", AskAnswer{Allow: true}); !errors.Is(err, ErrWithdrawn) {
		t.Errorf("late answer: %v", err)
	}
}

// TestUnjudgedCallsAreDenied: P1, P5. Panics, missing handlers, malformed
// calls and what nobody knows: no answer is ever allow, and the process goes on.
func TestUnjudgedCallsAreDenied(t *testing.T) {
	odd := map[string]string{
		"gate without input": strings.Replace(line(gateLine, "x1"), `,"tool_input":{"command":"ls","n":3}`, "", 1),
		"gate with a list":   strings.Replace(line(gateLine, "x1"), `{"command":"ls","n":3}`, "[1]", 1),
		"gate with null":     strings.Replace(line(gateLine, "x1"), `{"command":"ls","n":3}`, "null", 1),
		"gate without tool":  strings.Replace(line(gateLine, "x1"), `"tool_name":"Bash",`, "", 1),
		"gate of wrong type": strings.Replace(line(gateLine, "x1"), `"tool_name":"Bash"`, `"tool_name":7`, 1),
		"gate without id":    strings.ReplaceAll(line(gateLine, "x1"), `"tool_use_id":"t1",`, ""),
		"another callback":   strings.Replace(line(gateLine, "x1"), `"callback_id":"gate"`, `"callback_id":"other"`, 1),
		"another event":      strings.Replace(line(gateLine, "x1"), `"PreToolUse"`, `"PostToolUse"`, 1),
		"ask without input":  strings.Replace(line(askLine, "x1"), `"input":{"command":"ls"},`, "", 1),
		"ask of wrong type":  strings.Replace(line(askLine, "x1"), `"tool_name":"Bash"`, `"tool_name":7`, 1),
		"MCP":                `{"type":"control_request","request_id":"x1","request":{"subtype":"mcp_message","server_name":"h","message":{}}}`,
		"something new":      `{"type":"control_request","request_id":"x1","request":{"subtype":"new_thing"}}`,
		"no request":         `{"type":"control_request","request_id":"x1"}`,
	}
	for name, text := range odd {
		t.Run(name, func(t *testing.T) {
			p, w := startFake(t, fakeSpec(t, "parrot"))
			say(t, p, text)
			mustRefuse(t, answered(t, w, "x1"))
			if len(w.gates)+len(w.asks) != 0 {
				t.Error("the call was handed out")
			}
		})
	}
	panics := Handler{Gate: func(GateCall) { panic("gate") }, Ask: func(AskCall) { panic("ask") }}
	for name, h := range map[string]Handler{"panic": panics, "no handler": {}} {
		t.Run(name, func(t *testing.T) {
			w := newWatch()
			h.Message = func(m Message) {
				w.handler().Message(m)
				if name == "panic" {
					panic("message")
				}
			}
			p, err := Start(context.Background(), fakeSpec(t, "parrot"), h)
			if err != nil {
				t.Fatal(err)
			}
			defer p.Stop(context.Background())
			say(t, p, line(gateLine, "g1"))
			say(t, p, line(askLine, "q1"))
			mustRefuse(t, answered(t, w, "g1"))
			mustRefuse(t, answered(t, w, "q1"))
			if err := p.AnswerGate("g1", GateAnswer{Decision: Allow}); !errors.Is(err, ErrAnswered) {
				t.Errorf("late answer: %v", err)
			}
		})
	}
}

func mustRefuse(t *testing.T, a wire) {
	t.Helper()
	hook, _ := a.Response["hookSpecificOutput"].(map[string]any)
	if a.Subtype != "error" && hook["permissionDecision"] != "deny" && a.Response["behavior"] != "deny" {
		t.Errorf("answered %+v", a)
	}
}

// TestStopDropsCalls: nothing that waited can be answered once Stop began, and
// a call under a used id is refused.
func TestStopDropsCalls(t *testing.T) {
	p, w := startFake(t, fakeSpec(t, "parrot"))
	say(t, p, line(gateLine, "g1"))
	say(t, p, line(askLine, "q1"))
	w.mustUntil(t, "both calls", func() bool { return len(w.gates) == 1 && len(w.asks) == 1 })
	say(t, p, line(gateLine, "g1"))
	mustRefuse(t, answered(t, w, "g1"))
	p.Stop(context.Background())
	if err := p.AnswerGate("g1", GateAnswer{Decision: Allow}); !errors.Is(err, ErrStopping) {
		t.Errorf("gate: %v", err)
	}
	if err := p.AnswerAsk("q1", AskAnswer{Allow: true}); !errors.Is(err, ErrStopping) {
		t.Errorf("ask: %v", err)
	}
	if n := len(answersTo(w, "q1")); n != 0 {
		t.Errorf("%d answers", n)
	}
}
