package intake

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// FloodLimit counts what each person writes. It is safe for concurrent use.
type FloodLimit struct {
	mu   sync.Mutex
	each map[string]*rate.Limiter
}

// rememberedWriters is how many people are counted before the quiet ones are
// forgotten.
const rememberedWriters = 1000

// NewFloodLimit makes a FloodLimit that has counted nothing.
func NewFloodLimit() *FloodLimit { return &FloodLimit{each: map[string]*rate.Limiter{}} }

// Over counts one post of somebody who may write perMinute in a minute, 0 being
// no limit, and reports that it is one too many. A changed limit holds from the
// next post on.
func (r *FloodLimit) Over(user string, perMinute int, now time.Time) bool {
	if perMinute <= 0 {
		return false
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
	return !l.AllowN(now, 1)
}
