package claude

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync"
)

// gateCallback is the id under which the PreToolUse hook is registered.
const gateCallback = "gate"

// ErrNoGate is why a process was stopped that did not confirm the gate.
var ErrNoGate = errors.New("the CLI did not confirm the gate")

// ControlError is an error reply of the CLI to a control request.
type ControlError struct {
	Request string // subtype of the request
	Code    string // unsupported_request, invalid_mode, …; may be empty
	Text    string
}

// Error implements error.
func (e *ControlError) Error() string {
	return fmt.Sprintf("control request %s: the CLI answered: %s", e.Request, e.Text)
}

// initialized is the CLI's reply to initialize.
type initialized struct {
	PID            int           `json:"pid"`
	Version        string        `json:"claude_code_version"`
	PermissionMode string        `json:"current_permission_mode"`
	SessionState   string        `json:"session_state"`
	Capabilities   []string      `json:"-"`
	Commands       []CommandInfo `json:"-"`
	Agents         []AgentInfo   `json:"-"`
	Models         []ModelInfo   `json:"-"`
	Account        Account       `json:"account"`
	// HookOnFailure is false where the CLI says that it does not know
	// onFailure; nil where it says nothing.
	HookOnFailure *bool           `json:"hook_on_failure_supported"`
	Raw           json.RawMessage `json:"-"`
}

// CommandInfo is one slash command; Builtin ones are the CLI's own.
type CommandInfo struct {
	Name         string   `json:"name"`
	Description  string   `json:"description"`
	ArgumentHint string   `json:"argumentHint"`
	Aliases      []string `json:"aliases"`
	Builtin      bool     `json:"builtin"`
}

// AgentInfo is one kind of subagent.
type AgentInfo struct {
	Name        string `json:"name"`
	Description string `json:"description"`
}

// ModelInfo is one model that the account may choose.
type ModelInfo struct {
	Value         string `json:"value"`
	ResolvedModel string `json:"resolvedModel"`
	DisplayName   string `json:"displayName"`
	Description   string `json:"description"`
}

// Account says how the CLI is logged in; both sources "none" or empty: not.
type Account struct {
	TokenSource  string `json:"tokenSource"`
	APIKeySource string `json:"apiKeySource"`
	APIProvider  string `json:"apiProvider"`
}

// initialize registers the PreToolUse hook: a callback without a matcher, so for
// every call of every tool, where an error, silence or garbage blocks.
func (p *Process) initialize() error {
	id := p.asked.open(p.confirm)
	line, err := encodeRequest(id, "initialize", map[string]any{
		"hooks": map[string]any{"PreToolUse": []map[string]any{
			{"hookCallbackIds": []string{gateCallback}, "onFailure": "block"},
		}},
	})
	if err != nil {
		return err
	}
	if err := p.in.send(line); err != nil {
		return fmt.Errorf("sending initialize: %w", err)
	}
	return nil
}

// confirm opens the way for messages if the gate stands, else stops the process.
func (p *Process) confirm(r controlReply) {
	var init initialized
	switch {
	case r.Subtype != "success":
		p.fail(fmt.Errorf("%w: %s", ErrNoGate, r.Error))
		return
	case json.Unmarshal(r.Response, &init) != nil:
		p.fail(fmt.Errorf("%w: unreadable reply to initialize", ErrNoGate))
		return
	case init.HookOnFailure != nil && !*init.HookOnFailure:
		p.fail(fmt.Errorf("%w: version %s does not block calls when the callback fails", ErrNoGate, init.Version))
		return
	}
	init.Raw = r.Response
	init.lists()
	p.init = init
	close(p.ready)
	p.in.release()
}

// lists decodes the lists of the reply. An entry of another shape is left out:
// a newer CLI's new kind of command is no reason not to start.
func (i *initialized) lists() {
	var raw struct {
		Capabilities, Commands, Agents, Models []json.RawMessage
	}
	json.Unmarshal(i.Raw, &raw) // what fails to decode stays empty
	i.Capabilities = eachOf[string](raw.Capabilities)
	i.Commands = eachOf[CommandInfo](raw.Commands)
	i.Agents = eachOf[AgentInfo](raw.Agents)
	i.Models = eachOf[ModelInfo](raw.Models)
}

func eachOf[T any](raws []json.RawMessage) []T {
	var list []T
	for _, raw := range raws {
		var v T
		if json.Unmarshal(raw, &v) == nil {
			list = append(list, v)
		}
	}
	return list
}

// controlReply is the answer to one request of ours.
type controlReply struct {
	Subtype, Error, ErrorCode string
	Response                  json.RawMessage
}

// requests are our control requests that wait for a reply. Only ids issued
// here match: a CLI that replays messages echoes our own answers, too.
type requests struct {
	mu      sync.Mutex
	last    int
	waiting map[string]func(controlReply)
}

// open issues an id. reply is called at most once, from the reader goroutine,
// and must not block.
func (q *requests) open(reply func(controlReply)) string {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.waiting == nil {
		q.waiting = make(map[string]func(controlReply))
	}
	q.last++
	id := "ctpipe-" + strconv.Itoa(q.last)
	q.waiting[id] = reply
	return id
}

// take ends a request; nil if it is not one of ours or was given up.
func (q *requests) take(id string) func(controlReply) {
	q.mu.Lock()
	defer q.mu.Unlock()
	reply := q.waiting[id]
	delete(q.waiting, id)
	return reply
}

// serveResponse hands a reply to whoever waits for it.
func (p *Process) serveResponse(m *ControlResponse) {
	r := m.Response
	if reply := p.asked.take(r.RequestID); reply != nil {
		reply(controlReply{Subtype: r.Subtype, Error: r.Error, ErrorCode: r.ErrorCode, Response: r.Response})
	}
}
