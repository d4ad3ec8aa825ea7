package facts

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestResolveAgreesWithTheKernel (F1): wherever links lead, resolve arrives
// where the kernel does, for whatever way of writing the path.
func TestResolveAgreesWithTheKernel(t *testing.T) {
	tr := newTree(t)
	for _, d := range []string{"a/b/c", "d"} {
		if err := os.MkdirAll(filepath.Join(tr.dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	tr.write("a/f", "")
	tr.link("a/b", "l")
	tr.link("../../d", "a/b/up")
	tr.link(tr.outside, "out")
	tr.link("l/up", "ll")
	tr.link("self", "self")
	parts := []string{"a", "b", "c", "d", "l", "up", "out", "ll", "f", ".", "..", "", "app", "self"}
	g := rand.New(rand.NewPCG(1, 2))
	agreed := 0
	for range 5000 {
		var name []string
		for range 1 + g.IntN(6) {
			name = append(name, parts[g.IntN(len(parts))])
		}
		full := tr.dir + "/" + strings.Join(name, "/")
		want, err := filepath.EvalSymlinks(full)
		if _, kernel := os.Stat(full); err != nil || kernel != nil {
			continue // what does not exist has no place that the kernel knows
		}
		got, err := resolve(Disk{}, tr.dir, strings.Join(name, "/"))
		if strings.HasPrefix(strings.Join(name, "/"), "/") {
			got, err = resolve(Disk{}, "/", full)
		}
		if err != nil || got != want {
			t.Fatalf("%s: %s (%v), the kernel says %s", full, got, err, want)
		}
		agreed++
	}
	if agreed < 500 {
		t.Errorf("only %d paths existed: the test proves little", agreed)
	}
}

// TestRepositoryIsReadAgain: what is remembered of a repository does not
// outlive a change that keeps size and modification time.
func TestRepositoryIsReadAgain(t *testing.T) {
	tr := newTree(t)
	tr.git("init", "-q")
	rs := newRepos(aged{Disk{}}, tr.home)
	r, ok := rs.find(Disk{}, tr.dir)
	if !ok || rs.facts(r).why != "" {
		t.Fatalf("found %v, %q", ok, rs.facts(r).why)
	}
	if len(rs.seen) != 1 {
		t.Fatal("nothing is remembered of a repository that is at rest")
	}
	config := filepath.Join(tr.dir, ".git/config")
	old, err := os.Stat(config)
	if err != nil {
		t.Fatal(err)
	}
	text := "[core]\n\tfsmonitor = ./x.sh\n"
	text += strings.Repeat("#", int(old.Size())-len(text))
	if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(config, old.ModTime(), old.ModTime()); err != nil {
		t.Fatal(err)
	}
	if now, err := os.Stat(config); err != nil || now.Size() != old.Size() || !now.ModTime().Equal(old.ModTime()) {
		t.Fatalf("the test did not keep size and time: %v", err)
	}
	if rs.facts(r).why == "" {
		t.Error("a forged modification time hides what changed")
	}
}

// TestLinkedConfigurationIsAlwaysRead: behind a link, a change shows nowhere.
func TestLinkedConfigurationIsAlwaysRead(t *testing.T) {
	for name, spoil := range map[string]func(tree, string){
		"link": func(tr tree, text string) {
			tr.write(tr.home+"/dot/gitconfig", text)
			_ = os.Remove(tr.home + "/.gitconfig")
			if err := os.Symlink("dot/gitconfig", tr.home+"/.gitconfig"); err != nil {
				tr.t.Fatal(err)
			}
		},
		"include": func(tr tree, text string) {
			tr.write(tr.home+"/.gitconfig", "[include]\npath = ~/more\n")
			tr.write(tr.home+"/more", text)
		},
	} {
		tr := newTree(t)
		tr.git("init", "-q")
		spoil(tr, "[user]\n\tname = x\n")
		rs := newRepos(aged{Disk{}}, tr.home)
		r, _ := rs.find(Disk{}, tr.dir)
		if why := rs.facts(r).why; why != "" || len(rs.seen) != 0 {
			t.Errorf("%s: %q, %d remembered", name, why, len(rs.seen))
		}
		spoil(tr, "[diff]\n\texternal = x\n")
		if rs.facts(r).why == "" {
			t.Errorf("%s: the change is not seen", name)
		}
	}
}

// aged is a disk whose files all changed an hour earlier than they did.
type aged struct{ World }

func (a aged) Lstat(name string) (FileStat, error) {
	s, err := a.World.Lstat(name)
	s.Changed -= int64(time.Hour)
	return s, err
}

// TestDiskSeesKindAndTime: a FileStat says what the kernel says.
func TestDiskSeesKindAndTime(t *testing.T) {
	tr := newTree(t)
	tr.write("f", "four")
	tr.link("f", "l")
	before := time.Now().Add(-time.Minute).UnixNano()
	for name, want := range map[string]string{"f": "-rw-r--r-- 4", "l": "Lrwxrwxrwx 1", ".": "drwxr-xr-x"} {
		got, err := Disk{}.Lstat(filepath.Join(tr.dir, name))
		if text := fmt.Sprintf("%s %d", got.Mode, got.Size); err != nil || !strings.HasPrefix(text, want) || got.Inode == 0 || got.Changed < before {
			t.Errorf("%s: %s %+v (%v), want %s", name, text, got, err, want)
		}
	}
	if s, err := (Disk{}).Lstat("/dev/null"); err != nil || s.Mode.IsRegular() || s.IsDir() {
		t.Errorf("/dev/null: %+v %v", s, err)
	}
}
