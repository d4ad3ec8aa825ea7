// Package about is what a session is: whose, where, and how it works. It is a part
// of a session: plain data, without clock, agent or lock.
package about

import (
	"maps"
	"slices"
	"time"

	"ctpipe/internal/worktree"
	"ctpipe/pipeline"
)

// About is what a session is: whose, where, and how it works. It is plain data.
type About struct {
	Owner   pipeline.UserID          `json:"owner"`
	Invited map[pipeline.UserID]bool `json:"invited,omitempty"`
	Created time.Time                `json:"created"`

	Dir              string          `json:"dir"`
	Git              worktree.Place  `json:"-"`                 // where Dir stands in git, as the header says
	Pending          *PendingWorkdir `json:"pending,omitempty"` // set until it is decided where Claude works
	NoWorktreePrompt bool            `json:"no_worktree_prompt,omitempty"`

	Model  string        `json:"model,omitempty"` // as asked for
	Mode   pipeline.Mode `json:"mode,omitempty"`
	Raised bool          `json:"raised,omitempty"` // the mode is above [claude] permissions, by a rule's leave

	Header string                     `json:"header,omitempty"` // key of the session's first post
	Number int                        `json:"number,omitempty"` // of the session when it began
	Title  string                     `json:"title,omitempty"`  // the head of the first message
	People []pipeline.UserID          `json:"people,omitempty"` // who has taken part, in order
	Names  map[pipeline.UserID]string `json:"names,omitempty"`  // as they were before a restart; never changed
	Labels []Label                    `json:"labels,omitempty"` // that hooks put on its events, the latest last
}

// PendingWorkdir is where a session will work of which that is not decided: its
// worktree is being made, or people are asked.
type PendingWorkdir struct {
	Branch string `json:"branch,omitempty"` // that was asked for
}

// Label is a word that a hook put on one of the session's events.
type Label struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// labelsMost is how many labels a header shows: the latest.
const labelsMost = 5

// PutLabel adds a label; a newer one of the same name takes the place of the older.
// It reports whether that is news.
func (a *About) PutLabel(l Label) bool {
	if slices.Contains(a.Labels, l) {
		return false
	}
	labels := slices.DeleteFunc(slices.Clone(a.Labels), func(o Label) bool { return o.Key == l.Key })
	labels = append(labels, l)
	a.Labels = labels[max(len(labels)-labelsMost, 0):]
	return true
}

// Standing says what somebody is in this session.
func (a *About) Standing(id pipeline.UserID) (owner, invited bool) {
	return a.Owner == id, a.Invited[id]
}

// TookPart notes who writes to Claude.
func (a *About) TookPart(id pipeline.UserID) {
	if id != "" && !slices.Contains(a.People, id) {
		a.People = append(slices.Clone(a.People), id)
	}
}

// Invite lets somebody take part.
func (a *About) Invite(id pipeline.UserID) {
	if a.Invited == nil {
		a.Invited = map[pipeline.UserID]bool{}
	}
	a.Invited[id] = true
}

// Uninvite takes somebody out.
func (a *About) Uninvite(id pipeline.UserID) {
	delete(a.Invited, id)
	a.People = slices.DeleteFunc(slices.Clone(a.People), func(other pipeline.UserID) bool { return other == id })
}

// Others are who has taken part or may, but for the owner.
func (a *About) Others() []pipeline.UserID {
	others := slices.Clone(a.People)
	for id := range a.Invited {
		if !slices.Contains(others, id) {
			others = append(others, id)
		}
	}
	return slices.DeleteFunc(others, func(id pipeline.UserID) bool { return id == a.Owner })
}

// ModeUnder is the mode that holds while the policy's is most. A save that
// lowers it lowers the sessions that run, but for one that somebody raised by a
// rule's leave.
func (a *About) ModeUnder(most pipeline.Mode) pipeline.Mode {
	if !a.Raised && most.Rank() < a.Mode.Rank() {
		return most
	}
	return a.Mode
}

func (a *About) Clone() About {
	c := *a
	c.Invited, c.Names = maps.Clone(a.Invited), maps.Clone(a.Names)
	c.People, c.Labels = slices.Clone(a.People), slices.Clone(a.Labels)
	if a.Pending != nil {
		pending := *a.Pending
		c.Pending = &pending
	}
	return c
}
