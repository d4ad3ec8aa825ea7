package display

// Verbosity is how much of a call the thread sees. It is the style of a show
// rule.
type Verbosity string

// The verbosities. The empty one means Fold.
const (
	Full   Verbosity = "full"   // all of it, up to what one post holds
	Line   Verbosity = "line"   // one line
	Fold   Verbosity = "fold"   // the first and the last lines
	File   Verbosity = "file"   // what does not fit comes as a file, see Attachments
	Hidden Verbosity = "hidden" // nothing
	// Whole is for what judges a call, not for people: all of it, with whatever
	// any other verbosity shows, up to what a file holds. It is no style.
	Whole Verbosity = "whole"
)

// Options is what a thread knows when it shows something. The zero value shows
// whole paths and folds.
type Options struct {
	Home      string // absolute; shown as ~
	Tree      string // absolute root of the session's worktree, "" if it has none
	Branch    string // the worktree's branch; paths beneath Tree are shown as [branch]/rest
	MaxLines  int    // of each folded body; 0: as many as suit the tool
	Verbosity Verbosity

	room int // runes that are left of a post's, for bodies
}

func (o Options) verbosity() Verbosity {
	if o.Verbosity == "" {
		return Fold
	}
	return o.Verbosity
}
