package playground

// Post is a post as the server sends it (testdata/rest-post-create-*.json).
// Props are never changed in place. Times are Unix milliseconds.
type Post struct {
	ID            string         `json:"id"`
	CreateAt      int64          `json:"create_at"`
	UpdateAt      int64          `json:"update_at"`
	EditAt        int64          `json:"edit_at"`
	DeleteAt      int64          `json:"delete_at"`
	IsPinned      bool           `json:"is_pinned"`
	UserID        string         `json:"user_id"`
	ChannelID     string         `json:"channel_id"`
	RootID        string         `json:"root_id"`
	ParentID      string         `json:"parent_id"`
	OriginalID    string         `json:"original_id"`
	Message       string         `json:"message"`
	Type          string         `json:"type"`
	Props         map[string]any `json:"props"`
	Hashtags      string         `json:"hashtags"`
	FileIDs       []string       `json:"file_ids,omitempty"`
	PendingPostID string         `json:"pending_post_id"`
	HasReactions  bool           `json:"has_reactions,omitempty"`
	ReplyCount    int            `json:"reply_count"`
	LastReplyAt   int64          `json:"last_reply_at"`
	Participants  []string       `json:"participants"`
	Metadata      Metadata       `json:"metadata"`
}

// Metadata is what the server adds to a post beside its own fields.
type Metadata struct {
	Embeds    []map[string]any `json:"embeds,omitempty"`
	Files     []FileInfo       `json:"files,omitempty"`
	Reactions []Reaction       `json:"reactions,omitempty"`
}

// Reaction is one emoji of one user on one post.
type Reaction struct {
	UserID    string `json:"user_id"`
	PostID    string `json:"post_id"`
	EmojiName string `json:"emoji_name"`
	CreateAt  int64  `json:"create_at"`
	UpdateAt  int64  `json:"update_at"`
	DeleteAt  int64  `json:"delete_at"`
	RemoteID  string `json:"remote_id"`
}

// FileInfo describes an uploaded file; Size is in bytes.
type FileInfo struct {
	ID          string  `json:"id"`
	UserID      string  `json:"user_id"`
	PostID      string  `json:"post_id,omitempty"`
	ChannelID   string  `json:"channel_id"`
	CreateAt    int64   `json:"create_at"`
	UpdateAt    int64   `json:"update_at"`
	DeleteAt    int64   `json:"delete_at"`
	Name        string  `json:"name"`
	Extension   string  `json:"extension"`
	Size        int     `json:"size"`
	MimeType    string  `json:"mime_type"`
	MiniPreview *string `json:"mini_preview"`
	RemoteID    string  `json:"remote_id"`
}

type wireUser struct {
	ID                  string            `json:"id"`
	CreateAt            int64             `json:"create_at"`
	UpdateAt            int64             `json:"update_at"`
	DeleteAt            int64             `json:"delete_at"`
	Username            string            `json:"username"`
	AuthData            string            `json:"auth_data"`
	AuthService         string            `json:"auth_service"`
	Email               string            `json:"email"`
	Nickname            string            `json:"nickname"`
	FirstName           string            `json:"first_name"`
	LastName            string            `json:"last_name"`
	Position            string            `json:"position"`
	Roles               string            `json:"roles"`
	NotifyProps         map[string]string `json:"notify_props,omitempty"`
	LastPasswordUpdate  int64             `json:"last_password_update,omitempty"`
	Locale              string            `json:"locale"`
	Timezone            map[string]string `json:"timezone"`
	IsBot               bool              `json:"is_bot,omitempty"`
	BotDescription      string            `json:"bot_description,omitempty"`
	DisableWelcomeEmail bool              `json:"disable_welcome_email"`
}

type wireTeam struct {
	ID               string  `json:"id"`
	CreateAt         int64   `json:"create_at"`
	UpdateAt         int64   `json:"update_at"`
	DeleteAt         int64   `json:"delete_at"`
	DisplayName      string  `json:"display_name"`
	Name             string  `json:"name"`
	Description      string  `json:"description"`
	Email            string  `json:"email"`
	Type             string  `json:"type"`
	CompanyName      string  `json:"company_name"`
	AllowedDomains   string  `json:"allowed_domains"`
	InviteID         string  `json:"invite_id"`
	AllowOpenInvite  bool    `json:"allow_open_invite"`
	SchemeID         *string `json:"scheme_id"`
	GroupConstrained *bool   `json:"group_constrained"`
	PolicyID         *string `json:"policy_id"`
}

type wireChannel struct {
	ID                string         `json:"id"`
	CreateAt          int64          `json:"create_at"`
	UpdateAt          int64          `json:"update_at"`
	DeleteAt          int64          `json:"delete_at"`
	TeamID            string         `json:"team_id"`
	Type              string         `json:"type"`
	DisplayName       string         `json:"display_name"`
	Name              string         `json:"name"`
	Header            string         `json:"header"`
	Purpose           string         `json:"purpose"`
	LastPostAt        int64          `json:"last_post_at"`
	TotalMsgCount     int            `json:"total_msg_count"`
	ExtraUpdateAt     int64          `json:"extra_update_at"`
	CreatorID         string         `json:"creator_id"`
	SchemeID          *string        `json:"scheme_id"`
	Props             map[string]any `json:"props"`
	GroupConstrained  *bool          `json:"group_constrained"`
	Shared            *bool          `json:"shared"`
	TotalMsgCountRoot int            `json:"total_msg_count_root"`
	PolicyID          *string        `json:"policy_id"`
}

type wireMember struct {
	ChannelID        string            `json:"channel_id"`
	UserID           string            `json:"user_id"`
	Roles            string            `json:"roles"`
	LastViewedAt     int64             `json:"last_viewed_at"`
	MsgCount         int               `json:"msg_count"`
	MentionCount     int               `json:"mention_count"`
	MentionCountRoot int               `json:"mention_count_root"`
	MsgCountRoot     int               `json:"msg_count_root"`
	NotifyProps      map[string]string `json:"notify_props"`
	LastUpdateAt     int64             `json:"last_update_at"`
	SchemeGuest      bool              `json:"scheme_guest"`
	SchemeUser       bool              `json:"scheme_user"`
	SchemeAdmin      bool              `json:"scheme_admin"`
	ExplicitRoles    string            `json:"explicit_roles"`
}

type wirePostList struct {
	Order      []string        `json:"order"`
	Posts      map[string]Post `json:"posts"`
	NextPostID string          `json:"next_post_id"`
	PrevPostID string          `json:"prev_post_id"`
}

var statusOK = map[string]string{"status": "OK"}
