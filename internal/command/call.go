package command

import (
	"context"
	"log/slog"
	"time"

	"ctpipe/internal/markdown"
	"ctpipe/pipeline"
)

// NoSession is what a command says that needs a session where there is none.
const NoSession = "ℹ️ There is no session in this thread"

// Call is a command that has passed the rules, on its way to what does it.
type Call struct {
	By      pipeline.User
	Args    []string
	Text    string        // everything after the name, as it was written
	Dir     string        // where it was judged to take the session; "" for nowhere
	Raise   pipeline.Mode // how far rules let By raise the mode; "" not at all
	Session Session       // of the thread; nil only for commands that need none
	Host    Host
	Log     *slog.Logger
}

// by is who gave the command, as text that pings nobody.
func (c Call) by() string { return markdown.Name(c.By.Name) }

// say posts a line of ctpipe's own into the command's thread.
func (c Call) say(text string) { c.Host.Say(text) }

// arg is the first argument, "" where there is none.
func (c Call) arg() string {
	if len(c.Args) == 0 {
		return ""
	}
	return c.Args[0]
}

// Session is what a command can do to the session of its thread. What has a
// notice posts it in the thread once it is done. Methods are safe for concurrent
// use and wait neither for people nor for Claude.
type Session interface {
	// End stops the session for good.
	End(notice string)
	// Interrupt ends the running turn; false means that none runs, and nothing
	// is posted.
	Interrupt(notice string) bool

	// SetMode changes the permission mode, raising it no further than leave, and
	// ends the grants where it becomes the default one. Nothing is posted unless
	// something changed.
	SetMode(want, leave pipeline.Mode, notice string) ModeChange
	Grants() []Grant
	// Revoke ends the grants with these ids.
	Revoke(ids []string, notice string)

	Dir() string
	// GoTo goes on in another directory, with a fresh conversation; restarted is
	// added to the notice where a Claude ran.
	GoTo(dir, notice, restarted string)
	// SkipWorktreePrompts has people not be asked any more where the session
	// works.
	SkipWorktreePrompts(notice string)

	// Person says who an account is in this session, as the server says now.
	Person(context.Context, pipeline.UserID) (pipeline.User, error)
	// Guest is whom a name means among the invited, by what they were last called.
	Guest(name string) (pipeline.User, bool)
	Invite(who, by pipeline.UserID, notice string)
	// Uninvite ends an invitation, with the open votes and the grants of whoever
	// it was for.
	Uninvite(who pipeline.UserID, notice string)

	// Model is the model that runs, as Claude says, and the one that was asked
	// for; "" where nobody said.
	Model() (runs, asked string)
	// Prompt gives something to Claude.
	Prompt(pipeline.Prompt)
	// Verbosity is how much of the tool calls the thread wants to see, "default"
	// where nobody said.
	Verbosity() string
	SetVerbosity(style, notice string)

	Status() SessionStatus
}

// ModeChange is what became of a wish for another permission mode.
type ModeChange struct {
	From    pipeline.Mode // in force until now
	Refused bool          // it is above From, and above what a rule gives leave for
	Same    bool          // it is in force already, and there is no grant that it would end
}

// Grant lifts the default ask for one session.
type Grant struct {
	ID    string
	By    pipeline.UserID
	Name  string // what By is called, as last heard
	Since time.Time
}

// Card is an open card.
type Card interface {
	ID() string // as people write it: "c3"
	// Question reports that it wants an answer, not a yes or no.
	Question() bool
	// JustOther reports that others closed another card just now, which somebody
	// who names none may mean.
	JustOther(pipeline.UserID) bool
	// Ballot lets the reaction rules judge somebody who says "approve" or "deny".
	// Where that does not count the thread is told, and it is nil.
	Ballot(ctx context.Context, by pipeline.User, meaning string) Ballot
}

// Ballot is somebody's answer to a card, which counts.
type Ballot interface {
	Approve(context.Context)
	// ApproveInstead has another command run in the place of Claude's, which is
	// judged again.
	ApproveInstead(ctx context.Context, line string)
	// Deny refuses what the card is about; Claude reads the reason.
	Deny(ctx context.Context, reason string)
}

// Host is what a command can do to ctpipe, or learn of it, outside its session.
type Host interface {
	// Say posts a line of ctpipe's own into the command's thread.
	Say(text string)
	Now() time.Time

	// Cards are those of the command's thread that are open and can be answered
	// in words, the oldest first; where something waits for a session to begin,
	// only that.
	Cards() []Card

	Places() Places
	// SessionDirs are where sessions work, paused ones and those that have a
	// record on other platforms too.
	SessionDirs(context.Context) ([]string, error)

	// Account is the account that a name means now; false means that there is
	// none. Only what the server says of the account itself is filled.
	Account(ctx context.Context, name string) (pipeline.User, bool, error)
	// Member reports that somebody is in the channel.
	Member(context.Context, pipeline.UserID) (bool, error)

	// Explain posts why an event of the thread was decided as it was; "" is the
	// last one.
	Explain(ctx context.Context, event string)
	Status() HostStatus
	// Rules says how the policy is doing; false means that nothing but its
	// revision is known.
	Rules() (RulesState, bool)

	// EndAll lets nothing start any more and ends the sessions of all platforms,
	// also those that only a record is left of; each thread, and the command's,
	// gets the notice for so many sessions.
	EndAll(ctx context.Context, notice func(sessions int) string)
	// Quit ends the program.
	Quit()
}
