package session

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// rates counts what each person writes.
type rates struct {
	mu   sync.Mutex
	each map[string]*rate.Limiter
}

// rememberedWriters is how many people are counted before the quiet ones are
// forgotten.
const rememberedWriters = 1000

func newRates() *rates { return &rates{each: map[string]*rate.Limiter{}} }

// allow takes one post of somebody who may write perMinute in a minute; 0 is no
// limit. A changed limit holds from the next post on.
func (r *rates) allow(user string, perMinute int, now time.Time) bool {
	if perMinute <= 0 {
		return true
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.each) >= rememberedWriters {
		for id, l := range r.each {
			if l.TokensAt(now) >= float64(l.Burst()) {
				delete(r.each, id)
			}
		}
	}
	l := r.each[user]
	if l == nil {
		l = rate.NewLimiter(rate.Limit(float64(perMinute)/60), perMinute)
		r.each[user] = l
	}
	if l.Burst() != perMinute {
		l.SetLimitAt(now, rate.Limit(float64(perMinute)/60))
		l.SetBurstAt(now, perMinute)
	}
	return l.AllowN(now, 1)
}
