package mattermost

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
)

const (
	maxTries   = 5           // attempts of one call
	maxHold    = time.Minute // longest pause asked for by the server that a call sits out
	holdJitter = 250 * time.Millisecond

	// Mattermost forgets a pending_post_id 30 s after it first saw it (source
	// and measurement); a repeat must arrive well before that.
	pendingWindow  = 25 * time.Second
	pendingTimeout = 10 * time.Second
)

// pace holds back every request after a 429, because the server's limit counts
// the address and not the request.
type pace struct {
	mu    sync.Mutex
	until time.Time
}

func (p *pace) hold(until time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if until.After(p.until) {
		p.until = until
	}
}

// delay is how long a request must wait, with jitter so that the waiting ones
// do not all start in the same moment.
func (p *pace) delay(now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	d := p.until.Sub(now)
	if d <= 0 {
		return 0
	}
	return d + rand.N(holdJitter)
}

func repeatDelays() *backoff.ExponentialBackOff {
	return &backoff.ExponentialBackOff{
		InitialInterval: 500 * time.Millisecond, RandomizationFactor: 0.5, Multiplier: 2, MaxInterval: 8 * time.Second,
	}
}

// reconnectDelays never end and never exceed a minute: 40 s and half of it as jitter.
func reconnectDelays() *backoff.ExponentialBackOff {
	return &backoff.ExponentialBackOff{
		InitialInterval: 500 * time.Millisecond, RandomizationFactor: 0.5, Multiplier: 1.7, MaxInterval: 40 * time.Second,
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return context.Cause(ctx)
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
