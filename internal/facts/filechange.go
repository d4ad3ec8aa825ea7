package facts

import (
	"io/fs"
	"os"
)

// Written is what there is to say of a file that was written, beside its diff.
type Written struct {
	Link     string      // where it leads, if it is a link
	Was, Now fs.FileMode // 0 where nobody knows
}

// WrittenFile looks at a file that a call wrote; created says that it is new.
// False: there is nothing to say. It reads the disk.
func WrittenFile(path string, created bool) (w Written, ok bool) {
	info, err := os.Lstat(path)
	if err != nil {
		return w, false // nobody knows more than the diff
	}
	if info.Mode()&fs.ModeSymlink != 0 {
		w.Link, err = os.Readlink(path)
		return w, err == nil
	}
	if w.Now = info.Mode(); !created {
		w.Was = w.Now // neither Write nor Edit changes it
	}
	return w, true
}
