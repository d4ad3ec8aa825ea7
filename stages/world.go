package stages

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// World is the part of the file system that facts are gathered from. Paths are
// absolute. Implementations are safe for concurrent use.
type World interface {
	Lstat(name string) (fs.FileInfo, error)
	Readlink(name string) (string, error)
	ReadDir(name string, most int) ([]fs.DirEntry, error) // at most that many entries and one
	ReadFile(name string, most int64) ([]byte, error)     // fails for a longer file
}

// Disk is the machine's own file system.
type Disk struct{}

// Lstat is os.Lstat.
func (Disk) Lstat(name string) (fs.FileInfo, error) { return os.Lstat(name) }

// Readlink is os.Readlink.
func (Disk) Readlink(name string) (string, error) { return os.Readlink(name) }

// ReadDir reads at most most+1 entries, so that a caller sees when there are more.
func (Disk) ReadDir(name string, most int) ([]fs.DirEntry, error) {
	d, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	list, err := d.ReadDir(most + 1)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return list, err
}

// ReadFile reads a regular file of at most most bytes.
func (Disk) ReadFile(name string, most int64) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > most {
		return nil, errors.New("read " + name + ": too large, or no regular file")
	}
	return os.ReadFile(name)
}

// memo is a World that looks each name up once. The paths of one call share
// most of their parents, and what they are must not change between two of them.
// It is for one goroutine.
type memo struct {
	World
	infos map[string]looked
}

type looked struct {
	info fs.FileInfo
	err  error
}

// Lstat is the World's, once for each name.
func (m *memo) Lstat(name string) (fs.FileInfo, error) {
	if have, ok := m.infos[name]; ok {
		return have.info, have.err
	}
	info, err := m.World.Lstat(name)
	if m.infos == nil {
		m.infos = map[string]looked{}
	}
	m.infos[name] = looked{info, err}
	return info, err
}

const maxLinks = 40

var errLinks = errors.New("too many links")

// resolve makes a path absolute and follows every link on it, component by
// component as the kernel does, so that link/.. is the parent of the target.
// What does not exist yet is taken as written behind its deepest existing
// parent (F1).
func resolve(w World, dir, name string) (string, error) {
	if !strings.HasPrefix(name, "/") {
		if !strings.HasPrefix(dir, "/") {
			return "", errors.New("resolve " + name + ": relative to an unknown directory")
		}
		name = dir + "/" + name
	}
	real, rest, links, missing := "/", name, 0, false
	for rest != "" {
		var part string
		part, rest, _ = strings.Cut(rest, "/")
		switch part {
		case "", ".":
			continue
		case "..":
			real, missing = filepath.Dir(real), false
			continue
		}
		next := filepath.Join(real, part)
		if missing {
			real = next
			continue
		}
		info, err := w.Lstat(next)
		switch {
		case errors.Is(err, fs.ErrNotExist) || isNotDir(err):
			missing = true
		case err != nil:
			return "", err
		case info.Mode()&fs.ModeSymlink != 0:
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
			rest = target + "/" + rest
			continue
		}
		real = next
	}
	return real, nil
}

// isNotDir reports a file where a directory was expected.
func isNotDir(err error) bool {
	var pe *fs.PathError
	return errors.As(err, &pe) && strings.Contains(pe.Err.Error(), "not a directory")
}
