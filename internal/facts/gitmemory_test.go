package facts

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

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
	if rs.seen.Len() != 1 {
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
		if why := rs.facts(r).why; why != "" || rs.seen.Len() != 0 {
			t.Errorf("%s: %q, %d remembered", name, why, rs.seen.Len())
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

// TestIndexIsReadAgain: what is remembered of an index goes with it.
func TestIndexIsReadAgain(t *testing.T) {
	tr := newTree(t)
	tr.git("init", "-q")
	tr.write("a.go", "x")
	tr.git("add", ".")
	rs := newRepos(aged{Disk{}}, tr.home)
	r, _ := rs.find(Disk{}, tr.dir)
	for range 2 {
		if rs.tracked(r).secret || rs.index.Len() != 1 {
			t.Fatalf("%d remembered", rs.index.Len())
		}
	}
	tr.write(".env", "x")
	tr.git("add", ".")
	if !rs.tracked(r).secret {
		t.Error("a credential file that is tracked since is not seen")
	}
}
