package roster

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"ctpipe/internal/mattermost"
)

// membership is whose the names of one revision are.
type membership struct {
	open    bool // no name is allowed by name
	allowed map[string]bool
	groups  map[string][]string // account id → groups, sorted
	missing []string            // names that the server does not know: they give nobody anything
}

// allows reports somebody who is on the policy's list, or whom a policy without
// a list allows.
func (m *membership) allows(u mattermost.User) bool {
	if m.open {
		return !u.IsBot && !u.Guest() && !u.Remote() && u.Active()
	}
	return m.allowed[u.ID]
}

// membership resolves the names of a revision, once. Names that could not be
// asked for are asked again next time.
func (r *Roster) membership(ctx context.Context, p Policy) (*membership, error) {
	r.mu.Lock()
	m, ok := r.memberships.Use(p.Rev)
	r.mu.Unlock()
	if ok {
		return m, nil
	}
	ids, err := r.ids(ctx, p)
	if err != nil {
		return nil, err
	}
	m = resolve(p, ids)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.memberships.Put(p.Rev, m)
	return m, nil
}

// resolve puts ids in the place of a policy's names; ids are by name in lower
// case.
func resolve(p Policy, ids map[string]string) *membership {
	m := &membership{open: len(p.Allowed) == 0, allowed: map[string]bool{}, groups: map[string][]string{}}
	for _, name := range p.Allowed {
		if id, ok := ids[strings.ToLower(name)]; ok {
			m.allowed[id] = true
		} else {
			m.missing = append(m.missing, name)
		}
	}
	for group, names := range p.Groups {
		for _, name := range names {
			if id, ok := ids[strings.ToLower(name)]; ok {
				m.groups[id] = append(m.groups[id], group)
			} else {
				m.missing = append(m.missing, name)
			}
		}
	}
	for _, groups := range m.groups {
		slices.Sort(groups)
	}
	slices.Sort(m.missing)
	m.missing = slices.Compact(m.missing)
	return m
}

// ids asks the server whose the names are.
func (r *Roster) ids(ctx context.Context, p Policy) (map[string]string, error) {
	names := lower(p.Allowed)
	for _, members := range p.Groups {
		names = append(names, lower(members)...)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	ids := make(map[string]string, len(names))
	if len(names) == 0 {
		return ids, nil
	}
	ctx, cancel := context.WithTimeout(ctx, lookupWait)
	defer cancel()
	users, err := r.Chat.UsersByNames(ctx, names)
	if err != nil {
		return nil, fmt.Errorf("looking up the users that the rules name: %w", err)
	}
	for _, u := range users {
		ids[strings.ToLower(u.Username)] = u.ID
	}
	return ids, nil
}
