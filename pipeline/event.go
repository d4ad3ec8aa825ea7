package pipeline

// Event is one thing that happened, with every fact that rules, hooks and the
// journal may read about it. It is a value: no pointers, no methods, and the
// same field names (the json tags) in Go, rules, Lua, tests and the journal.
// Only the sub-struct of its Kind is filled (Post also for start and command);
// the others are zero, never nil.
// Facts are added by enrich stages before the first gate and never after.
type Event struct {
	ID       EventID     `json:"id"`
	Rev      Rev         `json:"rev"` // revision of the rules that judged it
	Kind     Kind        `json:"kind"`
	Time     Time        `json:"time"` // the only clock rules and hooks see
	Thread   Thread      `json:"thread"`
	Session  Session     `json:"session"`
	Limits   Limits      `json:"limits"`
	User     User        `json:"user"` // who did it; empty for tool and show
	Post     Post        `json:"post"`
	Start    Start       `json:"start"`
	Command  ChatCommand `json:"command"`
	Reaction Reaction    `json:"reaction"`
	Tool     Tool        `json:"tool"`
	Show     Show        `json:"show"`
	Notice   Notice      `json:"notice"`            // session and policy
	Unknown  []string    `json:"unknown,omitempty"` // paths of facts nobody could establish: "tool.commands"
}

// Time is an instant in UTC.
type Time struct {
	Unix    int64  `json:"unix"`    // seconds since 1970-01-01T00:00:00Z
	RFC3339 string `json:"rfc3339"` // the same, second precision, always Z
}

// Thread is where it happened.
type Thread struct {
	ID          ThreadID   `json:"id"`
	Root        PostID     `json:"root"` // the root post
	Platform    PlatformID `json:"platform"`
	Channel     ChannelID  `json:"channel"`
	ChannelName string     `json:"channel_name"`
	Team        string     `json:"team"`   // the team's name; empty in direct messages
	DM          bool       `json:"dm"`     // a direct or group message
	Shared      bool       `json:"shared"` // shared with another server
	Guests      bool       `json:"guests"` // the channel has guest accounts
	Link        string     `json:"link"`   // permalink
}

// Session is the Claude session of the thread; zero where there is none.
type Session struct {
	ID       SessionID `json:"id"`
	State    string    `json:"state"` // "", starting, idle, running, waiting, paused, ended
	Owner    UserID    `json:"owner"`
	Mode     Mode      `json:"mode"` // default, auto, bypass
	Model    string    `json:"model"`
	Dir      string    `json:"dir"`
	Branch   string    `json:"branch"`
	Worktree string    `json:"worktree"` // the worktree's directory, or ""
	Trigger  string    `json:"trigger"`  // human, or what else started it
	Turns    int       `json:"turns"`
	Cost     float64   `json:"cost"`    // US dollars, the CLI's running total
	Idle     int64     `json:"idle"`    // seconds since anything happened
	Tainted  bool      `json:"tainted"` // Claude has read the web or an untrusted post
	Grants   []string  `json:"grants"`  // ids of the grants in force
	Busy     bool      `json:"busy"`    // another call that is not read is judged or running
	Wrote    []string  `json:"wrote"`   // real paths that Claude wrote in this session, newest last, capped
	Files    string    `json:"files"`   // folder of the attachments that people sent, "" while there is none
}

// Limits are the daemon's slots.
type Limits struct {
	Active int `json:"active"`
	Max    int `json:"max"`
}

// User is the person an event is about, as the chat server authenticated them.
type User struct {
	ID      UserID   `json:"id"`
	Name    string   `json:"name"`
	Groups  []string `json:"groups"` // [groups] they are in, resolved to ids at load
	Bot     bool     `json:"bot"`
	Guest   bool     `json:"guest"`
	Active  bool     `json:"active"`
	Owner   bool     `json:"owner"`   // of this session
	Invited bool     `json:"invited"` // to this session
	Allowed bool     `json:"allowed"` // on the platform's allowed_users, or that list is empty
}

// Post is a message in a session's thread.
type Post struct {
	ID      PostID `json:"id"`
	Text    string `json:"text"`
	Files   []File `json:"files"`
	Mention bool   `json:"mention"` // names the bot
	Edited  bool   `json:"edited"`
	Origin  string `json:"origin"` // person, bot, webhook, plugin, oauth, system: who the server says made it
}

// File is an attachment as the chat server describes it.
type File struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Size int64  `json:"size"` // bytes
	Mime string `json:"mime"`
}

// Start is a request for a session, and what it would start with.
type Start struct {
	Prompt    string `json:"prompt"`
	Dir       string `json:"dir"`
	Branch    string `json:"branch"` // named by the mention, "" where none is
	Model     string `json:"model"`
	Mode      Mode   `json:"mode"`
	Verbosity string `json:"verbosity"` // how much the thread wants to see, "" where nobody said
}

// ChatCommand is a post that began with ! (or / for a command of Claude's own).
type ChatCommand struct {
	Name    string   `json:"name"` // canonical, without the mark: "stop"
	Args    []string `json:"args"`
	Text    string   `json:"text"` // everything after the name
	HelpFor string   `json:"help_for"`
	Slash   bool     `json:"slash"` // it began with /
}

// Reaction is an emoji on a post.
type Reaction struct {
	Emoji   string `json:"emoji"`   // as the server names it
	Meaning string `json:"meaning"` // approve, allow_all, deny, one…four, answer (words, not an emoji), stop, interrupt, resume, why, pin, fold, other
	Added   bool   `json:"added"`   // false: removed
	Target  string `json:"target"`  // tool, plan, question, message, start, command, share, worktree, context, header, tasks, bot_post
}

// Show is something on its way into the thread.
type Show struct {
	What   string `json:"what"`   // text, thinking, tool, result, diff, tasks, plan, header, notice
	Text   string `json:"text"`   // the whole block so far
	Before string `json:"before"` // up to 4 KiB of what was shown before it
	Final  bool   `json:"final"`  // nothing is added to the block any more
	Lines  int    `json:"lines"`
	Tool   string `json:"tool"` // the tool's name, where one is shown
	Bytes  int    `json:"bytes"`
	Block  string `json:"block"` // id of the block; asks and denials latch on it
}

// Notice is what a session or policy event tells.
type Notice struct {
	What string `json:"what"` // started, idle, over_budget, exited, lost · accepted, refused, held, stale
	Text string `json:"text"`
}
