package main

import (
	"fmt"

	"ctpipe/internal/app"
	"ctpipe/internal/journal"
)

// maxEventJSON is the size in bytes of the largest event that is read.
const maxEventJSON = 8 << 20

// recorded finds an event in the journal; stateDir is the value of -state.
func (c *subcommand) recorded(id, stateDir string) (journal.Record, error) {
	dir, err := app.StateDir(c.rules, stateDir)
	if err != nil {
		return journal.Record{}, err
	}
	return journal.Find(journal.Dir(dir), id)
}

// incomplete warns that a record was cut when it was written.
func (c *subcommand) incomplete() {
	fmt.Fprintf(c.stderr, "ctpipe %s: this record does not have everything that was judged, so what follows may differ\n", c.name)
}
