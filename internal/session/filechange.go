package session

import (
	"io/fs"
	"os"
	"path/filepath"

	"ctpipe/internal/display"
	"ctpipe/internal/transcript"
)

// looked finds out what no line of a diff says about the file that a call
// changed: that it is a link, and where to; that a new one can be run. It reads
// the file system, so it belongs in the show lane.
func (s *Session) looked(u transcript.Update) transcript.Update {
	path, created := u.Wrote()
	if path == "" {
		return u
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(s.dir(), path)
	}
	return u.WithChange(changeOf(path, created))
}

// changeOf is what there is to say of a file that was written, nil for nothing.
func changeOf(path string, created bool) *display.FileChange {
	info, err := os.Lstat(path)
	if err != nil {
		return nil // nobody knows more than the diff
	}
	var c display.FileChange
	if info.Mode()&fs.ModeSymlink != 0 {
		if c.NewLink, err = os.Readlink(path); err != nil {
			return nil
		}
	} else if c.NewMode = info.Mode(); !created {
		c.OldMode = c.NewMode // neither Write nor Edit changes it
	}
	return &c
}
