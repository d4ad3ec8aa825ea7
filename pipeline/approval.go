package pipeline

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// With fills the keys that t leaves open from base, which is [approval].
func (t Terms) With(base Terms) Terms {
	if len(t.Approvers) == 0 {
		t.Approvers = base.Approvers
	}
	first(&t.Quorum, base.Quorum)
	first(&t.TTL, base.TTL)
	t.Quorum = max(t.Quorum, 1)
	return t
}

// Admits reports whether u, as they stand now, may answer an ask with these
// terms. Bots and deactivated users never may. Where requesters do not count
// and nobody knows who they are, nobody may.
func (t Terms) Admits(u User, requesters []User) bool {
	if u.ID == "" || u.Bot || !u.Active {
		return false
	}
	if t.Requester != nil && !*t.Requester && (len(requesters) == 0 || among(requesters, u.ID)) {
		return false
	}
	for _, who := range t.Approvers {
		switch {
		case who == "owner" && u.Owner, who == "invited" && u.Invited, who == "allowed" && u.Allowed:
			return true
		case slices.Contains(u.Groups, who):
			return true
		}
	}
	return false
}

// Missing says what an ask still lacks, in words; "" when it is satisfied.
// Approvals are the people who approved, as they stand now; somebody who is
// in them twice counts once, so that one person alone is never a quorum.
func (t Terms) Missing(approvals, requesters []User) string {
	var have []User
	other, quorum := false, max(t.Quorum, 1)
	for _, u := range approvals {
		if t.Admits(u, requesters) && !among(have, u.ID) {
			have = append(have, u)
			other = other || len(requesters) > 0 && !among(requesters, u.ID)
		}
	}
	switch {
	case len(have) < quorum:
		return fmt.Sprintf("%d of %d from %s", len(have), quorum, strings.Join(t.Approvers, " or "))
	case t.Other && len(requesters) == 0:
		return "who asked for it, which is unknown"
	case t.Other && !other:
		return "somebody who did not ask for it"
	}
	return ""
}

// Unmet returns the asks that approvals do not satisfy yet: every asking vote
// must be, and one person may satisfy several. Votes that are no ask, or are in
// shadow, ask nothing: callers look at the verdict first.
func Unmet(asks []Vote, base Terms, approvals, requesters []User) []Vote {
	var open []Vote
	for _, v := range asks {
		if v.Verdict == Ask && !v.Shadow && v.Terms.With(base).Missing(approvals, requesters) != "" {
			open = append(open, v)
		}
	}
	return open
}

// MayAnswer reports whether u is an approver of at least one of the asks.
func MayAnswer(asks []Vote, base Terms, u User, requesters []User) bool {
	for _, v := range asks {
		if v.Verdict == Ask && !v.Shadow && v.Terms.With(base).Admits(u, requesters) {
			return true
		}
	}
	return false
}

// Deadline is the shortest time that any of the asks gives; 0 means none does.
func Deadline(asks []Vote, base Terms) time.Duration {
	least := time.Duration(0)
	for _, v := range asks {
		if ttl := v.Terms.With(base).TTL; v.Verdict == Ask && !v.Shadow && ttl > 0 && (least == 0 || ttl < least) {
			least = ttl
		}
	}
	return least
}

func among(users []User, id UserID) bool {
	return slices.ContainsFunc(users, func(u User) bool { return u.ID == id })
}
