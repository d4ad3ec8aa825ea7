package claude

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/google/uuid"
)

// canaryRun tries the locks on one running CLI.
type canaryRun struct {
	house   trapHouse
	api     *canaryAPI
	process atomic.Pointer[Process] // nil: calls that come this early stay unanswered, and do not run
	results chan Result

	mu          sync.Mutex
	gated, asks map[string]int // calls by command, at PreToolUse and at can_use_tool
}

func newCanaryRun(house trapHouse, api *canaryAPI) *canaryRun {
	return &canaryRun{house: house, api: api, results: make(chan Result, 64),
		gated: map[string]int{}, asks: map[string]int{}}
}

// handler denies everything: the one command that is to come to can_use_tool is
// sent there and denied there.
func (r *canaryRun) handler() Handler {
	return Handler{
		Message: func(m Message) {
			if res, ok := m.(*Result); ok {
				select {
				case r.results <- *res:
				default: // more than anyone waits for
				}
			}
		},
		Gate: func(c GateCall) {
			command := r.count(r.gated, c.Input)
			answer := GateAnswer{Decision: Deny, Reason: r.denial(LockGate)}
			if command == r.house.touch("asked") {
				answer = GateAnswer{Decision: Ask, Reason: "canary"}
			}
			if p := r.process.Load(); p != nil {
				_ = p.AnswerGate(c.RequestID, answer) // a call without an answer does not run
			}
		},
		Ask: func(c AskCall) {
			r.count(r.asks, c.Input)
			if p := r.process.Load(); p != nil {
				_ = p.AnswerAsk(c.RequestID, AskAnswer{Message: r.denial(LockAsk)})
			}
		},
	}
}

func (r *canaryRun) count(calls map[string]int, input json.RawMessage) string {
	var in struct {
		Command string `json:"command"`
	}
	_ = json.Unmarshal(input, &in) // no command: counted as none
	r.mu.Lock()
	defer r.mu.Unlock()
	calls[in.Command]++
	return in.Command
}

func (r *canaryRun) called(calls map[string]int, command string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return calls[command] > 0
}

// denial is the reason that must come back to the model.
func (r *canaryRun) denial(l Lock) string {
	if l == LockAsk {
		return "canary-no-at-can-use-tool-" + r.house.nonce
	}
	return "canary-no-at-pre-tool-use-" + r.house.nonce
}

// probes tries all locks and returns the first that failed.
func (r *canaryRun) probes(ctx context.Context) error {
	for _, p := range []func(context.Context) error{r.gate, r.ask, r.mention, r.slash, r.shellLines} {
		if err := p(ctx); err != nil {
			if trace := r.house.check(); trace != nil {
				return trace // what ran says more than what was missing
			}
			return err
		}
		if err := r.house.check(); err != nil {
			return err
		}
	}
	return nil
}

// gate: the model calls Bash, PreToolUse says no.
func (r *canaryRun) gate(ctx context.Context) error {
	command := r.house.touch("denied")
	bodies, err := r.turn(ctx, UserMessage{Text: "touch the marker"}, canaryReply{bash: command}, canaryReply{text: "done"})
	switch {
	case err != nil:
		return err
	case !r.called(r.gated, command):
		return broken(LockGate, "a Bash call did not come to it")
	case !strings.Contains(bodies, r.denial(LockGate)):
		return broken(LockGate, "its denial did not reach the model")
	}
	return nil
}

// ask: PreToolUse sends the call to can_use_tool, which says no.
func (r *canaryRun) ask(ctx context.Context) error {
	command := r.house.touch("asked")
	bodies, err := r.turn(ctx, UserMessage{Text: "touch the other marker"}, canaryReply{bash: command}, canaryReply{text: "done"})
	switch {
	case err != nil:
		return err
	case !r.called(r.asks, command):
		return broken(LockAsk, "a call that was answered ask did not come to it")
	case !strings.Contains(bodies, r.denial(LockAsk)):
		return broken(LockAsk, "its denial did not reach the model")
	}
	return nil
}

// mention: text with @file comes to the model as written.
func (r *canaryRun) mention(ctx context.Context) error {
	name := "@" + r.house.mention()
	bodies, err := r.turn(ctx, UserMessage{Text: "look at " + name + " please"}, canaryReply{text: "done"})
	switch {
	case err != nil:
		return err
	case strings.Contains(bodies, r.house.secret()):
		return broken(LockMention, "the content of a mentioned file reached the model")
	case !strings.Contains(bodies, name):
		return broken(LockMention, "the text did not reach the model as written")
	}
	return nil
}

// slash: composed text that begins with a command's name is no command.
func (r *canaryRun) slash(ctx context.Context) error {
	name := "/" + r.house.command()
	bodies, err := r.turn(ctx, UserMessage{Text: name + " now"}, canaryReply{text: "done"})
	switch {
	case err != nil:
		return err
	case strings.Contains(bodies, r.house.expansion()):
		return broken(LockSlash, "text that begins with / was run as a command")
	case !strings.Contains(bodies, name+" now"):
		return broken(LockSlash, "the text did not reach the model as written")
	}
	return nil
}

// shellLines: commands and skills that a rule allowed run no shell lines, and
// the repository's are not there at all. The traces tell.
func (r *canaryRun) shellLines(ctx context.Context) error {
	for _, name := range []string{r.house.command(), r.house.skill(), r.house.repoCommand()} {
		if _, err := r.turn(ctx, UserMessage{Text: "/" + name, AsTyped: true}, canaryReply{text: "done"}); err != nil {
			return err
		}
	}
	return nil
}

// turn sends a message, waits for the result and returns what the API got.
func (r *canaryRun) turn(ctx context.Context, m UserMessage, script ...canaryReply) (bodies string, err error) {
	r.api.load(script...)
	m.UUID = uuid.NewString()
	p := r.process.Load()
	if err := p.Send(m); err != nil {
		return "", err
	}
	var res Result
	select {
	case res = <-r.results:
	case <-p.Done():
		return "", fmt.Errorf("the CLI ended in a turn: %s", lastLine(p.Stderr(), "no reason on stderr"))
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
	bodies, leaked := r.api.seen()
	if leaked {
		return "", errors.New("the CLI used a credential that is not the canary's")
	}
	if res.IsError {
		return "", fmt.Errorf("a turn failed: %s (%s)", res.Result, res.TerminalReason)
	}
	return bodies, nil
}

func broken(l Lock, what string) error { return &CanaryError{Lock: l, Err: errors.New(what)} }
