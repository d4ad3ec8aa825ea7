package rehearsal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
)

// call is one tool use on its way through the gate.
type call struct {
	id, name string
	input    map[string]any
	person   bool // asks a person by nature: it always comes to can_use_tool
	harmless bool // what Claude's own auto mode would not ask about
}

// decision is what the gate said.
type decision struct {
	allowed bool
	text    string // for the model, when denied
	kind    string // non_execution_kind
	by      frame  // permission_decision, nil when nobody decided
}

func denied(text, source string) decision {
	by := frame{"decision": "reject", "source": source}
	if source == "hook" {
		by["reason_type"] = "hook"
	}
	return decision{text: text, kind: "permission-rule", by: by}
}

// hookAnswer is what a PreToolUse callback may answer.
type hookAnswer struct {
	Output struct {
		Decision string         `json:"permissionDecision"`
		Reason   string         `json:"permissionDecisionReason"`
		Input    map[string]any `json:"updatedInput"`
	} `json:"hookSpecificOutput"`
}

// askAnswer is what can_use_tool may be answered with.
type askAnswer struct {
	Behavior  string         `json:"behavior"`
	Message   string         `json:"message"`
	Interrupt bool           `json:"interrupt"`
	Input     map[string]any `json:"updatedInput"`
}

// askHost takes a call past the host. An error ends the turn; everything that is
// not a clear allow is a denial.
func (t *turn) askHost(c *call) (decision, error) {
	t.mu.Lock()
	gate, mode := t.gate, t.mode
	t.mu.Unlock()
	body, err := t.ask(t.ctx, frame{"subtype": "hook_callback", "callback_id": gate, "tool_use_id": c.id, "input": frame{
		"session_id": t.out.session, "transcript_path": filepath.Join(t.dir, t.out.session+".jsonl"), "cwd": t.dir,
		"prompt_id": t.out.session, "permission_mode": mode, "hook_event_name": "PreToolUse",
		"tool_name": c.name, "tool_input": c.input, "tool_use_id": c.id}})
	if errors.Is(err, context.Canceled) {
		return decision{}, errInterrupted
	}
	prefix := "PreToolUse:" + c.name + " hook error: "
	var h hookAnswer
	if err == nil {
		err = json.Unmarshal(body, &h)
	}
	if err != nil {
		return denied(prefix+"failed, and onFailure is \"block\": "+err.Error(), "hook"), nil
	}
	if h.Output.Input != nil {
		c.input = h.Output.Input
	}
	accepted := decision{allowed: true, by: frame{"decision": "accept", "source": "hook", "reason_type": "hook"}}
	switch h.Output.Decision {
	case "deny":
		return denied(prefix+h.Output.Reason, "hook"), nil
	case "allow":
		if !c.person {
			return accepted, nil
		}
		return t.canUseTool(c, h.Output.Reason, false)
	case "ask":
		return t.canUseTool(c, h.Output.Reason, true)
	case "":
		if mode == "auto" && c.harmless {
			accepted.by = frame{"decision": "accept", "source": "config", "reason_type": "mode"}
			return accepted, nil
		}
		return t.canUseTool(c, "", false)
	}
	return denied(fmt.Sprintf("%sunknown permissionDecision %q, and onFailure is \"block\"", prefix, h.Output.Decision), "hook"), nil
}

// canUseTool asks the host's people.
func (t *turn) canUseTool(c *call, reason string, byHook bool) (decision, error) {
	if !t.opt.asks {
		return denied("Permission to use "+c.name+" was not given: nobody is there to ask.", "config"), nil
	}
	req := frame{"subtype": "can_use_tool", "tool_name": c.name, "display_name": c.name, "input": c.input, "tool_use_id": c.id}
	if d, ok := c.input["description"].(string); ok {
		req["description"] = d
	}
	if c.person {
		req["requires_user_interaction"] = true
	}
	if byHook {
		req["decision_reason"], req["decision_reason_type"] = reason, "hook"
		req["decision_reason_hook_event"], req["decision_reason_hook_source"] = "PreToolUse", "settings"
	}
	t.state("requires_action")
	body, err := t.ask(t.ctx, req)
	t.state("running")
	if errors.Is(err, context.Canceled) {
		return decision{text: rejected, kind: "user-rejected"}, errInterrupted
	}
	if err != nil {
		return denied("Tool permission request failed: "+err.Error(), "config"), nil
	}
	return t.judge(c, body)
}

const rejected = "The tool use was rejected. Wait for the user to say how to go on."

// judge reads a person's answer.
func (t *turn) judge(c *call, body json.RawMessage) (decision, error) {
	var a askAnswer
	if err := json.Unmarshal(body, &a); err != nil {
		return denied("The host's permission answer cannot be read: "+err.Error(), "config"), nil
	}
	switch a.Behavior {
	case "allow":
		if a.Input != nil {
			c.input = a.Input
		}
		t.adopt(body)
		return decision{allowed: true, by: frame{"decision": "accept", "source": "user_temporary"}}, nil
	case "deny":
		if a.Interrupt {
			return decision{text: rejected, kind: "user-rejected"}, errStopped
		}
		return denied(a.Message, "user_reject"), nil
	}
	return denied(fmt.Sprintf("The host's permission answer has the unknown behavior %q.", a.Behavior), "config"), nil
}

// adopt follows a change of mode that came with an allow.
func (t *turn) adopt(body json.RawMessage) {
	var a struct {
		Updates []struct{ Type, Mode string } `json:"updatedPermissions"`
	}
	if json.Unmarshal(body, &a) != nil {
		return
	}
	for _, u := range a.Updates {
		if strings.EqualFold(u.Type, "setMode") && u.Mode != "" {
			t.changeMode(u.Mode)
		}
	}
}
