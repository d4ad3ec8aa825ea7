package hooks

import (
	"sync"
	"time"
)

// A hook's circuit opens at the third time-out within this time.
const (
	breakerCount  = 3
	breakerWindow = 10 * time.Minute
)

// breaker is the circuit of one hook. Once open it stays open until the hook is
// saved anew.
type breaker struct {
	mu    sync.Mutex
	times []time.Time // of the latest time-outs
	open  bool
}

func (b *breaker) isOpen() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.open
}

// timedOut counts a time-out and reports whether it opened the circuit.
func (b *breaker) timedOut(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.times = append(b.times, now)
	if len(b.times) > breakerCount {
		b.times = b.times[1:]
	}
	if b.open || len(b.times) < breakerCount || now.Sub(b.times[0]) > breakerWindow {
		return false
	}
	b.open = true
	return true
}
