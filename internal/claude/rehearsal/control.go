package rehearsal

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"slices"

	"github.com/google/uuid"
)

// answer is a host's reply to one of our control requests.
type answer struct {
	body json.RawMessage
	err  error
}

// The CLI words it like this.
//
//lint:ignore ST1005 it is the CLI's own text
var errClosed = errors.New("Tool permission stream closed before an answer came")

// ask sends a control request and waits for its reply. When ctx ends first the
// request is withdrawn.
func (a *agent) ask(ctx context.Context, request frame) (json.RawMessage, error) {
	id, ch := uuid.NewString(), make(chan answer, 1)
	a.mu.Lock()
	if a.eof {
		a.mu.Unlock()
		return nil, errClosed
	}
	a.pending[id] = ch
	a.mu.Unlock()
	a.out.control(frame{"type": "control_request", "request_id": id, "request": request})
	select {
	case r, open := <-ch:
		if !open {
			return nil, errClosed
		}
		return r.body, r.err
	case <-ctx.Done():
		a.mu.Lock()
		delete(a.pending, id)
		a.mu.Unlock()
		a.out.control(frame{"type": "control_cancel_request", "request_id": id})
		return nil, ctx.Err()
	}
}

// deliver hands a reply to the ask that waits for it; a late one is dropped.
func (a *agent) deliver(r struct {
	Subtype   string          `json:"subtype"`
	RequestID string          `json:"request_id"`
	Response  json.RawMessage `json:"response"`
	Error     string          `json:"error"`
}) {
	a.mu.Lock()
	ch := a.pending[r.RequestID]
	delete(a.pending, r.RequestID)
	a.mu.Unlock()
	if ch == nil {
		return
	}
	if r.Subtype != "success" {
		ch <- answer{err: errors.New(r.Error)}
		return
	}
	ch <- answer{body: r.Response}
}

// request is the union of the control requests served here.
type request struct {
	Subtype      string `json:"subtype"`
	Mode         string `json:"mode"`
	Model        string `json:"model"`
	CancelQueued bool   `json:"cancel_queued"`
	Hooks        map[string][]struct {
		Matcher         string   `json:"matcher"`
		HookCallbackIDs []string `json:"hookCallbackIds"`
	} `json:"hooks"`
}

// control answers one control request of the host, at once, also in a turn.
func (a *agent) control(m inbound) {
	var r request
	if err := json.Unmarshal(m.Request, &r); err != nil {
		a.refuse(m.RequestID, "invalid_request", "cannot read the request: "+err.Error())
		return
	}
	switch r.Subtype {
	case "initialize":
		a.initialize(m.RequestID, r)
	case "interrupt":
		a.interrupt(m.RequestID, r.CancelQueued)
	case "set_permission_mode":
		a.setMode(m.RequestID, r.Mode)
	case "set_model":
		a.mu.Lock()
		if a.model = r.Model; a.model == "" {
			a.model = a.opt.model
		}
		reply := frame{"model": a.model}
		a.mu.Unlock()
		a.reply(m.RequestID, reply)
	case "get_settings":
		a.mu.Lock()
		reply := frame{"effective": frame{}, "sources": []any{}, "applied": frame{"model": a.model}}
		a.mu.Unlock()
		a.reply(m.RequestID, reply)
	case "get_session_cost":
		a.reply(m.RequestID, frame{"text": "Total cost: $0.0000 (the rehearsal agent costs nothing)"})
	case "get_binary_version":
		a.reply(m.RequestID, frame{"version": version})
	default:
		a.refuse(m.RequestID, "unsupported_request", "Unsupported control request subtype: "+r.Subtype)
	}
}

func (a *agent) reply(id string, body frame) {
	a.out.control(frame{"type": "control_response", "response": frame{"subtype": "success", "request_id": id, "response": body}})
}

func (a *agent) refuse(id, code, text string) {
	a.out.control(frame{"type": "control_response",
		"response": frame{"subtype": "error", "request_id": id, "error": text, "error_code": code}})
}

// initialize notes the gate. Only a hook for every tool is one: with a matcher
// some calls would pass unseen.
func (a *agent) initialize(id string, r request) {
	a.mu.Lock()
	for _, h := range r.Hooks["PreToolUse"] {
		if h.Matcher == "" && len(h.HookCallbackIDs) > 0 {
			a.gate = h.HookCallbackIDs[0]
		}
	}
	body := frame{"commands": []any{}, "agents": []any{}, "output_style": "default", "available_output_styles": []any{"default"},
		"models": []any{frame{"value": "rehearsal", "resolvedModel": "rehearsal", "displayName": "Rehearsal agent",
			"description": "Scripted, not Claude"}},
		"account": frame{"tokenSource": "none", "apiKeySource": "none", "apiProvider": "none"},
		"pid":     os.Getpid(), "claude_code_version": version, "current_permission_mode": a.mode,
		"hook_on_failure_supported": true, "session_state": "idle", "capabilities": capabilities}
	a.mu.Unlock()
	a.out.control(frame{"type": "control_response", "response": frame{"subtype": "success", "request_id": id, "response": body,
		"pending_permission_requests": []any{}, "pending_user_dialog_requests": []any{}}})
}

var capabilities = []any{"interrupt_receipt_v1", "interrupt_cancel_queued_v1", "msg_lifecycle_v1"}

// interrupt ends the running turn. Queued messages survive and start at once,
// unless the host wants them dropped too.
func (a *agent) interrupt(id string, cancelQueued bool) {
	a.mu.Lock()
	uuids := []string{}
	for _, p := range a.queue {
		uuids = append(uuids, p.uuid)
	}
	if cancelQueued {
		a.queue = nil
	}
	stop := a.stop
	a.mu.Unlock()
	if cancelQueued {
		a.reply(id, frame{"still_queued": []string{}, "cancelled": uuids})
		for _, u := range uuids {
			a.lifecycle(u, "cancelled")
		}
	} else {
		a.reply(id, frame{"still_queued": uuids})
	}
	if stop != nil {
		stop()
	}
}

var modes = []string{"default", "manual", "auto", "acceptEdits", "dontAsk", "plan"}

func (a *agent) setMode(id, mode string) {
	if !slices.Contains(modes, mode) {
		code := "invalid_mode"
		if mode == "bypassPermissions" {
			code = "bypass_not_launched"
		}
		a.refuse(id, code, "Cannot set permission mode to "+mode)
		return
	}
	a.reply(id, frame{"mode": mode})
	a.changeMode(mode)
}

func (a *agent) changeMode(mode string) {
	a.mu.Lock()
	a.mode = mode
	a.mu.Unlock()
	a.out.system("status", frame{"status": nil, "permissionMode": mode})
}
