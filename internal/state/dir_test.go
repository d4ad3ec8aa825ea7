package state

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestDefaultDir(t *testing.T) {
	cases := []struct {
		xdg, home, want string
	}{
		{"/x", "/h", "/x/ctpipe"},
		{"", "/h", "/h/.local/state/ctpipe"},
		{"relative", "/h", "/h/.local/state/ctpipe"},
		{"", "", ""},
		{"", "relative", ""},
	}
	for _, c := range cases {
		env := map[string]string{"XDG_STATE_HOME": c.xdg, "HOME": c.home}
		got, err := DefaultDir(func(k string) string { return env[k] })
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("DefaultDir(%q, %q) = %q, %v; want %q", c.xdg, c.home, got, err, c.want)
		}
	}
}

// SEC-14: directories 0700, files 0600, whatever was there before.
func TestPrivateSEC14(t *testing.T) {
	dir := home(t)
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	s := open(t, dir)
	got := notes(t, s)
	if len(got) != 1 || !strings.Contains(got[0], "0777") || !strings.Contains(got[0], dir) {
		t.Errorf("notes = %q; want one that names the directory and its old mode", got)
	}
	if err := s.SaveSession(deadline(t), Session{ID: "s", Thread: "t"}); err != nil {
		t.Fatal(err)
	}
	seen := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		want := fs.FileMode(0o600)
		if d.IsDir() {
			want = 0o700
		}
		if info.Mode().Perm() != want {
			t.Errorf("%s has mode %04o, want %04o", path, info.Mode().Perm(), want)
		}
		seen++
		return nil
	})
	if err != nil || seen < 4 { // directory, lock, database, write-ahead log
		t.Errorf("walked %d names: %v", seen, err)
	}
}

func TestRefusesDirectory(t *testing.T) {
	base := t.TempDir()
	real := filepath.Join(base, "real")
	if err := os.Mkdir(real, 0o700); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(base, "link")
	if err := os.Symlink(real, link); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(base, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	foreign := filepath.Join(base, "foreign")
	if err := os.Mkdir(foreign, 0o700); err != nil {
		t.Fatal(err)
	}
	cases := map[string]string{link: "symbolic link", link + "/": "symbolic link", file: "not a directory"}
	if os.Geteuid() == 0 {
		if err := os.Chown(foreign, 12345, -1); err != nil {
			t.Fatal(err)
		}
		cases[foreign] = "uid 12345"
	}
	for dir, want := range cases {
		s, err := Open(dir, WithLog(quiet))
		if err == nil {
			s.Close()
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Open(%s) = %v; want an error with %q", dir, err, want)
		}
	}
	if names, _ := os.ReadDir(real); len(names) != 0 {
		t.Errorf("something was written through the link: %v", names)
	}
}

// SEC-27: nothing is created or truncated through a link in a file's place.
func TestNoSymlinkFollowingSEC27(t *testing.T) {
	for _, name := range []string{"lock", dbName} {
		dir := home(t)
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		victim := filepath.Join(t.TempDir(), "victim")
		if err := os.WriteFile(victim, []byte("precious"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(victim, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
		s, err := Open(dir, WithLog(quiet))
		if err == nil {
			t.Errorf("%s is a link, and Open went on", name)
			s.Close()
		}
		if b, _ := os.ReadFile(victim); string(b) != "precious" {
			t.Errorf("%s: the link's target now holds %q", name, b)
		}
	}
}

// DATA-03: a second ctpipe on the same directory refuses to start.
func TestSecondRefusedDATA03(t *testing.T) {
	dir := home(t)
	first := open(t, dir)
	notes(t, first)
	_, err := Open(dir, WithLog(quiet))
	if !errors.Is(err, ErrLocked) {
		t.Fatalf("second Open = %v; want ErrLocked", err)
	}
	for _, want := range []string{dir, fmt.Sprintf("pid %d", os.Getpid())} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not name %q", err, want)
		}
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	notes(t, open(t, dir))
}
