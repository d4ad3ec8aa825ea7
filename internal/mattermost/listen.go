package mattermost

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cenkalti/backoff/v5"
)

const (
	queueLen    = 1024             // events that may wait for the handler
	steadyAfter = 30 * time.Second // a connection that lived this long starts the delays anew
	maxDelay    = time.Minute
	sinceMargin = time.Minute // between saving a post and announcing it, generously
)

// Handler receives what Listen hears. Both functions are called from one
// goroutine, in order, and never after Listen has returned or its context has
// ended. Either may be nil. They should not take long: at most 1024 events
// wait; beyond that the connection is dropped and a Gap reported.
type Handler struct {
	Event func(Event)
	State func(State)
}

// Listen connects to the websocket and stays connected, for ever: it returns
// when ctx ends, with its cause, or with ErrTokenRefused. A lost connection is
// resumed without loss where the server can, else reported as a Gap. A dead one
// is noticed within a minute.
func (c *Client) Listen(ctx context.Context, h Handler) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	l := &listener{Client: c, out: make(chan notice, queueLen), recent: newRecent(recentSize), delays: reconnectDelays()}
	var result error
	go func() {
		defer close(l.out)
		result = l.run(ctx)
	}()
	for n := range l.out {
		if ctx.Err() == nil {
			n.deliver(h)
		}
	}
	return result
}

// notice is one call of the handler: a state, or an event.
type notice struct {
	event Event
	state State
}

func (n notice) deliver(h Handler) {
	switch {
	case n.event == nil && h.State != nil:
		h.State(n.state)
	case n.event != nil && h.Event != nil:
		h.Event(n.event)
	}
}

// listener is what outlives a single connection.
type listener struct {
	*Client
	out    chan notice
	recent *recent
	delays *backoff.ExponentialBackOff

	// The stream of events, to be carried on by the next connection.
	connID string // "" if it must not be carried on
	next   int64  // number of the next event
	ever   bool   // some connection was established
	since  int64  // server's time of the last answered ping
}

func (l *listener) run(ctx context.Context) error {
	for failed := 0; ; {
		started := l.now()
		proven, err := l.connect(ctx)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if refusal := l.refusal(ctx, err); refusal != nil {
			l.report(ctx, State{Kind: Lost, Attempt: failed + 1, Err: refusal})
			return refusal
		}
		if proven && l.now().Sub(started) >= steadyAfter {
			failed = 0
			l.delays.Reset()
		}
		failed++
		wait := l.delay(err)
		l.report(ctx, State{Kind: Lost, Attempt: failed, Retry: wait, Err: err})
		if err := sleep(ctx, wait); err != nil {
			return err
		}
	}
}

// delay is the jittered pause before the next attempt, longer if the server
// said so (the upgrade is rate limited too), but never over a minute.
func (l *listener) delay(err error) time.Duration {
	wait := l.delays.NextBackOff()
	var refusal *APIError
	if errors.As(err, &refusal) {
		wait = max(wait, refusal.RetryAfter)
	}
	return min(wait, maxDelay)
}

// refusal finds out whether a connection ended because of the token. The server
// does not say so: it accepts the upgrade and hangs up without a word.
func (l *listener) refusal(ctx context.Context, err error) error {
	suspicious := errors.Is(err, errSilent) || errors.Is(err, errSession) ||
		errors.Is(err, ErrUnauthorized) || errors.Is(err, ErrForbidden)
	if !suspicious {
		return nil
	}
	probe := &request{method: "GET", path: []string{"users", "me"}}
	var answer *APIError
	if !errors.As(l.attempt(ctx, probe, l.jsonInto(nil)), &answer) {
		return nil
	}
	if answer.Status != 401 || answer.ID == "" { // without an id it is some proxy's opinion
		return nil
	}
	return fmt.Errorf("%w: %w", ErrTokenRefused, answer)
}

// report hands a state to the handler, however long that takes: a lost Gap
// would be lost posts.
func (l *listener) report(ctx context.Context, s State) {
	l.log.Debug("mattermost: websocket", "state", s.Kind.String(), "connection", s.ConnectionID,
		"attempt", s.Attempt, "retry", s.Retry, "err", s.Err)
	select {
	case l.out <- notice{state: s}:
	case <-ctx.Done():
	}
}

// emit hands an event to the handler, or fails at once if too many wait: the
// reader must go on reading, or the server drops the connection on its terms.
func (l *listener) emit(e Event) error {
	select {
	case l.out <- notice{event: e}:
		return nil
	default:
		l.forget()
		return errSlow
	}
}

// forget makes the next connection a new one. Asking the server for a number
// that it does not have makes it deliver everything twice.
func (l *listener) forget() { l.connID = "" }

// gapSince is the lower bound that a Gap reports.
func (l *listener) gapSince() int64 {
	if l.since == 0 {
		return 0
	}
	return max(1, l.since-sinceMargin.Milliseconds())
}
