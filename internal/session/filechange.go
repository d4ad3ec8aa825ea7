package session

import (
	"path/filepath"

	"ctpipe/internal/display"
	"ctpipe/internal/facts"
	"ctpipe/internal/transcript"
)

// looked finds out what no line of a diff says about the file that a call
// changed: that it is a link, and where to; that a new one can be run. It reads
// the file system, so it belongs in the show lane.
func (s speech) looked(u transcript.Update) transcript.Update {
	path, created := u.Wrote()
	if path == "" {
		return u
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(s.dir(), path)
	}
	w, ok := facts.WrittenFile(path, created)
	if !ok {
		return u.WithChange(nil)
	}
	return u.WithChange(&display.FileChange{NewLink: w.Link, NewMode: w.Now, OldMode: w.Was})
}
