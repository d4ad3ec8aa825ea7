package claude

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// Decision is an answer at PreToolUse.
type Decision string

// Allow runs the call and asks nobody (the CLI's own safety checks still come
// to can_use_tool). Deny refuses it and the model reads the reason. Ask sends it
// to can_use_tool, even where the CLI would not ask. None is no opinion: the CLI
// goes by its permission mode.
const (
	Allow Decision = "allow"
	Deny  Decision = "deny"
	Ask   Decision = "ask"
	None  Decision = "none"
)

// GateAnswer answers a GateCall.
type GateAnswer struct {
	Decision     Decision
	Reason       string          // read by the model (deny) or shown with the ask
	UpdatedInput json.RawMessage // with allow: a JSON object that runs instead; see Spec.FileHooks
}

// AskAnswer answers an AskCall.
type AskAnswer struct {
	Allow bool
	// Message is what the model reads on a denial. With Interrupt the turn
	// ends instead and nobody reads it.
	Message   string
	Interrupt bool
	// UpdatedInput, a JSON object, runs instead of the input; nil leaves it.
	// Answers to AskUserQuestion and edited plans go here.
	UpdatedInput json.RawMessage
	// UpdatedPermissions must be for the session only: anything else would
	// write settings into the repository.
	UpdatedPermissions []Suggestion
}

// defaultDenial is what the model reads where nobody gave a reason.
const defaultDenial = "Denied by ctpipe."

// AnswerGate answers a call at PreToolUse, from any goroutine, exactly once.
// After an error nothing was written. With ErrUnknownCall, ErrAnswered,
// ErrWithdrawn or ErrStopping the call no longer waits; with any other error
// (ErrQueueFull, a malformed answer) it still does.
func (p *Process) AnswerGate(requestID string, a GateAnswer) error {
	response, err := a.response()
	if err == nil {
		err = p.reply(requestID, atPreToolUse, response)
	}
	if err != nil {
		return fmt.Errorf("answering gate call %s: %w", requestID, err)
	}
	return nil
}

// AnswerAsk answers a call at can_use_tool; like AnswerGate.
func (p *Process) AnswerAsk(requestID string, a AskAnswer) error {
	response, err := a.response()
	if err == nil {
		err = p.reply(requestID, atCanUseTool, response)
	}
	if err != nil {
		return fmt.Errorf("answering ask %s: %w", requestID, err)
	}
	return nil
}

func (p *Process) reply(id string, at waitsAt, response map[string]any) error {
	line, err := encodeReply(id, response)
	if err != nil {
		return err
	}
	return p.calls.answer(id, at, func() error { return p.in.send(line) })
}

// response is the PreToolUse answer; a Decision that is none of ours is an error.
func (a GateAnswer) response() (map[string]any, error) {
	if a.UpdatedInput != nil && (a.Decision != Allow || !isObject(a.UpdatedInput)) {
		return nil, errors.New("updated input: goes with allow only, and must be a JSON object")
	}
	output := map[string]any{"hookEventName": "PreToolUse", "permissionDecision": string(a.Decision)}
	switch a.Decision {
	case None:
		return map[string]any{}, nil
	case Deny:
		output["permissionDecisionReason"] = orDefault(a.Reason)
	case Allow, Ask:
		if a.Reason != "" {
			output["permissionDecisionReason"] = a.Reason
		}
	default:
		return nil, fmt.Errorf("decision %q: allow, deny, ask or none was expected", a.Decision)
	}
	if a.UpdatedInput != nil {
		output["updatedInput"] = a.UpdatedInput
	}
	return map[string]any{"hookSpecificOutput": output}, nil
}

// response is the can_use_tool answer.
func (a AskAnswer) response() (map[string]any, error) {
	if !a.Allow {
		if a.UpdatedInput != nil || len(a.UpdatedPermissions) > 0 {
			return nil, errors.New("a denial changes neither input nor permissions")
		}
		r := map[string]any{"behavior": "deny", "message": orDefault(a.Message)}
		if a.Interrupt {
			r["interrupt"] = true
		}
		return r, nil
	}
	r := map[string]any{"behavior": "allow"}
	if a.UpdatedInput != nil {
		if !isObject(a.UpdatedInput) {
			return nil, errors.New("updated input must be a JSON object")
		}
		r["updatedInput"] = a.UpdatedInput
	}
	if i := slices.IndexFunc(a.UpdatedPermissions, func(s Suggestion) bool { return !s.harmless() }); i >= 0 {
		s := a.UpdatedPermissions[i]
		return nil, fmt.Errorf("updated permission %d (%s %s for %q): only changes for \"session\" that keep the gate are taken",
			i, s.Type, s.Mode, s.Destination)
	}
	if len(a.UpdatedPermissions) > 0 {
		r["updatedPermissions"] = a.UpdatedPermissions
	}
	return r, nil
}

// harmless tells if a suggestion ends with the session and does not switch
// asking off as a whole.
func (s Suggestion) harmless() bool {
	return s.Destination == "session" && s.Mode != "bypassPermissions" && s.Mode != "dontAsk"
}

func orDefault(reason string) string {
	if reason == "" {
		return defaultDenial
	}
	return reason
}
