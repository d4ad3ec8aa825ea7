package roster

import (
	"context"
	"time"
)

// How long the server's word about guest accounts in the channel is taken: it
// is asked for again after a minute, and not believed any more after ten.
const (
	guestsFresh    = time.Minute
	guestsBelieved = 10 * time.Minute
)

// guests is whether the channel has guest accounts, as the server last said.
type guests struct {
	some   bool
	at     time.Time // zero: it never did
	asking bool
}

// GuestFact says whether the channel has guest accounts; known is false where
// the server's answer is too old. It never waits: where the answer is not fresh
// the server is asked beside, until ctx ends.
func (r *Roster) GuestFact(ctx context.Context) (some, known bool) {
	now := r.Clock.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	g := &r.guests
	never, age := g.at.IsZero(), now.Sub(g.at)
	if (never || age > guestsFresh) && !g.asking {
		g.asking = true
		go r.askGuests(ctx)
	}
	if never || age > guestsBelieved {
		return false, false
	}
	return g.some, true
}

// askGuests asks the server for the channel's guests.
func (r *Roster) askGuests(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, lookupWait)
	defer cancel()
	stats, err := r.Chat.ChannelStats(ctx, r.Channel)
	now := r.Clock.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.guests.asking = false
	if err != nil {
		r.Log.Warn("whether the channel has guests is not known", "channel", r.Channel, "err", err)
		return
	}
	r.guests.some, r.guests.at = stats.Guests > 0, now
}
