package pipeline

// Effect is something a run wants done in the world. The set is closed. Stages
// only return effects; internal/session performs them after the last stage.
type Effect interface{ effect() }

// AnswerTool answers Claude's tool call at its PreToolUse hook.
type AnswerTool struct {
	Verdict Verdict // Allow, Ask, Deny; Abstain: no opinion, Claude's own mode decides
	Reason  string  // told to Claude and to the thread; needed for Deny
	By      string  // who or what decided, for the thread: "rule no-force-push"
	// Input is what a hook put in the place of the call's input, or nil.
	Input map[string]any
}

// Prompt gives a post to Claude.
type Prompt struct {
	Text  string
	Files []File
	From  User
	Slash bool   // the text is a command of Claude's own that a rule named
	Post  PostID // it came in; "" for what a hook says
	// ApprovedBy names who let the message of somebody in who is not part of
	// the session; "" where nobody had to.
	ApprovedBy string
}

// Launch opens a session in the event's thread.
type Launch struct {
	Prompt Prompt
	Set    StartSet
}

// Reply writes into the event's thread, in ctpipe's own name.
type Reply struct{ Text string }

// React adds an emoji to a post; an empty post means the event's own.
type React struct {
	Post  PostID
	Emoji string // the server's name, without colons
}

// Hold parks a post, start or command that the verdict asks about, until people
// have answered; its event is then judged again.
type Hold struct{ Prompt Prompt }

// Count brings a person's reaction to the open question it was made on.
type Count struct {
	Post    PostID
	User    User
	Meaning string
	Added   bool
}

// Control acts on the session itself: stop, interrupt, kill. What is a
// command's canonical name; a reaction that means the same leaves Args and
// Text empty.
type Control struct {
	What  string
	Args  []string
	Text  string // everything after the name, as it was written
	Dir   string // where it takes the session, as it was judged; "" for nowhere
	By    User
	Raise Mode // permissions: how far rules let this person raise the mode; "" not at all
}

// Deliver shows a block of text in the thread. The same block is delivered
// again as it grows; the last time with Final set.
type Deliver struct {
	Block string
	Text  string     // as it is shown: nothing is cut from it any more
	Style string     // the one that it is in, "" where nobody asked for one
	Files []TextFile // posted below it, where something of it is shown
	Final bool
}

// Withhold keeps a block out of the thread; what was shown of it is deleted.
type Withhold struct {
	Block  string
	Reason string
	By     string // who or what withheld it
	Ask    bool   // until a person shares it
}

// Label attaches a word to the run for the journal and the header.
type Label struct{ Key, Value string }

func (AnswerTool) effect() {}
func (Prompt) effect()     {}
func (Launch) effect()     {}
func (Reply) effect()      {}
func (React) effect()      {}
func (Hold) effect()       {}
func (Count) effect()      {}
func (Control) effect()    {}
func (Deliver) effect()    {}
func (Withhold) effect()   {}
func (Label) effect()      {}
