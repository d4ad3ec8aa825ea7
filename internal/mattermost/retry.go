package mattermost

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// Errors that a repeat cannot mend.
type (
	unsendable struct{ error } // the request could not even be built
	unusable   struct{ error } // the call succeeded, but its answer cannot be used
)

func (u unsendable) Unwrap() error { return u.error }
func (u unusable) Unwrap() error   { return u.error }

// do sends the request until it succeeds, is refused, or a repeat is hopeless
// or unsafe. Waiting ends with ctx.
func (c *Client) do(ctx context.Context, r *request, use sink) error {
	delays := repeatDelays()
	var doubt time.Time // start of the first attempt that may have been carried out
	for try := 1; ; try++ {
		if err := c.yield(ctx, r); err != nil {
			return err
		}
		start := c.now()
		err := c.attempt(ctx, r, use)
		if err == nil {
			return nil
		}
		again, unknown := judge(ctx, r, err)
		if unknown && doubt.IsZero() {
			doubt = start
		}
		wait := delays.NextBackOff()
		wait = max(wait, c.askedPause(err))
		if !again || try == maxTries || c.tooLate(r, doubt, wait) {
			return conclude(r, err, doubt)
		}
		c.log.Warn("mattermost: repeating a call", "op", r.op(), "try", try, "wait", wait, "err", err)
		if stop := sleep(ctx, wait); stop != nil {
			return conclude(r, fmt.Errorf("%w, while waiting to repeat after: %w", stop, err), doubt)
		}
	}
}

// yield waits out a pause that the server asked for in an earlier answer.
func (c *Client) yield(ctx context.Context, r *request) error {
	d := c.pace.delay(c.now())
	if d > maxHold+holdJitter {
		return &APIError{Op: r.op(), Status: http.StatusTooManyRequests, RetryAfter: d,
			Message: "not sent: the server asked for a pause"}
	}
	if d == 0 {
		return nil
	}
	if err := sleep(ctx, d); err != nil {
		return fmt.Errorf("mattermost: %s: waiting for the rate limit: %w", r.op(), err)
	}
	return nil
}

// askedPause makes every request of the client observe a 429, and returns the
// pause for this one.
func (c *Client) askedPause(err error) time.Duration {
	var refusal *APIError
	if !errors.As(err, &refusal) || refusal.RetryAfter == 0 {
		return 0
	}
	if refusal.Status == http.StatusTooManyRequests {
		c.pace.hold(c.now().Add(refusal.RetryAfter))
	}
	return refusal.RetryAfter
}

// judge says whether an attempt may be repeated, and whether it may have been
// carried out in spite of the error.
func judge(ctx context.Context, r *request, err error) (again, unknown bool) {
	switch {
	case isA[unsendable](err):
		return false, false
	case isA[unusable](err):
		return false, true
	}
	var refusal *APIError
	if errors.As(err, &refusal) {
		switch {
		case refusal.Status == http.StatusTooManyRequests:
			return refusal.RetryAfter <= maxHold, false
		case refusal.Status < 500 || refusal.Status == http.StatusNotImplemented:
			return false, false
		}
		return r.repeat != repeatNever && refusal.RetryAfter <= maxHold, true
	}
	if neverSent(err) {
		return ctx.Err() == nil, false
	}
	return r.repeat != repeatNever && ctx.Err() == nil, true
}

// tooLate reports that a repeat might arrive after the server has forgotten the
// pending_post_id, and would then be a second post.
func (c *Client) tooLate(r *request, doubt time.Time, wait time.Duration) bool {
	return r.repeat == repeatPending && !doubt.IsZero() && c.now().Add(wait).Sub(doubt) > pendingWindow
}

// conclude adds ErrOutcomeUnknown where the caller must not simply try again.
func conclude(r *request, err error, doubt time.Time) error {
	if r.repeat == repeatSafe || doubt.IsZero() || refused(err) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrOutcomeUnknown, err)
}

// refused reports a definite no.
func refused(err error) bool {
	var refusal *APIError
	return errors.As(err, &refusal) && refusal.Status < 500 && refusal.Status != http.StatusTooManyRequests
}

func isA[T error](err error) bool {
	var found T
	return errors.As(err, &found)
}
