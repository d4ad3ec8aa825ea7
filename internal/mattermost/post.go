package mattermost

// Post is one message. Times are milliseconds since 1970 on the server's clock.
type Post struct {
	ID        string `json:"id"`
	CreateAt  int64  `json:"create_at"`
	UpdateAt  int64  `json:"update_at"` // moves with edits, pins, reactions and replies
	EditAt    int64  `json:"edit_at"`   // 0: never edited
	DeleteAt  int64  `json:"delete_at"` // 0 in post_deleted events too: they carry the post as it was
	IsPinned  bool   `json:"is_pinned"`
	UserID    string `json:"user_id"` // the account the server authenticated: the only identity of the author
	ChannelID string `json:"channel_id"`
	RootID    string `json:"root_id"`     // "" in a root post
	Original  string `json:"original_id"` // set in the rows that edits leave behind: the live post's id
	Message   string `json:"message"`
	Type      string `json:"type"` // "" for what accounts write; "system_…" otherwise
	// Props can be set by whoever writes the post: nothing in them is proof of
	// who somebody is, only a reason to trust less.
	Props        map[string]any `json:"props"`
	FileIDs      []string       `json:"file_ids"`
	PendingID    string         `json:"pending_post_id"` // as the sender chose it; only in the posted event
	HasReactions bool           `json:"has_reactions"`
	RemoteID     string         `json:"remote_id"` // not "": came from another server through a shared channel
	Metadata     PostMetadata   `json:"metadata"`
}

// PostMetadata is what the server adds to a post for display. It may be absent
// although the post has files or reactions: ask PostFiles and Reactions then.
type PostMetadata struct {
	Files     []File     `json:"files"`
	Reactions []Reaction `json:"reactions"`
}

// RootOrSelf is the id of the thread's root. Replies to a reply are refused by
// the server, so this is what a reply to p must name.
func (p Post) RootOrSelf() string {
	if p.RootID != "" {
		return p.RootID
	}
	return p.ID
}

// FromBot reports the mark that the server puts on posts of bot accounts.
func (p Post) FromBot() bool { return p.marked("from_bot") }

// FromWebhook reports a post made through an incoming webhook. Its UserID is
// the person who once created the webhook, not who wrote the text.
func (p Post) FromWebhook() bool { return p.marked("from_webhook") }

// FromPlugin reports a post made by a server plugin.
func (p Post) FromPlugin() bool { return p.marked("from_plugin") }

// FromOAuthApp reports a post made by an OAuth application in a person's name.
func (p Post) FromOAuthApp() bool { return p.marked("from_oauth_app") }

// System reports a post that the server wrote itself (joins, renames, …).
func (p Post) System() bool { return p.Type != "" }

// marked reads a flag of the props. The server writes the string "true"; any
// other value but a plain no counts as set, because a mark only takes rights away.
func (p Post) marked(key string) bool {
	switch v := p.Props[key].(type) {
	case nil:
		return false
	case bool:
		return v
	case string:
		return v != "" && v != "false"
	}
	return true
}

// postList is how the server answers with several posts.
type postList struct {
	Order   []string        `json:"order"`
	Posts   map[string]Post `json:"posts"`
	HasNext bool            `json:"has_next"`
}
