package claude

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// read is the one reader goroutine: it reads stdout to its end, serves every
// line, and ends the process's life with Handler.Exit.
func (p *Process) read() {
	lines := newLineReader(p.stdout, p.limits.Line)
	for {
		line, err := lines.next()
		if err != nil {
			if !errors.Is(err, io.EOF) && !errors.Is(err, os.ErrDeadlineExceeded) {
				p.fail(fmt.Errorf("reading claude's stdout: %w", err))
				io.Copy(io.Discard, p.stdout) // a CLI that cannot write cannot end in order
			}
			break
		}
		p.serve(line)
	}
	p.awaitEnd()
	p.finish()
}

// awaitEnd waits for the exit after stdout has ended. A CLI that closed its
// stdout but lives on can no longer be talked to and is stopped.
func (p *Process) awaitEnd() {
	patience := time.NewTimer(p.limits.Close)
	defer patience.Stop()
	select {
	case <-p.reaped:
	case <-patience.C:
		p.fail(errors.New("claude closed its stdout but did not exit"))
		<-p.reaped
	}
}

// serve handles one line. A fault in a line is logged, never fatal: a call
// that could not be read gets no answer, and so does not run.
func (p *Process) serve(line []byte) {
	m, err := Decode(line)
	if errors.Is(err, ErrEmptyLine) {
		return
	}
	if err != nil {
		p.log.Warn("unreadable line of claude", "bytes", len(line), "err", err)
	}
	switch m := m.(type) {
	case nil:
	case *ControlRequest:
		p.serveRequest(m)
	case *ControlResponse:
		p.serveResponse(m)
	case *ControlCancel:
		if p.calls.withdraw(m.RequestID) {
			guard(p, "Withdraw", p.h.Withdraw, m.RequestID)
		}
	default:
		if id := m.Header().SessionID; id != "" {
			p.session = id
		}
		guard(p, "Message", p.h.Message, m)
	}
}

// guard calls a handler function; a panic is reported as false and the
// process goes on. A nil function counts as fine.
func guard[T any](p *Process, name string, f func(T), v T) (ok bool) {
	if f == nil {
		return true
	}
	defer func() {
		if r := recover(); r != nil {
			p.log.Error("handler panicked", "handler", name, "panic", fmt.Sprint(r))
			ok = false
		}
	}()
	f(v)
	return true
}

// serveRequest handles a question of the CLI. Whatever is not understood is
// answered with an error, which refuses the call.
func (p *Process) serveRequest(m *ControlRequest) {
	switch m.Request.Subtype {
	case "hook_callback":
		p.serveGate(m)
	case "can_use_tool":
		p.serveAsk(m)
	case "mcp_message":
		p.refuse(m.RequestID, "no MCP server runs in this host")
	default:
		p.refuse(m.RequestID, "unsupported control request subtype: "+m.Request.Subtype)
	}
}

// refuse answers with an error. If even that finds no room in the queue, the
// call stays unanswered, which blocks it all the same.
func (p *Process) refuse(id, text string) {
	p.log.Warn("control request refused", "request", id, "why", text)
	line, err := encodeError(id, text)
	if err == nil {
		err = p.in.send(line)
	}
	if err != nil {
		p.log.Warn("refusal not sent", "request", id, "err", err)
	}
}

func (p *Process) serveGate(m *ControlRequest) {
	var frame struct {
		Request struct {
			CallbackID string `json:"callback_id"`
			Input      struct {
				GateCall
				Event string `json:"hook_event_name"`
			} `json:"input"`
		} `json:"request"`
	}
	err := json.Unmarshal(m.Raw, &frame)
	call := frame.Request.Input.GateCall
	call.RequestID = m.RequestID
	if err == nil {
		call.Fields, err = toolInput(call.ToolName, call.ToolUseID, call.Input)
	}
	switch {
	case frame.Request.CallbackID != gateCallback || frame.Request.Input.Event != "PreToolUse":
		p.refuse(m.RequestID, "unknown hook callback")
		return
	case !p.calls.add(m.RequestID, atPreToolUse):
		p.refuse(m.RequestID, "the host is stopping, or the request id was used before")
		return
	case err != nil:
		p.denyGate(m.RequestID, "The call could not be read: "+err.Error())
		return
	}
	p.cwds.Put(call.ToolUseID, call.Cwd)
	if call.SessionID != "" {
		p.session = call.SessionID
	}
	if p.h.Gate == nil || !guard(p, "Gate", p.h.Gate, call) {
		p.denyGate(m.RequestID, "ctpipe could not judge this call.")
	}
}

func (p *Process) serveAsk(m *ControlRequest) {
	var frame struct {
		Request AskCall `json:"request"`
	}
	err := json.Unmarshal(m.Raw, &frame)
	call := frame.Request
	call.RequestID, call.SessionID = m.RequestID, p.session
	if err == nil {
		call.Fields, err = toolInput(call.ToolName, call.ToolUseID, call.Input)
	}
	call.Cwd, _ = p.cwds.Get(call.ToolUseID)
	switch {
	case !p.calls.add(m.RequestID, atCanUseTool):
		p.refuse(m.RequestID, "the host is stopping, or the request id was used before")
	case err != nil:
		p.denyAsk(m.RequestID, "The call could not be read: "+err.Error())
	case p.h.Ask == nil || !guard(p, "Ask", p.h.Ask, call):
		p.denyAsk(m.RequestID, "ctpipe could not judge this call.")
	}
}

// denyGate and denyAsk refuse a call on our own account. The handler may have
// answered before it panicked; then that answer stands.
func (p *Process) denyGate(id, reason string) {
	p.logDenial(id, p.AnswerGate(id, GateAnswer{Decision: Deny, Reason: reason}))
}

func (p *Process) denyAsk(id, reason string) {
	p.logDenial(id, p.AnswerAsk(id, AskAnswer{Message: reason}))
}

func (p *Process) logDenial(id string, err error) {
	if err != nil && !errors.Is(err, ErrAnswered) {
		p.log.Warn("denial not sent, the call stays blocked", "request", id, "err", err)
	}
}

// toolInput checks what a call must have and decodes its input.
func toolInput(name, toolUseID string, raw json.RawMessage) (map[string]any, error) {
	if name == "" {
		return nil, errors.New("no tool name")
	}
	if toolUseID == "" {
		return nil, errors.New("no tool use id")
	}
	var fields map[string]any
	if err := json.Unmarshal(raw, &fields); err != nil || fields == nil {
		return nil, errors.New("the input is no JSON object")
	}
	return fields, nil
}

// maxCwds is how many calls' directories are remembered; far fewer wait at a
// time.
const maxCwds = 256
