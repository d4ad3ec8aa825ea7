package desk

import (
	"fmt"
	"maps"
	"slices"

	"ctpipe/pipeline"
)

// savedVersion counts the encodings of Saved. Add a field freely; count on where
// an old reader would misunderstand a new record.
const savedVersion = 1

// Saved is a desk as it is kept.
type Saved struct {
	Version int                        `json:"v"`
	Prompts []Prompt                   `json:"prompts,omitempty"`
	Numbers map[string]int             `json:"numbers,omitempty"`
	Keys    int                        `json:"keys,omitempty"`
	Grants  []Grant                    `json:"grants,omitempty"`
	Granted int                        `json:"granted,omitempty"`
	Last    closedCard                 `json:"last,omitzero"`
	Shared  map[string][]pipeline.User `json:"shared,omitempty"`
}

// Save is the desk as plain data. It shares nothing that the desk changes later.
func (d *Desk) Save() Saved {
	s := Saved{Version: savedVersion, Numbers: maps.Clone(d.numbers), Keys: d.keys,
		Grants: slices.Clone(d.grants), Granted: d.granted, Last: d.last, Shared: maps.Clone(d.shared)}
	for _, p := range d.prompts {
		s.Prompts = append(s.Prompts, *p)
	}
	return s
}

// Restore puts back what was saved, and shares none of it with another desk that
// the same was put back into. An encoding of a newer ctpipe is an error,
// and the desk stays as it is.
func (d *Desk) Restore(s Saved) error {
	if s.Version > savedVersion {
		return fmt.Errorf("restoring what waits for people: version %d is newer than %d", s.Version, savedVersion)
	}
	next := New(d.paper)
	maps.Copy(next.numbers, s.Numbers)
	maps.Copy(next.shared, s.Shared)
	next.keys, next.grants, next.granted, next.last = s.Keys, slices.Clone(s.Grants), s.Granted, s.Last
	for i := range s.Prompts {
		p := s.Prompts[i]
		next.prompts = append(next.prompts, &p)
	}
	*d = next
	return nil
}
