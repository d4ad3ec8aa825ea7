package pipeline

// Kind says what happened. The set is closed; a rule has exactly one kind, and
// the kind fixes the names its expression may use.
type Kind string

// The kinds of events, in the order in which documents list them.
const (
	KindPost     Kind = "post"     // someone writes in a session's thread
	KindStart    Kind = "start"    // a mention opens a session
	KindCommand  Kind = "command"  // a post that began with ! or /
	KindReaction Kind = "reaction" // an emoji was added or removed
	KindTool     Kind = "tool"     // Claude wants to use a tool, and waits
	KindShow     Kind = "show"     // something is about to be shown in the thread
	KindSession  Kind = "session"  // a session started, idles, exited: notice only
	KindPolicy   Kind = "policy"   // a save was accepted or refused: notice only
)

// Kinds lists every kind in document order.
var Kinds = []Kind{KindPost, KindStart, KindCommand, KindReaction, KindTool, KindShow, KindSession, KindPolicy}

// Judged reports whether events of this kind get a verdict. Session and policy
// events are notices: rules on them give settings and effects only.
func (k Kind) Judged() bool { return k != KindSession && k != KindPolicy }

// Valid reports whether k is one of Kinds.
func (k Kind) Valid() bool {
	for _, known := range Kinds {
		if k == known {
			return true
		}
	}
	return false
}
