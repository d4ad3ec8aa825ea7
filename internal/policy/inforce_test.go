package policy

import (
	"context"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// saving is a policy on disk that is kept in force.
type saving struct {
	*testing.T
	dir  string // of rules.toml
	path string
	live *Live
}

func (s *saving) must(errs ...error) {
	s.Helper()
	for _, err := range errs {
		if err != nil {
			s.Fatal(err)
		}
	}
}

func (s *saving) write(path string, n int) { mustWrite(s.T, path, version(n)) }

// waysToSave are the ways in which version 1 replaces version 0; prepare puts
// version 0 there in another way than as a plain file.
var waysToSave = map[string]struct{ prepare, change func(*saving) }{
	"rename-save": {change: func(s *saving) {
		s.write(s.path+".tmp", 1)
		s.must(os.Rename(s.path+".tmp", s.path))
	}},
	"vim with backup": {change: func(s *saving) {
		s.must(os.Rename(s.path, s.path+"~"))
		s.write(s.path, 1)
		s.must(os.Remove(s.path + "~"))
	}},
	"ConfigMap swap": {
		prepare: func(s *saving) {
			s.must(os.Remove(s.path), os.Mkdir(filepath.Join(s.dir, "..1"), 0o700), os.Symlink("..1", filepath.Join(s.dir, "..data")))
			s.write(filepath.Join(s.dir, "..1", "rules.toml"), 0)
			s.must(os.Symlink(filepath.Join("..data", "rules.toml"), s.path))
		},
		change: func(s *saving) {
			s.must(os.Mkdir(filepath.Join(s.dir, "..2"), 0o700))
			s.write(filepath.Join(s.dir, "..2", "rules.toml"), 1)
			s.must(os.Symlink("..2", filepath.Join(s.dir, "..tmp")), os.Rename(filepath.Join(s.dir, "..tmp"), filepath.Join(s.dir, "..data")),
				os.RemoveAll(filepath.Join(s.dir, "..1")))
		},
	},
	"target of a link edited": {
		prepare: func(s *saving) {
			s.write(filepath.Join(filepath.Dir(s.dir), "shared.toml"), 0)
			s.must(os.Remove(s.path), os.Symlink(filepath.Join("..", "shared.toml"), s.path))
		},
		change: func(s *saving) { s.write(filepath.Join(filepath.Dir(s.dir), "shared.toml"), 1) },
	},
	"directory replaced": {change: func(s *saving) {
		s.must(os.Mkdir(s.dir+".fresh", 0o700))
		s.write(filepath.Join(s.dir+".fresh", "rules.toml"), 1)
		s.must(os.Rename(s.dir, s.dir+".gone"), os.Rename(s.dir+".fresh", s.dir))
	}},
	"absent for a moment": {change: func(s *saving) {
		s.must(os.Remove(s.path))
		s.until("the absence to be seen", func() bool { _, _, refused := s.live.Current(); return refused != nil })
		s.write(s.path, 1)
	}},
	"torn": {change: func(s *saving) {
		text := version(1)
		mustWrite(s.T, s.path, text[:len(text)/2])
		s.until("the half to be refused", func() bool { _, _, refused := s.live.Current(); return refused != nil })
		mustWrite(s.T, s.path, text)
	}},
	"endless editor": {change: func(s *saving) {
		for n := 100; n < 130; n++ { // faster than the quiet time, for longer than its bound
			s.write(s.path, n)
			<-time.After(quietFor / 3)
		}
		s.write(s.path, 1)
	}},
}

func (s *saving) until(what string, ok func() bool) {
	s.Helper()
	for end := time.Now().Add(3 * time.Second); !ok(); <-time.After(5 * time.Millisecond) {
		if time.Now().After(end) {
			s.Fatal("waited in vain for " + what)
		}
	}
}

// TestInForceWithin3s: however a file is saved, its policy judges within 3 s
// of the save (design 8, P2), and never one that is half there.
func TestInForceWithin3s(t *testing.T) {
	for name, way := range waysToSave {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &saving{T: t, dir: filepath.Join(t.TempDir(), "policy")}
			s.must(os.Mkdir(s.dir, 0o700))
			s.path = filepath.Join(s.dir, "rules.toml")
			s.write(s.path, 0)
			if way.prepare != nil {
				way.prepare(s)
			}
			l := loaderOf(s.dir)
			first, _, findings := l.Load()
			if first == nil {
				t.Fatal(text(findings))
			}
			s.live = &Live{Loader: l, Log: slog.New(slog.DiscardHandler), Out: io.Discard, Swap: func(*Policy) {}}
			s.live.Begin(first)
			ctx, stop := context.WithCancel(t.Context())
			var wait sync.WaitGroup
			wait.Go(func() { (&Watcher{Files: s.live.Files, Changed: s.live.Changed, Log: s.live.Log}).Run(ctx) })
			defer wait.Wait()
			defer stop()
			way.change(s)
			want := revision(map[string][]byte{"rules.toml": []byte(version(1))})
			s.until("the save to be in force", func() bool { p, _, _ := s.live.Current(); return p.Snapshot.Rev == want })
		})
	}
}
