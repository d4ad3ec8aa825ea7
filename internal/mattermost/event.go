package mattermost

import "encoding/json"

// Event is something the server announced over the websocket. The set of types
// is closed: Hello, Posted, Edited, Deleted, ReactionAdded, ReactionRemoved,
// Typing, UserAdded, UserRemoved and Other.
type Event interface{ event() }

type (
	// Hello opens a connection that carries on no earlier one.
	Hello struct {
		ConnectionID  string
		ServerVersion string
	}
	// Posted is a new post, one's own included; the echo of one's own post
	// usually arrives before CreatePost returns.
	Posted struct {
		Post               Post
		ChannelName        string
		ChannelDisplayName string
		ChannelType        string // see Channel.Type
		TeamID             string
		// SenderName is a display text that the sender may have chosen; it
		// identifies nobody.
		SenderName string
		Mentions   []string // ids of accounts that get notified
	}
	// Edited is a post after an edit, a pin or an unpin. The text may be unchanged.
	Edited struct{ Post Post }
	// Deleted is a post as it was before. The replies of a deleted root get no
	// event of their own. By is empty unless the token's account is an administrator.
	Deleted struct {
		Post Post
		By   string
	}
	// ReactionAdded comes again when somebody adds a reaction that is there already.
	ReactionAdded struct {
		Reaction  Reaction
		ChannelID string
	}
	// ReactionRemoved comes even if there was no such reaction.
	ReactionRemoved struct {
		Reaction  Reaction
		ChannelID string
	}
	// Typing says that an account writes in a channel, or in the thread of RootID.
	Typing struct{ UserID, ChannelID, RootID string }
	// UserAdded says that an account joined a channel.
	UserAdded struct{ UserID, ChannelID, TeamID string }
	// UserRemoved says that an account left a channel or was removed; it is one's
	// own if UserID is.
	UserRemoved struct{ UserID, ChannelID, RemoverID string }
	// Other is an event of a kind that this package does not know, or, with Err,
	// one that it knows but could not read.
	Other struct {
		Name      string
		Data      json.RawMessage
		ChannelID string // "" unless it went to the members of one channel
		UserID    string // "" unless it went to one account
		Err       error
	}
)

func (Hello) event()           {}
func (Posted) event()          {}
func (Edited) event()          {}
func (Deleted) event()         {}
func (ReactionAdded) event()   {}
func (ReactionRemoved) event() {}
func (Typing) event()          {}
func (UserAdded) event()       {}
func (UserRemoved) event()     {}
func (Other) event()           {}
