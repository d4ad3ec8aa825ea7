package claude

import (
	"errors"
	"fmt"
	"sync"

	"ctpipe/internal/memory"
)

// Why an answer was dropped.
var (
	ErrUnknownCall = errors.New("no such call")
	ErrAnswered    = errors.New("the call was answered already")
	ErrWithdrawn   = errors.New("the call was withdrawn")
	ErrStopping    = errors.New("the process is stopping")
)

// waitsAt is where a call waits for its answer, so that an answer for one kind of
// call cannot settle the other.
type waitsAt int

const (
	atPreToolUse waitsAt = iota + 1
	atCanUseTool
)

// calls are the CLI's requests that wait for us. An id is answered once; the
// newest settled ids are remembered to tell a late answer from a wrong one.
type calls struct {
	mu      sync.Mutex
	open    map[string]waitsAt
	settled *memory.Recent[string, error]
	stopped bool
}

// maxSettled bounds the memory for settled ids.
const maxSettled = 1024

func newCalls() *calls {
	return &calls{open: make(map[string]waitsAt), settled: memory.NewRecent[string, error](maxSettled)}
}

// add opens a call; false if the id is taken or the process is stopping.
func (c *calls) add(id string, at waitsAt) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, taken := c.open[id]
	if _, before := c.settled.Get(id); taken || before || c.stopped || id == "" {
		return false
	}
	c.open[id] = at
	return true
}

// answer settles a call if send succeeds; else it stays open.
func (c *calls) answer(id string, at waitsAt, send func() error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.refusal(id, at); err != nil {
		return err
	}
	if err := send(); err != nil {
		return err
	}
	c.settle(id, ErrAnswered)
	return nil
}

func (c *calls) refusal(id string, at waitsAt) error {
	got, open := c.open[id]
	switch {
	case c.stopped:
		return ErrStopping
	case open && got != at:
		return fmt.Errorf("%w: it waits at the other of PreToolUse and can_use_tool", ErrUnknownCall)
	case open:
		return nil
	}
	if why, before := c.settled.Get(id); before {
		return why
	}
	return ErrUnknownCall
}

// withdraw closes a call that the CLI no longer waits for; false if it was not open.
func (c *calls) withdraw(id string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, open := c.open[id]; !open {
		return false
	}
	c.settle(id, ErrWithdrawn)
	return true
}

// stop drops all open calls; answers get ErrStopping from now on.
func (c *calls) stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stopped = true
	clear(c.open)
}

func (c *calls) settle(id string, why error) {
	delete(c.open, id)
	c.settled.Put(id, why)
}
