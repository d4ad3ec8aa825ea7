package facts

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"syscall"
)

const maxLinks = 40

var errLinks = errors.New("too many links")

// resolve makes a path absolute and follows every link on it, component by
// component as the kernel does, so that link/.. is the parent of the target.
// What does not exist yet is taken as written behind its deepest existing
// parent.
func resolve(w World, dir, name string) (string, error) {
	if !strings.HasPrefix(name, "/") {
		if !strings.HasPrefix(dir, "/") {
			return "", errors.New("resolve " + name + ": relative to an unknown directory")
		}
		name = dir + "/" + name
	}
	links, missing := 0, false
	real, from := "/", 0 // name[:from] has been gone through
	for from < len(name) {
		end := from
		for end < len(name) && name[end] != '/' {
			end++
		}
		part := name[from:end]
		gone := from
		from = end + 1
		switch part {
		case "", ".":
			continue
		case "..":
			real, missing = filepath.Dir(real), false
			continue
		}
		next := child(real, part, name[:end], gone)
		if missing {
			real = next
			continue
		}
		stat, err := w.Lstat(next)
		switch {
		case errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR):
			missing = true
		case err != nil:
			return "", err
		case stat.Mode&fs.ModeSymlink != 0:
			if links++; links > maxLinks {
				return "", errLinks
			}
			target, err := w.Readlink(next)
			if err != nil {
				return "", err
			}
			if strings.HasPrefix(target, "/") {
				real = "/"
			}
			name, from = target+"/"+name[min(from, len(name)):], 0
			continue
		}
		real = next
	}
	return real, nil
}

// child is part in real. Where the whole path up to it, of which the first gone
// bytes are real's, reads like that already, it is a piece of that text.
func child(real, part, upTo string, gone int) string {
	if real == "/" && gone == 1 || real != "/" && gone == len(real)+1 && upTo[:len(real)] == real {
		return upTo
	}
	return strings.TrimSuffix(real, "/") + "/" + part
}
