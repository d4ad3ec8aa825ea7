// Package roster says who is who on one chat platform: what the server says
// about an account, which accounts the names of the policy mean, and who is in
// the channel. Names change hands: only ids, to which a policy's names are
// resolved once per revision and answer of the server, ever give rights.
package roster

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"ctpipe/internal/clock"
	"ctpipe/internal/mattermost"
	"ctpipe/internal/memory"
	"ctpipe/pipeline"
)

const (
	lookupWait       = 10 * time.Second // of one question to the server
	knownAccounts    = 5000
	knownNames       = 500
	knownMemberships = 2 // the policy in force, and the one that is being prepared
)

// Chat is what a Roster asks of the chat server. *mattermost.Client is one.
type Chat interface {
	User(ctx context.Context, id string) (mattermost.User, error)
	UsersByNames(ctx context.Context, names []string) ([]mattermost.User, error)
	ChannelMember(ctx context.Context, channel, user string) (mattermost.Member, error)
	ChannelStats(ctx context.Context, channel string) (mattermost.ChannelStats, error)
}

// Policy is what one revision of the policy says about people.
type Policy struct {
	Rev     pipeline.Rev
	Allowed []string            // names; empty: every active person of this server who is no guest
	Groups  map[string][]string // names by group
	// OnDuty, which may be nil, adds to a person's groups the rotas in which
	// they are on duty at an instant.
	OnDuty func(groups []string, unix int64) (out []string, known bool)
}

// Config is what a Roster is made of.
type Config struct {
	Chat    Chat
	Channel string // id
	Clock   clock.Clock
	Log     *slog.Logger
	Policy  func() Policy // the one in force
}

// Roster knows accounts by id. All methods are safe for concurrent use; its lock
// is held for moments, never while the server or a caller's function is asked.
type Roster struct {
	Config

	mu          sync.Mutex
	accounts    *memory.Recent[pipeline.UserID, account]
	names       *memory.Recent[string, nameSeen] // in lower case
	memberships *memory.Recent[pipeline.Rev, *membership]
	guests      guests
}

// account is what the server said about an account.
type account struct {
	user mattermost.User
	at   time.Time
}

// New makes a Roster that knows nobody yet.
func New(c Config) *Roster {
	return &Roster{Config: c,
		accounts:    memory.NewRecent[pipeline.UserID, account](knownAccounts),
		names:       memory.NewRecent[string, nameSeen](knownNames),
		memberships: memory.NewRecent[pipeline.Rev, *membership](knownMemberships)}
}

// Account is what the server says about an id; an answer younger than maxAge is
// taken from memory.
func (r *Roster) Account(ctx context.Context, id pipeline.UserID, maxAge time.Duration) (mattermost.User, error) {
	r.mu.Lock()
	known, ok := r.accounts.Use(id)
	r.mu.Unlock()
	if ok && r.Clock.Now().Sub(known.at) < maxAge {
		return known.user, nil
	}
	ctx, cancel := context.WithTimeout(ctx, lookupWait)
	defer cancel()
	u, err := r.Chat.User(ctx, string(id))
	if err != nil {
		return mattermost.User{}, fmt.Errorf("looking up user %s: %w", id, err)
	}
	r.saw(id, u)
	return u, nil
}

// saw remembers what the server says about an account.
func (r *Roster) saw(id pipeline.UserID, u mattermost.User) {
	now := r.Clock.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.accounts.Put(id, account{user: u, at: now})
}

// Name is what an account is called, as last heard; false means never heard.
func (r *Roster) Name(id pipeline.UserID) (string, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	a, ok := r.accounts.Use(id)
	return a.user.Username, ok
}

// Person says who somebody is now, under the policy in force; what the server
// said no longer than maxAge ago is believed. Standing, which may be nil, says
// what they are in a session. An error means nobody: a user without an id, whom
// the floor refuses.
func (r *Roster) Person(ctx context.Context, id pipeline.UserID, standing func(pipeline.UserID) (owner, invited bool), maxAge time.Duration) (pipeline.User, error) {
	p := r.Policy()
	of, err := r.membership(ctx, p)
	if err != nil {
		return pipeline.User{}, err
	}
	u, err := r.Account(ctx, id, maxAge)
	if err != nil {
		return pipeline.User{}, err
	}
	person := pipeline.User{ID: id, Name: u.Username, Groups: slices.Clone(of.groups[u.ID]),
		Bot: u.IsBot, Guest: u.Guest(), Active: u.Active(), Allowed: of.allows(u)}
	if person.Groups == nil {
		person.Groups = []string{}
	}
	if p.OnDuty != nil {
		person.Groups, _ = p.OnDuty(person.Groups, r.Clock.Now().Unix())
	}
	if standing != nil {
		person.Owner, person.Invited = standing(id)
	}
	return person, nil
}

// Member reports, as an error, that somebody is not in the channel. Where they
// are not, it wraps mattermost.ErrNotFound.
func (r *Roster) Member(ctx context.Context, id pipeline.UserID) error {
	return r.MemberOf(ctx, r.Channel, id)
}

// MemberOf reports, as an error, that somebody is not in a channel.
func (r *Roster) MemberOf(ctx context.Context, channel string, id pipeline.UserID) error {
	ctx, cancel := context.WithTimeout(ctx, lookupWait)
	defer cancel()
	if _, err := r.Chat.ChannelMember(ctx, channel, string(id)); err != nil {
		return fmt.Errorf("looking up whether user %s is in the channel: %w", id, err)
	}
	return nil
}

// Prepare resolves the names of a policy before its first event, and says which
// of them the server does not know, sorted.
func (r *Roster) Prepare(ctx context.Context, p Policy) (missing []string, err error) {
	of, err := r.membership(ctx, p)
	if err != nil {
		return nil, err
	}
	return slices.Clone(of.missing), nil
}

// lower is names as the server keeps them.
func lower(names []string) []string {
	out := make([]string, 0, len(names))
	for _, n := range names {
		out = append(out, strings.ToLower(n))
	}
	return out
}
