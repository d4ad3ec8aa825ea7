package pipeline

// The ids of the outside world are named types, so that one is never passed
// for another. Only the package that talks to that world parses them; the rest
// compares them and passes them on. Rules and hooks see plain strings.
type (
	// EventID is a ULID made by ctpipe; it is also the receipt people quote.
	EventID string
	// ThreadID is a platform's id and the root post's id: "main:8s7…".
	ThreadID string
	// PlatformID is the id of a [[platform]] table; "playground" for the built-in chat.
	PlatformID string
	// ChannelID is the chat server's id of a channel.
	ChannelID string
	// PostID is the chat server's id of a post.
	PostID string
	// UserID is the chat server's id of a user; names are never identities.
	UserID string
	// SessionID is ctpipe's own id of a session; it outlives Claude's process.
	SessionID string
	// ToolID is Claude's tool_use id. It is not unique: one reply may repeat it.
	ToolID string
	// Rev is a revision of the policy: the first hex digits of a hash over the
	// name and bytes of rules.toml and of every listed script.
	Rev string
)

// ShortRev is a revision as people read it.
func ShortRev(r Rev) string { return string(r[:min(len(r), 6)]) }
