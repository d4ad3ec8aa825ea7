package facts

import (
	"ctpipe/internal/display"
	"io/fs"
	"os"
)

// FileChange is what there is to say of a file that was written, beside its diff;
// nil for nothing. It reads the disk.
func FileChange(path string, created bool) *display.FileChange {
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
