package pipeline

import "context"

// A Stage handles one step of an event's way through ctpipe. It decides and
// returns effects through the Run; it does no I/O towards chat or Claude. An
// error says that it could not do its step; what that means is decided by the
// engine from the stage's Role, never by the stage.
type Stage interface {
	Handle(ctx context.Context, r *Run) error
}

// StageFunc is a function that is a Stage.
type StageFunc func(context.Context, *Run) error

// Handle calls f.
func (f StageFunc) Handle(ctx context.Context, r *Run) error { return f(ctx, r) }

// Role says what a stage may do, and so what its failure means.
type Role uint8

// The roles, in the order in which a chain passes them.
const (
	Enrich Role = iota + 1 // adds facts; failed: the facts it produces become unknown
	Gate                   // votes; failed: votes [on_error]
	Shape                  // changes text; failed: the text stays as it was
	Act                    // returns effects; failed: reported, nothing is done
)

// String names the role as `ctpipe stages` prints it.
func (r Role) String() string {
	switch r {
	case Enrich:
		return "enrich"
	case Gate:
		return "gate"
	case Shape:
		return "shape"
	case Act:
		return "act"
	}
	return "unknown"
}

// Link is one stage of a chain, by name.
type Link struct {
	Name     string
	Role     Role
	Produces []string // Enrich: the fact paths that are unknown when it fails
	Stage    Stage
}
