package thread

import (
	"context"
	"time"

	"ctpipe/internal/claude"
	"ctpipe/internal/desk"
	"ctpipe/internal/mattermost"
	"ctpipe/pipeline"
)

// Host is what a thread needs of its platform. Its methods are safe for
// concurrent use; none but Stopping, which takes no lock, is
// called with the thread's lock held.
type Host interface {
	// Event begins an event in the thread of a root post.
	Event(kind pipeline.Kind, root pipeline.PostID) *pipeline.Event
	// Perform does what a run wants done, each effect as alter leaves it: nil is
	// not done.
	Perform(ctx context.Context, r *pipeline.Run, alter func(pipeline.Effect) pipeline.Effect)
	// Person says who somebody is here and now, as the server said no longer ago
	// than maxAge; an error means nobody.
	Person(ctx context.Context, id pipeline.UserID, standing func(pipeline.UserID) (owner, invited bool), maxAge time.Duration) (pipeline.User, error)
	// Locate puts into an event where it would take the session of a thread.
	Locate(ctx context.Context, ev *pipeline.Event, t *Thread)
	// Member reports, as an error, that somebody is not in the channel.
	Member(ctx context.Context, id pipeline.UserID) error
	// KeyOf is the key of a post of ctpipe's own in a thread, "" for any other.
	KeyOf(thread pipeline.ThreadID, post pipeline.PostID) string
	// ForgetPost lets a late click on a post be for nothing.
	ForgetPost(post pipeline.PostID)
	// Reacted takes a reaction that was made on a post.
	Reacted(r mattermost.Reaction)
	// Gave notes that people are asked about a post, or that Claude has it.
	Gave(post pipeline.PostID)
	// Held notes that people are asked about a post, or have let it in.
	Held(post pipeline.PostID, held bool)
	// Settled is told that a prompt has ended: what is not needed any more is
	// forgotten.
	Settled(t *Thread)
	// Listed has the channel's list brought up to date.
	Listed()
	// Stopping reports that nothing new begins.
	Stopping() bool
	// Asking is what the policy in force says about asking people.
	Asking() Asking
}

// Asking is what the policy says about asking people.
type Asking struct {
	Approval pipeline.Terms
	Cards    int // calls that wait for people in a session; 0 is no limit
	Parked   int // posts of one stranger that wait in a session; 0 is no limit
}

// DecisionFor is how long what the server said about an account is believed where
// it decides something.
const DecisionFor = 10 * time.Second

// Session is what answers to prompts are for. Methods that end in Locked are
// called with the thread's lock held, the others without.
type Session interface {
	// OverLocked reports a session that has ended for good.
	OverLocked() bool
	// WaitsLocked reports that Claude waits for the answer to a request.
	WaitsLocked(request string) bool
	// SealLocked has what Claude says next begin a new post.
	SealLocked()
	// CardShownLocked notes which verdict a prompt's card is about.
	CardShownLocked(p *desk.Prompt)
	// TouchedLocked notes that something happened.
	TouchedLocked()
	// WordedLocked notes somebody whose words Claude reads though they are no
	// message.
	WordedLocked(u pipeline.User)
	// JudgedLocked puts a newer judgement of a call in the place of an older one.
	JudgedLocked(arrival uint64, run *pipeline.Run)
	// ParkLocked notes whether a call waits for people.
	ParkLocked(arrival uint64, parked bool)
	// RunsLocked notes that a call may run from now on.
	RunsLocked(ev *pipeline.Event)

	// Standing says what somebody is in the session.
	Standing(id pipeline.UserID) (owner, invited bool)
	// Posted is told of a watched post that is no card.
	Posted(key string, post pipeline.PostID)
	// CallEvent makes the event of a call as it would happen now.
	CallEvent(ctx context.Context, call *desk.Call) *pipeline.Event
	// Answer answers a call that Claude waits for, once.
	Answer(request string, a claude.AskAnswer)
	// Refused shows at a call's line that it was denied, by whom and why.
	Refused(id pipeline.ToolID, by, why string)
	// Working shows, or shows no more, that Claude is at work.
	Working(on bool)
	// Granted is told that the grants have changed.
	Granted()
	// Invite lets somebody take part.
	Invite(id, by pipeline.UserID)
	// ShowHeld shows the newest form of a block that people let be shown.
	ShowHeld(ctx context.Context, block string)
	// ContextChosen lets a message go on with what of the thread goes along.
	ContextChosen(message string, earlier []desk.Earlier)
	// WorkOn starts Claude on a branch of its own.
	WorkOn(branch string)
	// WorkIn starts Claude in a directory, unless the session went elsewhere.
	WorkIn(dir string)
	// NowhereToWork ends a session that has no place to work in.
	NowhereToWork(err error)
}

// Broken is what Claude reads where ctpipe itself is at fault.
const Broken = "ctpipe could not judge this call"
