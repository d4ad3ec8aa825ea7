package pipeline

import (
	"slices"
	"time"
)

// Event is one thing that happened, with every fact that rules, hooks and the
// journal may read about it. It is a value: no pointers, no behaviour, and the
// same field names (the json tags) in Go, rules, Lua, tests and the journal.
// Only the sub-struct of its Kind is filled (Post also for start and command);
// the others are zero, never nil.
// Facts are added by enrich stages before the first gate and never after.
// In JSON a field that is zero is left out, so that a journal's line is short.
type Event struct {
	ID       EventID     `json:"id"`
	Rev      Rev         `json:"rev"` // revision of the rules that judged it
	Kind     Kind        `json:"kind"`
	Time     Time        `json:"time"` // the only clock rules and hooks see
	Thread   Thread      `json:"thread,omitzero"`
	Session  Session     `json:"session,omitzero"`
	Limits   Limits      `json:"limits,omitzero"`
	User     User        `json:"user,omitzero"` // who did it; empty for tool and show
	Post     Post        `json:"post,omitzero"`
	Start    Start       `json:"start,omitzero"`
	Command  ChatCommand `json:"command,omitzero"`
	Reaction Reaction    `json:"reaction,omitzero"`
	Tool     Tool        `json:"tool,omitzero"`
	Show     Show        `json:"show,omitzero"`
	Notice   Notice      `json:"notice,omitzero"`   // session and policy
	Unknown  []string    `json:"unknown,omitempty"` // paths of facts nobody could establish: "tool.commands"
}

// MarkUnknown adds the path of a fact that nobody could establish, once: rules
// that read it, or a part of it, cannot be judged.
func (e *Event) MarkUnknown(fact string) {
	if !slices.Contains(e.Unknown, fact) {
		e.Unknown = append(e.Unknown, fact)
	}
}

// Time is an instant in UTC.
type Time struct {
	Unix    int64  `json:"unix"`    // seconds since 1970-01-01T00:00:00Z
	RFC3339 string `json:"rfc3339"` // the same, second precision, always Z
}

// TimeOf is an instant as events have it.
func TimeOf(t time.Time) Time {
	return Time{Unix: t.Unix(), RFC3339: t.UTC().Format(time.RFC3339)}
}

// Thread is where it happened.
type Thread struct {
	ID          ThreadID   `json:"id,omitempty"`           // the platform's id and the root post's
	Root        PostID     `json:"root,omitempty"`         // the root post
	Platform    PlatformID `json:"platform,omitempty"`     // the id of its [[platform]]; "playground" for the built-in chat
	Channel     ChannelID  `json:"channel,omitempty"`      // the channel's id
	ChannelName string     `json:"channel_name,omitempty"` // its name in addresses: "town-square"
	Team        string     `json:"team,omitempty"`         // the team's name; empty in direct messages
	DM          bool       `json:"dm,omitempty"`           // a direct or group message
	Shared      bool       `json:"shared,omitempty"`       // shared with another server
	Guests      bool       `json:"guests,omitempty"`       // the channel has guest accounts
	Link        string     `json:"link,omitempty"`         // permalink
}

// Session is the Claude session of the thread; zero where there is none.
type Session struct {
	ID       SessionID `json:"id,omitempty"`       // ctpipe's own; it outlives Claude's process
	State    string    `json:"state,omitempty"`    // "", starting, idle, running, waiting, paused, ended
	Owner    UserID    `json:"owner,omitempty"`    // id of who started it
	Mode     Mode      `json:"mode,omitempty"`     // default, auto, bypass
	Model    string    `json:"model,omitempty"`    // as it was asked for; "" is Claude's own default
	Dir      string    `json:"dir,omitempty"`      // absolute
	Branch   string    `json:"branch,omitempty"`   // of the directory, "" where there is none
	Worktree string    `json:"worktree,omitempty"` // the worktree's directory, or ""
	Trigger  string    `json:"trigger,omitempty"`  // human, or what else started it
	Turns    int       `json:"turns,omitempty"`    // turns that have ended
	Cost     float64   `json:"cost,omitempty"`     // US dollars, the CLI's running total
	Idle     int64     `json:"idle,omitempty"`     // seconds since anything happened
	Tainted  bool      `json:"tainted,omitempty"`  // Claude has read the web or an untrusted post
	Grants   []string  `json:"grants,omitempty"`   // ids of the grants in force
	Busy     bool      `json:"busy,omitempty"`     // another call that is not read is judged or running
	Wrote    []string  `json:"wrote,omitempty"`    // real paths that Claude wrote in this session, newest last, capped
	Files    string    `json:"files,omitempty"`    // folder of the attachments that people sent, "" while there is none
}

// Limits are the daemon's slots.
type Limits struct {
	Active int `json:"active,omitempty"` // sessions that run
	Max    int `json:"max,omitempty"`    // [limits] max_sessions
}

// User is the person an event is about, as the chat server authenticated them.
type User struct {
	ID      UserID   `json:"id"`
	Name    string   `json:"name"`
	Groups  []string `json:"groups,omitempty"` // [groups] they are in, resolved to ids at load
	Bot     bool     `json:"bot,omitempty"`
	Guest   bool     `json:"guest,omitempty"`
	Active  bool     `json:"active,omitempty"`
	Owner   bool     `json:"owner,omitempty"`   // of this session
	Invited bool     `json:"invited,omitempty"` // to this session
	Allowed bool     `json:"allowed,omitempty"` // on the platform's allowed_users, or that list is empty
}

// TakesPart reports somebody of the session. The words of anybody else taint it.
func TakesPart(u User) bool { return u.Owner || u.Invited || u.Allowed }

// Post is a message in a session's thread.
type Post struct {
	ID      PostID `json:"id,omitempty"`
	Text    string `json:"text,omitempty"`
	Files   []File `json:"files,omitempty"`
	Mention bool   `json:"mention,omitempty"` // names the bot
	Edited  bool   `json:"edited,omitempty"`
	Origin  string `json:"origin,omitempty"` // person, bot, webhook, plugin, oauth, system: who the server says made it
	// thread, mention, start_command, command, bare_command, alone, slash: why it is a post, a start or a
	// command
	Route string `json:"route,omitempty"`
	Flood bool   `json:"flood,omitempty"` // its author writes more than limits.posts_per_minute
}

// File is an attachment as the chat server describes it.
type File struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Size int64  `json:"size,omitempty"` // bytes
	Mime string `json:"mime,omitempty"`
}

// Start is a request for a session, and what it would start with.
type Start struct {
	Prompt    string `json:"prompt,omitempty"`
	Dir       string `json:"dir,omitempty"`    // as it would be; absolute
	Branch    string `json:"branch,omitempty"` // named by the mention, "" where none is
	Model     string `json:"model,omitempty"`
	Mode      Mode   `json:"mode,omitempty"`      // default, auto, bypass
	Verbosity string `json:"verbosity,omitempty"` // how much the thread wants to see, "" where nobody said
	Outside   bool   `json:"outside,omitempty"`   // a command before the request leads to a start.dir outside of the roots
	// worktree_mode is require, no branch is named, and start.dir is a repository itself, or nobody can
	// say: people are asked for a branch before Claude starts
	NeedsBranch bool `json:"needs_branch,omitempty"`
}

// ChatCommand is a post that began with ! (or / for a command of Claude's own).
type ChatCommand struct {
	Name    string   `json:"name,omitempty"` // canonical, without the mark: "stop"
	Args    []string `json:"args,omitempty"`
	Text    string   `json:"text,omitempty"` // everything after the name
	HelpFor string   `json:"help_for,omitempty"`
	Slash   bool     `json:"slash,omitempty"` // it began with /
	// where !cd or !worktree switch would take the session: absolute, with links resolved, but as it was
	// written where that is outside; "" where it takes it nowhere
	Dir string `json:"dir,omitempty"`
	// command.dir is outside of the roots: what [claude] roots names, or the working directory and its
	// worktrees
	Outside bool `json:"outside,omitempty"`
	// worktree_mode is require, and command.dir is a repository itself, or nobody can say; not before a
	// request, since a start asks for a branch
	NeedsWorktree bool `json:"needs_worktree,omitempty"`
}

// Reaction is an emoji on a post.
type Reaction struct {
	Emoji string `json:"emoji,omitempty"` // as the server names it
	// approve, allow_all, deny, one…four, answer (words, not an emoji), stop, interrupt, resume, why, pin,
	// fold, other
	Meaning string `json:"meaning,omitempty"`
	Added   bool   `json:"added,omitempty"` // false: removed
	// tool, plan, question, message, start, command, share, worktree, context, card (one that is closed),
	// header, tasks, bot_post
	Target string `json:"target,omitempty"`
	// why the answer does not count on its card, whatever the rules say: whom the asks admit; "" where it
	// may count
	Barred string `json:"barred,omitempty"`
}

// Show is something on its way into the thread.
type Show struct {
	// text, thinking, tool (a call), result (a call with what it gave), diff (a call with its change of a
	// file), tasks, plan, header, notice
	What      string `json:"what,omitempty"`
	Text      string `json:"text,omitempty"`      // the whole block so far, of a tool call all that any style shows of it
	Before    string `json:"before,omitempty"`    // up to 4 KiB of what was shown before it
	Final     bool   `json:"final,omitempty"`     // nothing is added to the block any more
	Lines     int    `json:"lines,omitempty"`     // of the text
	Tool      string `json:"tool,omitempty"`      // the tool's name, where one is shown
	Bytes     int    `json:"bytes,omitempty"`     // of the text
	Block     string `json:"block,omitempty"`     // id of the block; asks and denials latch on it
	Verbosity string `json:"verbosity,omitempty"` // how much the thread wants to see, "" where nobody said
}

// Notice is what a session or policy event tells.
type Notice struct {
	What string `json:"what,omitempty"` // started, idle, timed_out, over_budget, exited, lost, resumed, ended · accepted, refused, held, stale, answered
	Text string `json:"text,omitempty"`
}
