package board

import (
	"errors"
	"slices"

	"ctpipe/pipeline"
)

// Person is somebody who reacted, as of now.
type Person struct {
	pipeline.User
	Remote bool // the account is another server's
}

// Names are those that the policy in force gives rights to.
type Names struct {
	Allowed []string            // empty: anyone in the channel who is a person
	Groups  map[string][]string // by group
}

var (
	errNoPerson = errors.New("bots, guests and accounts that are not active or of this server never count")
	errNoOwner  = errors.New("not a policy owner")
)

// owner says, as an error, why somebody does not count as one of the owners.
// Who is allowed only because nobody is named owns nothing.
func (n Names) owner(p Person, owners []string) error {
	if p.Bot || p.Guest || !p.Active || p.Remote {
		return errNoPerson
	}
	owns := slices.ContainsFunc(owners, func(word string) bool {
		if word == "allowed" {
			return p.Allowed && len(n.Allowed) > 0
		}
		return slices.Contains(p.Groups, word)
	})
	if !owns {
		return errNoOwner
	}
	return nil
}

// anyOwner reports that somebody could answer at all.
func (n Names) anyOwner(owners []string) bool {
	return slices.ContainsFunc(owners, func(word string) bool {
		if word == "allowed" {
			return len(n.Allowed) > 0
		}
		return len(n.Groups[word]) > 0
	})
}
