package session

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"ctpipe/internal/clock"
	"ctpipe/internal/mattermost"
	"ctpipe/pipeline"
)

// How long what the server said about an account is believed. Decisions about
// tool calls look again (I7).
const (
	accountFor  = 5 * time.Minute
	decisionFor = 10 * time.Second
	lookupWait  = 10 * time.Second
)

// people knows accounts by id, and which ids the names of the policy mean.
// Names change hands: only their ids, resolved once per revision and server
// answer, ever give rights (I3, SEC-07).
type people struct {
	chat  Chat
	clock clock.Clock

	mu       sync.Mutex
	accounts map[string]account
	names    map[string]nameSeen // in lower case
	rosters  map[pipeline.Rev]*roster
}

type account struct {
	user mattermost.User
	at   time.Time
}

// roster is who the names of one revision are.
type roster struct {
	open    bool // allowed_users is empty: anyone in the channel who is a person
	allowed map[string]bool
	groups  map[string][]string // user id → groups
	missing []string            // names that the server does not know: they give nobody anything
}

func newPeople(chat Chat, clock clock.Clock) *people {
	return &people{chat: chat, clock: clock, accounts: map[string]account{}, names: map[string]nameSeen{}, rosters: map[pipeline.Rev]*roster{}}
}

// account looks an id up; an answer younger than maxAge is taken from memory.
func (p *people) account(ctx context.Context, id string, maxAge time.Duration) (mattermost.User, error) {
	p.mu.Lock()
	known, ok := p.accounts[id]
	p.mu.Unlock()
	if ok && p.clock.Now().Sub(known.at) < maxAge {
		return known.user, nil
	}
	ctx, cancel := context.WithTimeout(ctx, lookupWait)
	defer cancel()
	u, err := p.chat.User(ctx, id)
	if err != nil {
		return mattermost.User{}, fmt.Errorf("looking up user %s: %w", id, err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.accounts) > 10000 {
		clear(p.accounts)
	}
	p.accounts[id] = account{user: u, at: p.clock.Now()}
	return u, nil
}

// roster resolves the names of a revision; it is kept until two newer ones are.
// Names that could not be asked for are asked again next time.
func (p *people) roster(ctx context.Context, rev pipeline.Rev, set Settings) (*roster, error) {
	p.mu.Lock()
	r := p.rosters[rev]
	p.mu.Unlock()
	if r != nil {
		return r, nil
	}
	ids, err := p.ids(ctx, set)
	if err != nil {
		return nil, err
	}
	r = &roster{open: len(set.Allowed) == 0, allowed: map[string]bool{}, groups: map[string][]string{}}
	for _, name := range set.Allowed {
		if id, ok := ids[strings.ToLower(name)]; ok {
			r.allowed[id] = true
		} else {
			r.missing = append(r.missing, name)
		}
	}
	for group, names := range set.Groups {
		for _, name := range names {
			if id, ok := ids[strings.ToLower(name)]; ok {
				r.groups[id] = append(r.groups[id], group)
			} else {
				r.missing = append(r.missing, name)
			}
		}
	}
	for _, groups := range r.groups {
		slices.Sort(groups)
	}
	slices.Sort(r.missing)
	r.missing = slices.Compact(r.missing)
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.rosters) > 2 {
		clear(p.rosters)
	}
	p.rosters[rev] = r
	return r, nil
}

// ids asks the server whose the names are. Case does not matter: the server
// keeps user names in lower case.
func (p *people) ids(ctx context.Context, set Settings) (map[string]string, error) {
	var names []string
	for _, n := range set.Allowed {
		names = append(names, strings.ToLower(n))
	}
	for _, members := range set.Groups {
		for _, n := range members {
			names = append(names, strings.ToLower(n))
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	ids := make(map[string]string, len(names))
	if len(names) == 0 {
		return ids, nil
	}
	ctx, cancel := context.WithTimeout(ctx, lookupWait)
	defer cancel()
	users, err := p.chat.UsersByNames(ctx, names)
	if err != nil {
		return nil, fmt.Errorf("looking up the users that the rules name: %w", err)
	}
	for _, u := range users {
		ids[strings.ToLower(u.Username)] = u.ID
	}
	return ids, nil
}

// Prepare resolves the names of a snapshot before its first event, and says
// which of them the server does not know.
func (h *Host) Prepare(ctx context.Context, snap *pipeline.Snapshot) (missing []string, err error) {
	r, err := h.people.roster(ctx, snap.Rev, h.Settings(snap))
	if err != nil {
		return nil, err
	}
	return r.missing, nil
}

// person says who somebody is here and now. An error means nobody: the floor
// refuses a user without an id (SEC-08).
func (h *Host) person(ctx context.Context, id pipeline.UserID, s *Session, maxAge time.Duration) (pipeline.User, error) {
	snap := h.Engine.Snapshot()
	set := h.Settings(snap)
	roster, err := h.people.roster(ctx, snap.Rev, set)
	if err != nil {
		return pipeline.User{}, err
	}
	u, err := h.people.account(ctx, string(id), maxAge)
	if err != nil {
		return pipeline.User{}, err
	}
	person := pipeline.User{ID: id, Name: u.Username, Groups: slices.Clone(roster.groups[u.ID]),
		Bot: u.IsBot, Guest: u.Guest(), Active: u.Active(), Allowed: roster.allowed[u.ID]}
	if roster.open {
		person.Allowed = !u.IsBot && !u.Guest() && !u.Remote() && u.Active()
	}
	if person.Groups == nil {
		person.Groups = []string{}
	}
	if set.OnDuty != nil {
		person.Groups, _ = set.OnDuty(person.Groups, h.Clock.Now().Unix())
	}
	if s != nil {
		person.Owner, person.Invited = s.standing(id)
	}
	return person, nil
}

// member reports, as an error, that somebody is not in the channel.
func (h *Host) member(ctx context.Context, id pipeline.UserID) error {
	ctx, cancel := context.WithTimeout(ctx, lookupWait)
	defer cancel()
	if _, err := h.Chat.ChannelMember(ctx, h.Channel.ID, string(id)); err != nil {
		return fmt.Errorf("looking up whether user %s is in the channel: %w", id, err)
	}
	return nil
}

// saw remembers what the server says about an account.
func (p *people) saw(u mattermost.User, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.accounts[u.ID] = account{user: u, at: now}
}
