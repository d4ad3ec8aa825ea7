package desk

import (
	"fmt"
	"slices"
	"time"

	"ctpipe/pipeline"
)

// Grant lifts the default ask for one session, because somebody said ✅.
type Grant struct {
	ID    string          `json:"id"`
	By    pipeline.UserID `json:"by"`
	Since time.Time       `json:"since"`
}

// Grant notes that somebody lifts the default ask.
func (d *Desk) Grant(by pipeline.UserID, now time.Time) {
	d.granted++
	d.grants = append(d.grants, Grant{ID: fmt.Sprintf("g%d", d.granted), By: by, Since: now})
}

// Grants are those in force, the oldest first.
func (d *Desk) Grants() []Grant { return slices.Clone(d.grants) }

// EndGrants ends those grants that fit and gives their ids.
func (d *Desk) EndGrants(fits func(Grant) bool) (ended []string) {
	d.grants = slices.DeleteFunc(slices.Clone(d.grants), func(g Grant) bool {
		if !fits(g) {
			return false
		}
		ended = append(ended, g.ID)
		return true
	})
	return ended
}

// AllGrants fits every grant.
func AllGrants(Grant) bool { return true }
