package roster

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"ctpipe/internal/mattermost"
	"ctpipe/pipeline"
)

// userName is what a name on the server looks like. Anything else is nobody's,
// however much it looks like somebody's.
var userName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]*$`)

// Named is the account that a name means now, in any case; false means that
// there is none. The server is always asked.
func (r *Roster) Named(ctx context.Context, name string) (mattermost.User, bool, error) {
	name = strings.ToLower(name)
	if !userName.MatchString(name) {
		return mattermost.User{}, false, nil
	}
	ctx, cancel := context.WithTimeout(ctx, lookupWait)
	defer cancel()
	users, err := r.Chat.UsersByNames(ctx, []string{name})
	if err != nil {
		return mattermost.User{}, false, fmt.Errorf("looking up the user called %s: %w", name, err)
	}
	for _, u := range users {
		if strings.EqualFold(u.Username, name) {
			r.saw(pipeline.UserID(u.ID), u)
			return u, true, nil
		}
	}
	return mattermost.User{}, false, nil
}

// namedFor is how long it is believed that a name is an account's, or none's.
const namedFor = 5 * time.Minute

// nameSeen is what the server said about a name.
type nameSeen struct {
	exists bool
	at     time.Time
}

// Exists reports a name, in lower case, that some account has. Where the server
// does not say, it is taken for one: what may be meant for somebody else is not
// for Claude.
func (r *Roster) Exists(ctx context.Context, name string) bool {
	r.mu.Lock()
	known, ok := r.names.Use(name)
	r.mu.Unlock()
	if ok && r.Clock.Now().Sub(known.at) < namedFor {
		return known.exists
	}
	ctx, cancel := context.WithTimeout(ctx, lookupWait)
	defer cancel()
	found, err := r.Chat.UsersByNames(ctx, []string{name})
	if err != nil {
		return true
	}
	now := r.Clock.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.names.Put(name, nameSeen{exists: len(found) > 0, at: now})
	return len(found) > 0
}
