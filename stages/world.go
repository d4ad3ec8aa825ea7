package stages

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// World is the part of the file system that facts are gathered from. Paths are
// absolute. Implementations are safe for concurrent use.
type World interface {
	Lstat(name string) (FileStat, error) // of the name itself, where it is a link
	Readlink(name string) (string, error)
	ReadDir(name string, most int) ([]fs.DirEntry, error) // at most that many entries and one
	ReadFile(name string, most int64) ([]byte, error)     // fails for a longer file
}

// FileStat is what facts need to know of a file.
type FileStat struct {
	Mode    fs.FileMode
	Size    int64 // bytes
	Changed int64 // when content or inode last changed, nanoseconds since 1970; no program can set it
	Inode   uint64
}

// IsDir reports a directory.
func (s FileStat) IsDir() bool { return s.Mode.IsDir() }

// Disk is the machine's own file system.
type Disk struct{}

// Lstat asks the system. Its error is the bare errno: most names that are
// looked up do not exist, and nobody prints it.
func (Disk) Lstat(name string) (FileStat, error) {
	var st unix.Stat_t
	for {
		switch err := unix.Lstat(name, &st); err {
		case nil:
			return FileStat{Mode: fileMode(uint32(st.Mode)), Size: st.Size, Changed: st.Ctim.Nano(), Inode: st.Ino}, nil
		case unix.EINTR:
		default:
			return FileStat{}, err
		}
	}
}

// fileMode is a mode of the system in Go's terms; what is no directory, link
// or regular file is all the same here.
func fileMode(mode uint32) fs.FileMode {
	m := fs.FileMode(mode & 0o777)
	switch mode & unix.S_IFMT {
	case unix.S_IFREG:
		return m
	case unix.S_IFDIR:
		return m | fs.ModeDir
	case unix.S_IFLNK:
		return m | fs.ModeSymlink
	}
	return m | fs.ModeIrregular
}

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
// It is for one goroutine, and for one call after the other.
type memo struct {
	World
	stats map[string]looked
}

type looked struct {
	stat FileStat
	err  error
}

var memos = sync.Pool{New: func() any { return &memo{stats: map[string]looked{}} }}

// remembering gives a memo over w; forget gives it back.
func remembering(w World) *memo {
	m := memos.Get().(*memo)
	m.World = w
	return m
}

func (m *memo) forget() {
	if m.World = nil; len(m.stats) > 4096 {
		return // a map keeps the room it once needed
	}
	clear(m.stats)
	memos.Put(m)
}

// Lstat is the World's, once for each name.
func (m *memo) Lstat(name string) (FileStat, error) {
	if have, ok := m.stats[name]; ok {
		return have.stat, have.err
	}
	stat, err := m.World.Lstat(name)
	m.stats[name] = looked{stat, err}
	return stat, err
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
