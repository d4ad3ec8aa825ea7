package session

import (
	"context"
	"encoding/json"

	"ctpipe/internal/claude"
)

// Agent is one running Claude. *claude.Process is one. It may live in another
// process or on another machine: nothing here assumes shared memory.
type Agent interface {
	Ready() <-chan struct{}
	Done() <-chan struct{}
	Send(m claude.UserMessage) error
	AnswerGate(requestID string, a claude.GateAnswer) error
	AnswerAsk(requestID string, a claude.AskAnswer) error
	Interrupt(ctx context.Context, cancelQueued bool) error
	Control(ctx context.Context, subtype string, fields map[string]any) (json.RawMessage, error)
	Stop(ctx context.Context) claude.Exit
}

// Agents starts agents. Start may take seconds where the CLI is new and its
// gate has to be proved first; no session runs on a CLI whose gate leaks.
type Agents interface {
	Start(ctx context.Context, s claude.Spec, h claude.Handler) (Agent, error)
	// Label names the agent for people: "claude 2.1.330", "rehearsal agent".
	Label() string
}
