package policy

import (
	"ctpipe/internal/facts"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Where tests take place: a home directory, and a session in a repository in
// it. Nothing of the machine that runs them is looked at.
const (
	testHome = "/home/claude"
	testDir  = testHome + "/app"
)

// fakeDisk is a file system of the directories that a test names, each with an
// ordinary, empty git repository. It implements facts.World.
type fakeDisk struct{ files map[string]string }

// directory is the content of a name that is a directory.
const directory = "\x00dir"

func newFakeDisk(dirs ...string) *fakeDisk {
	d := &fakeDisk{files: map[string]string{"/": directory}}
	for _, dir := range dirs {
		if !path.IsAbs(dir) {
			continue
		}
		d.mkdir(path.Clean(dir))
		git := path.Join(dir, ".git")
		for _, sub := range []string{"", "objects", "refs", "hooks", "info"} {
			d.mkdir(path.Join(git, sub))
		}
		d.files[path.Join(git, "HEAD")] = "ref: refs/heads/main\n"
		d.files[path.Join(git, "config")] = "[core]\n\trepositoryformatversion = 0\n\tbare = false\n"
	}
	return d
}

func (d *fakeDisk) mkdir(dir string) {
	for ; dir != "/"; dir = path.Dir(dir) {
		d.files[dir] = directory
	}
}

func (d *fakeDisk) missing(op, name string) error {
	return &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist}
}

// Lstat tells of a directory or file of the test.
func (d *fakeDisk) Lstat(name string) (facts.FileStat, error) {
	text, ok := d.files[filepath.Clean(name)]
	if !ok {
		return facts.FileStat{}, d.missing("lstat", name)
	}
	f := fakeFile{name: path.Base(name), text: text}
	return facts.FileStat{Mode: f.Mode(), Size: f.Size()}, nil
}

// Readlink fails: the test's world has no links.
func (d *fakeDisk) Readlink(name string) (string, error) {
	return "", &fs.PathError{Op: "readlink", Path: name, Err: fs.ErrInvalid}
}

// ReadDir lists a directory of the test.
func (d *fakeDisk) ReadDir(name string, most int) ([]fs.DirEntry, error) {
	name = filepath.Clean(name)
	if d.files[name] != directory {
		return nil, d.missing("readdir", name)
	}
	var out []fs.DirEntry
	for file, text := range d.files {
		if file != "/" && path.Dir(file) == name {
			out = append(out, fakeFile{name: path.Base(file), text: text})
		}
	}
	slices.SortFunc(out, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return out[:min(len(out), most+1)], nil
}

// ReadFile reads a file of the test.
func (d *fakeDisk) ReadFile(name string, most int64) ([]byte, error) {
	text, ok := d.files[filepath.Clean(name)]
	if !ok || text == directory || int64(len(text)) > most {
		return nil, d.missing("read", name)
	}
	return []byte(text), nil
}

// fakeFile is an entry of a fakeDisk.
type fakeFile struct{ name, text string }

func (f fakeFile) Name() string               { return f.name }
func (f fakeFile) IsDir() bool                { return f.text == directory }
func (f fakeFile) ModTime() time.Time         { return time.Time{} }
func (f fakeFile) Sys() any                   { return nil }
func (f fakeFile) Info() (fs.FileInfo, error) { return f, nil }
func (f fakeFile) Type() fs.FileMode          { return f.Mode().Type() }
func (f fakeFile) Size() int64                { return int64(len(f.text)) }

// Mode is that of a plain file or directory.
func (f fakeFile) Mode() fs.FileMode {
	if f.IsDir() {
		return fs.ModeDir | 0o755
	}
	return 0o644
}
