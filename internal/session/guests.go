package session

import (
	"context"
	"sync"
	"time"

	"ctpipe/pipeline"
)

// How long the server's word about guest accounts in the channel is taken: it
// is asked for again after a minute, and not believed any more after ten.
const (
	guestsFresh    = time.Minute
	guestsBelieved = 10 * time.Minute
)

// guests is whether the channel has guest accounts, as the server last said.
type guests struct {
	mu     sync.Mutex
	some   bool
	at     time.Time // zero: it never did
	asking bool
}

// guestFact fills in thread.guests. It never waits: where the server's answer
// is too old the fact is unknown, and the server is asked beside the event.
func (h *Host) guestFact(ev *pipeline.Event) {
	now := h.Clock.Now()
	g := &h.guests
	g.mu.Lock()
	defer g.mu.Unlock()
	age := now.Sub(g.at)
	if g.at.IsZero() || age > guestsBelieved {
		ev.Unknown = append(ev.Unknown, "thread.guests")
	} else {
		ev.Thread.Guests = g.some
	}
	if (g.at.IsZero() || age > guestsFresh) && !g.asking {
		g.asking = true
		go h.askGuests(h.ctx)
	}
}

// askGuests asks the server for the channel's guests.
func (h *Host) askGuests(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, lookupWait)
	defer cancel()
	stats, err := h.Chat.ChannelStats(ctx, h.Channel.ID)
	g := &h.guests
	g.mu.Lock()
	defer g.mu.Unlock()
	g.asking = false
	if err != nil {
		h.Log.Warn("whether the channel has guests is not known", "channel", h.Channel.ID, "err", err)
		return
	}
	g.some, g.at = stats.Guests > 0, h.Clock.Now()
}
