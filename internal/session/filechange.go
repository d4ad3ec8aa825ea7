package session

import (
	"io/fs"
	"os"
	"path/filepath"

	"ctpipe/internal/display"
)

// fileTools are the tools whose result is a diff of one file, by the input that
// names it.
var fileTools = map[string]string{"Write": "file_path", "Edit": "file_path", "MultiEdit": "file_path", "NotebookEdit": "notebook_path"}

// looked finds out what no line of a diff says about the file that a call
// changed: that it is a link, and where to; that a new one can be run (D10). It
// reads the file system, so it belongs in the show lane and needs no lock.
func (s *Session) looked(p piece) {
	if p.line == nil || !p.final {
		return
	}
	s.mu.Lock()
	path, out := "", p.line.out
	if key := fileTools[p.line.tool]; key != "" && out != nil && !out.Failed && !out.Refused && out.Change == nil {
		path, _ = p.line.input[key].(string)
	}
	if path != "" && !filepath.IsAbs(path) {
		path = filepath.Join(s.about.Dir, path)
	}
	s.mu.Unlock()
	if path == "" {
		return
	}
	change := changeOf(path, display.Created(*out))
	s.mu.Lock()
	defer s.mu.Unlock()
	ended := *out // what was handed out is not changed
	ended.Change = change
	p.line.out = &ended
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
