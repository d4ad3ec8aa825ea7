package facts

import (
	"errors"
	"io"
	"io/fs"
	"os"

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
