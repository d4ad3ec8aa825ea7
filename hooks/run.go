package hooks

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	lua "github.com/yuin/gopher-lua"

	"ctpipe/pipeline"
)

// grace is how long after its deadline a call is waited for. The VM looks at
// the deadline before every instruction, so only a call inside one long Go
// function needs it; it is then abandoned with its state.
const grace = 50 * time.Millisecond

// call is the memory of one call. Only the goroutine that runs it touches it.
type call struct {
	ctx     context.Context
	hook    *hook
	event   *pipeline.Event
	replay  []Read // non-nil: reads come from here
	loading bool   // the file's chunk is running, not a hook function
	command string // the custom command to run, or ""

	bytes, work int    // what is left of the budgets
	fatal       error  // failed for good, even if the script caught the error
	unknown     string // an unknown fact that was read

	modules map[string]lua.LValue
	overlay map[string]any
	effects []Effect
	logs    []string
	reads   []Read
	writes  []Write
}

// outcome is what leaves a call that was not abandoned.
type outcome struct {
	answer  *answer
	effects []Effect
	logs    []string
	reads   []Read
	writes  []Write
	err     error
}

// run serves c on s, in the caller's goroutine. It does not panic.
func (s *state) run(c *call) (out outcome) {
	defer func() {
		if p := recover(); p != nil {
			out = outcome{err: fmt.Errorf("panic: %v", p)}
		}
	}()
	s.call = c
	s.L.SetContext(c.ctx)
	a, err := s.serve(c)
	if err == nil && c.fatal != nil {
		err = c.fatal
	}
	out = outcome{answer: a, effects: c.effects, logs: c.logs, reads: c.reads, writes: c.writes, err: err}
	s.L.SetTop(0)
	s.call = nil
	return out
}

func (s *state) serve(c *call) (*answer, error) {
	table, err := s.load(c)
	if err != nil {
		return nil, err
	}
	fn, err := entry(table, c)
	if err != nil || fn == nil {
		return nil, err
	}
	base := s.L.GetTop()
	s.L.Push(fn)
	s.L.Push(s.view(reflect.ValueOf(c.event).Elem(), nil, ""))
	if err := s.protected(1, lua.MultRet); err != nil {
		return nil, err
	}
	a, err := s.returned(base)
	if err != nil || a == nil {
		return nil, err
	}
	if err := a.fits(c.event.Kind, c.hook.source.May); err != nil {
		return nil, err
	}
	if a.vote && a.verd == pipeline.Allow && c.unknown != "" {
		return nil, fmt.Errorf("returned ct.allow although %s is unknown", c.unknown)
	}
	return a, nil
}

// load runs the file's chunk and gives the table it returns.
func (s *state) load(c *call) (*lua.LTable, error) {
	c.loading = true
	s.L.Push(s.L.NewFunctionFromProto(c.hook.unit.proto))
	if err := s.protected(0, 1); err != nil {
		return nil, err
	}
	table, ok := s.L.Get(-1).(*lua.LTable)
	if !ok {
		got := "a " + s.L.Get(-1).Type().String()
		if s.L.Get(-1) == lua.LNil {
			got = "nothing"
		}
		return nil, &returnError{fmt.Errorf("the file returned %s; it must return a table of functions by event kind", got)}
	}
	s.L.Pop(1)
	c.loading = false
	return table, nil
}

// entry finds the function for the event; nil means there is nothing to run.
func entry(table *lua.LTable, c *call) (*lua.LFunction, error) {
	v := table.RawGetString(string(c.event.Kind))
	if c.command != "" {
		named, ok := v.(*lua.LTable)
		if !ok {
			return nil, fmt.Errorf("the file no longer returns commands")
		}
		if spec, ok := named.RawGetString(c.command).(*lua.LTable); ok {
			v = spec.RawGetString("run")
		} else {
			v = named.RawGetString(c.command)
		}
	}
	fn, ok := v.(*lua.LFunction)
	if !ok {
		return nil, fmt.Errorf("the file returned no function for %s this time", c.event.Kind)
	}
	return fn, nil
}

// protected calls what was pushed and turns every failure into an error.
func (s *state) protected(args, results int) error {
	err := s.L.PCall(args, results, nil)
	if err == nil {
		return nil
	}
	var api *lua.ApiError
	if errors.As(err, &api) {
		if api.Object != nil && api.Object.Type() == lua.LTString {
			return errors.New(api.Object.String())
		}
		if api.Object != nil && api.Object != lua.LNil {
			return fmt.Errorf("error raised with a %s, not a message", api.Object.Type())
		}
	}
	return errors.New(err.Error())
}

// returned reads the hook's one return value from the stack.
func (s *state) returned(base int) (*answer, error) {
	n := s.L.GetTop() - base
	for ; n > 0 && s.L.Get(base+n) == lua.LNil; n-- {
	}
	if n == 0 {
		return nil, nil
	}
	if n > 1 {
		return nil, fmt.Errorf("returned %d values; return nil or one value made by ct", n)
	}
	v := s.L.Get(base + 1)
	if ud, ok := v.(*lua.LUserData); ok {
		if a, ok := ud.Value.(*answer); ok {
			return a, nil
		}
	}
	return nil, fmt.Errorf("returned a %s; return nil or one value made by ct, as in ct.deny(why)", v.Type())
}

// guard runs c on a state of the hook with its deadline. On time-out or any
// other failure the state is thrown away.
func (h *hook) guard(parent context.Context, c *call, timeout time.Duration) outcome {
	ctx, cancel := context.WithTimeout(parent, timeout)
	defer cancel()
	c.ctx = ctx
	done := make(chan outcome, 1)
	go func() {
		s, err := h.take()
		if err != nil {
			done <- outcome{err: err}
			return
		}
		out := s.run(c)
		if ctx.Err() == nil && out.err == nil {
			h.give(s)
		}
		done <- out
	}()
	out, ended := await(ctx, done)
	switch {
	case parent.Err() != nil:
		return outcome{err: fmt.Errorf("the run was given up: %w", parent.Err())}
	case !ended:
		return outcome{err: fmt.Errorf("%w: abandoned %s after its deadline of %s", ErrTimeout, grace, timeout)}
	case ctx.Err() != nil:
		return outcome{err: fmt.Errorf("%w: stopped at its deadline of %s", ErrTimeout, timeout), logs: out.logs, reads: out.reads}
	}
	return out
}

// await waits for the outcome of a call until a little after its deadline. The
// second timer is made only for the few that need it.
func await(ctx context.Context, done <-chan outcome) (outcome, bool) {
	select {
	case out := <-done:
		return out, true
	case <-ctx.Done():
	}
	late := time.NewTimer(grace)
	defer late.Stop()
	select {
	case out := <-done:
		return out, true
	case <-late.C:
		return outcome{}, false
	}
}

// take gives a state that serves nobody, or a new one.
func (h *hook) take() (*state, error) {
	select {
	case s := <-h.idle:
		return s, nil
	default:
		return h.fresh()
	}
}

func (h *hook) fresh() (s *state, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("making a Lua state: %v", p)
		}
	}()
	return newState(h), nil
}

func (h *hook) give(s *state) {
	select {
	case h.idle <- s:
	default: // enough are kept
	}
}
