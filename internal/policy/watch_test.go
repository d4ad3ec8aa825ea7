package policy

import (
	"context"
	"ctpipe/pipeline"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// bound is how soon a change has to be in force.
const bound = 3 * time.Second

// place is a policy on the real file system, watched.
type place struct {
	t     *testing.T
	dir   string
	rules string
	calls chan struct{}

	mu    sync.Mutex
	files []string // that have to be there
	extra []string // beside them
	found map[string]string
	err   error
}

// seen is what the last Changed read of a file.
func (p *place) seen(path string) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err != nil {
		return "", p.err
	}
	return p.found[path], nil
}

func (p *place) list() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Concat(p.files, p.extra)
}

func (p *place) add(path string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.extra = append(p.extra, path)
}

// read is what a load does first. Of a directory it reads the Lua files.
func (p *place) read() {
	p.mu.Lock()
	files, err := readAll(p.files)
	p.err, p.found = err, map[string]string{}
	for name, b := range files {
		p.found[name] = string(b)
	}
	for _, extra := range p.extra {
		scripts, _ := filepath.Glob(filepath.Join(extra, "*.lua"))
		for _, name := range append(scripts, extra) {
			b, _ := os.ReadFile(name)
			p.found[name] = string(b)
		}
	}
	p.mu.Unlock()
	select {
	case p.calls <- struct{}{}:
	default:
	}
}

// run starts the watcher, waits for its first call, and stops it at the end.
func (p *place) run(pollOnly bool, poll time.Duration) {
	p.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	w := &Watcher{
		Files:    p.list,
		Changed:  func(context.Context) { p.read() },
		Log:      slog.New(slog.DiscardHandler),
		pollOnly: pollOnly,
		poll:     poll,
	}
	done := make(chan struct{})
	go func() { defer close(done); w.Run(ctx) }()
	p.t.Cleanup(func() { cancel(); <-done })
	p.until("the first look", func() bool { return true })
}

// until waits for calls of Changed until ok, within the bound.
func (p *place) until(what string, ok func() bool) {
	p.t.Helper()
	begun := time.Now()
	deadline := time.NewTimer(bound)
	defer deadline.Stop()
	for {
		select {
		case <-p.calls:
			if ok() {
				p.t.Logf("%s after %v", what, time.Since(begun).Round(time.Millisecond))
				return
			}
		case <-deadline.C:
			got, err := p.seen(p.rules)
			p.t.Fatalf("%s: not within %v; last seen %q, %v", what, bound, got, err)
		}
	}
}

func (p *place) untilRules(want string) {
	p.t.Helper()
	p.untilSeen(p.rules, want)
}

func (p *place) untilSeen(path, want string) {
	p.t.Helper()
	p.until(fmt.Sprintf("%s: %q", filepath.Base(path), want), func() bool {
		got, err := p.seen(path)
		return err == nil && got == want
	})
}

func (p *place) write(path, content string) {
	p.t.Helper()
	p.must(os.WriteFile(path, []byte(content), 0o600))
}

func (p *place) must(errs ...error) {
	p.t.Helper()
	if err := errors.Join(errs...); err != nil {
		p.t.Fatal(err)
	}
}

// rows are the cases of the design's table on fsnotify: what must be there
// before, and what then happens to rules.toml. Each ends with "new" in force.
var rows = map[string]struct {
	prepare, change func(p *place)
}{
	"rename-save": {change: func(p *place) {
		p.write(p.rules+".tmp", "new")
		p.must(os.Rename(p.rules+".tmp", p.rules))
	}},
	"rename-save twice": {change: func(p *place) {
		for _, content := range []string{"between", "new"} {
			p.write(p.rules+".tmp", content)
			p.must(os.Rename(p.rules+".tmp", p.rules))
			p.untilRules(content)
		}
		p.write(p.rules, "other")
		p.untilRules("other")
		p.write(p.rules, "new")
	}},
	"in place, torn": {change: func(p *place) {
		f, err := os.OpenFile(p.rules, os.O_WRONLY|os.O_TRUNC, 0)
		p.must(err)
		_, err = f.WriteString("ne")
		p.must(err)
		p.untilRules("ne") // the writer is slow, so this is what there is
		_, err = f.WriteString("w")
		p.must(err, f.Close())
	}},
	"vim with backup": {change: func(p *place) {
		p.must(os.Rename(p.rules, p.rules+"~"))
		p.write(p.rules, "new")
		p.must(os.Remove(p.rules + "~"))
	}},
	"ConfigMap swap": {
		prepare: func(p *place) {
			p.must(os.Remove(p.rules), os.Mkdir(filepath.Join(p.dir, "..2026_1"), 0o700))
			p.write(filepath.Join(p.dir, "..2026_1", "rules.toml"), "old")
			p.must(os.Symlink("..2026_1", filepath.Join(p.dir, "..data")))
			p.must(os.Symlink(filepath.Join("..data", "rules.toml"), p.rules))
		},
		change: func(p *place) {
			p.must(os.Mkdir(filepath.Join(p.dir, "..2026_2"), 0o700))
			p.write(filepath.Join(p.dir, "..2026_2", "rules.toml"), "new")
			p.must(os.Symlink("..2026_2", filepath.Join(p.dir, "..data_tmp")))
			p.must(os.Rename(filepath.Join(p.dir, "..data_tmp"), filepath.Join(p.dir, "..data")))
			p.must(os.RemoveAll(filepath.Join(p.dir, "..2026_1")))
		},
	},
	"target of a link edited": {
		prepare: func(p *place) {
			p.must(os.Remove(p.rules))
			target := filepath.Join(p.t.TempDir(), "shared.toml")
			p.write(target, "old")
			p.must(os.Symlink(target, p.rules))
		},
		change: func(p *place) {
			target, err := os.Readlink(p.rules)
			p.must(err)
			p.write(target, "new")
		},
	},
	"directory replaced": {change: func(p *place) {
		fresh := p.dir + ".fresh"
		p.must(os.Mkdir(fresh, 0o700))
		p.write(filepath.Join(fresh, "rules.toml"), "between")
		p.must(os.Rename(p.dir, p.dir+".gone"), os.Rename(fresh, p.dir))
		p.untilRules("between")
		p.write(p.rules, "new") // the new directory is watched as well
	}},
	"directory removed and made again": {change: func(p *place) {
		p.must(os.RemoveAll(p.dir))
		p.until("absence seen", func() bool {
			_, err := p.seen(p.rules)
			return errors.Is(err, fs.ErrNotExist)
		})
		p.must(os.Mkdir(p.dir, 0o700))
		p.write(p.rules, "new")
	}},
	"absent for a moment": {change: func(p *place) {
		p.must(os.Remove(p.rules))
		p.until("absence seen", func() bool {
			_, err := p.seen(p.rules)
			return errors.Is(err, fs.ErrNotExist)
		})
		p.write(p.rules, "new")
	}},
	"same size and time": {change: func(p *place) {
		info, err := os.Stat(p.rules)
		p.must(err)
		p.write(p.rules, "new")
		p.must(os.Chtimes(p.rules, info.ModTime(), info.ModTime()))
	}},
}

// ways are how a change comes to light: by the kernel's hints, by the poll
// alone, and by a poll so fast that its own time does not matter.
var ways = map[string]struct {
	pollOnly bool
	poll     time.Duration
}{
	"events":    {poll: time.Hour},
	"fast poll": {pollOnly: true, poll: 50 * time.Millisecond},
	"both":      {},
}

func newPlace(t *testing.T) *place {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "etc")
	p := &place{t: t, dir: dir, rules: filepath.Join(dir, "rules.toml"), calls: make(chan struct{}, 1)}
	p.files = []string{p.rules}
	p.must(os.Mkdir(dir, 0o700))
	p.write(p.rules, "old")
	return p
}

// beyondEvents are the rows that no event tells of: what stood there is gone,
// with its watch.
var beyondEvents = []string{"directory replaced", "directory removed and made again"}

// Design 8: every way of saving is noticed within the bound.
func TestWatchNotices(t *testing.T) {
	for name, row := range rows {
		for how, way := range ways {
			if how == "events" && slices.Contains(beyondEvents, name) {
				continue
			}
			t.Run(name+"/"+how, func(t *testing.T) {
				t.Parallel()
				p := newPlace(t)
				if row.prepare != nil {
					row.prepare(p)
				}
				p.run(way.pollOnly, way.poll)
				row.change(p)
				p.untilRules("new")
			})
		}
	}
}

// The poll as it is in use keeps the bound by itself.
func TestPollAloneKeepsTheBound(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for two seconds")
	}
	t.Parallel()
	p := newPlace(t)
	p.run(true, 0)
	p.write(p.rules, "new")
	p.untilRules("new")
}

// A file that appears in the scripts' directory is noticed, and so is a script
// that a reload lists for the first time, in a directory not watched before.
func TestWatchFollowsTheList(t *testing.T) {
	for how, way := range ways {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			scripts := filepath.Join(p.dir, "scripts")
			p.must(os.Mkdir(scripts, 0o700))
			p.add(scripts)
			p.run(way.pollOnly, way.poll)
			dropped := filepath.Join(scripts, "dropped.lua")
			p.write(dropped, "1")
			p.untilSeen(dropped, "1")
			p.write(dropped, "2")
			p.untilSeen(dropped, "2")

			listed := filepath.Join(t.TempDir(), "listed.lua")
			p.write(listed, "1")
			p.add(listed)
			p.write(p.rules, "new")
			p.untilSeen(listed, "1")
			p.write(listed, "2")
			p.untilSeen(listed, "2")
		})
	}
}

// An editor that never stops cannot starve a reload.
func TestWatchIsNotStarved(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for two seconds")
	}
	t.Parallel()
	p := newPlace(t)
	p.run(false, 0)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(quietFor / 5)
		defer tick.Stop()
		for n := 1; ; n++ {
			select {
			case <-stop:
				return
			case <-tick.C:
				if err := os.WriteFile(p.rules+".tmp", fmt.Append(nil, n), 0o600); err != nil {
					t.Error(err)
				}
				if err := os.Rename(p.rules+".tmp", p.rules); err != nil {
					t.Error(err)
				}
			}
		}
	}()
	defer func() { close(stop); <-stopped }()
	p.until("a look while the editor writes", func() bool { got, err := p.seen(p.rules); return err == nil && got != "old" })
	first, _ := p.seen(p.rules)
	p.until("and another", func() bool { got, err := p.seen(p.rules); return err == nil && got != first })
}

func TestQuiet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := quiet{wait: quietFor, most: quietMost}
		begin := time.Unix(1_800_000_000, 0)
		now := begin
		for _, gap := range rapid.SliceOfN(rapid.IntRange(0, 149), 1, 60).Draw(t, "gaps") {
			if !q.first.IsZero() && !now.Before(q.due()) {
				break
			}
			q.hint(now)
			due := q.due()
			if due.Before(now) && now.Before(begin.Add(quietMost)) || due.After(begin.Add(quietMost)) || due.After(now.Add(quietFor)) {
				t.Fatalf("hint at +%v is due at +%v", now.Sub(begin), due.Sub(begin))
			}
			if due != now.Add(quietFor) && due != begin.Add(quietMost) {
				t.Fatalf("due at +%v for no reason", due.Sub(begin))
			}
			now = now.Add(time.Duration(gap) * time.Millisecond)
		}
	})
}

func TestRevision(t *testing.T) {
	base := map[string][]byte{"rules.toml": []byte("a"), "scripts/x.lua": []byte("b")}
	rev := revision(base)
	if len(rev) != 12 || strings.Trim(string(rev), "0123456789abcdef") != "" || pipeline.ShortRev(rev) != string(rev[:6]) || pipeline.ShortRev(pipeline.Rev("ab")) != "ab" {
		t.Errorf("revision %q, short %q", rev, pipeline.ShortRev(rev))
	}
	for name, other := range map[string]map[string][]byte{
		"bytes":        {"rules.toml": []byte("A"), "scripts/x.lua": []byte("b")},
		"name":         {"rules.toml": []byte("a"), "scripts/y.lua": []byte("b")},
		"border moved": {"rules.toml": []byte("ascripts/x.lua"), "": []byte("b")},
		"one less":     {"rules.toml": []byte("a")},
		"nothing":      {},
	} {
		if revision(other) == rev {
			t.Errorf("%s: same revision", name)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		gen := rapid.MapOfN(rapid.StringN(0, 3, -1), rapid.SliceOfN(rapid.Byte(), 0, 3), 0, 3)
		a, b := gen.Draw(t, "a"), gen.Draw(t, "b")
		same := fmt.Sprintf("%q", a) == fmt.Sprintf("%q", b)
		if (revision(a) == revision(b)) != same {
			t.Fatal("revisions agree where files do not, or the other way round")
		}
	})
}

func TestReadAll(t *testing.T) {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	if err := errors.Join(
		os.WriteFile(path("good"), []byte("x"), 0o600),
		os.WriteFile(path("big"), make([]byte, maxFile+1), 0o600),
		os.WriteFile(path("full"), make([]byte, maxFile), 0o600),
		os.Symlink("good", path("link")),
		os.Mkdir(path("folder"), 0o700),
		syscall.Mkfifo(path("pipe"), 0o600),
	); err != nil {
		t.Fatal(err)
	}
	got, err := readAll([]string{path("good"), path("link"), path("full")})
	if err != nil || string(got[path("link")]) != "x" || len(got[path("full")]) != maxFile {
		t.Errorf("%d files, %v", len(got), err)
	}
	_, err = readAll([]string{path("good"), path("missing"), path("big"), path("folder"), path("pipe")})
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v; want ErrNotExist", err)
	}
	for _, want := range []string{path("missing"), path("big") + ": it has more than 4 MiB", path("folder") + ": it is no regular file", path("pipe") + ": it is no regular file"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v lacks %q", err, want)
		}
	}
}

// A finding names its file itself: what it says of it does not name it again.
func TestUnreadableNamesTheFileOnce(t *testing.T) {
	l := write(t, map[string]string{"rules.toml": "[[hook]]\nscript = \"scripts/gone.lua\"\n"})
	dir := filepath.Dir(l.Path)
	if err := errors.Join(os.Mkdir(filepath.Join(dir, "folder"), 0o700), os.WriteFile(filepath.Join(dir, "big.toml"), make([]byte, maxFile+1), 0o600),
		os.Mkdir(filepath.Join(dir, "a_test.toml"), 0o700)); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"nope.toml": "no such file or directory", "folder": "it is no regular file (d---------)", "big.toml": "it has more than 4 MiB"} {
		l.Path = filepath.Join(dir, name)
		if _, _, findings := l.Load(); len(findings) != 1 || findings[0].String() != l.Path+": "+want {
			t.Errorf("%v, want %s: %s", findings, l.Path, want)
		}
	}
	l.Path = filepath.Join(dir, "rules.toml")
	_, findings := l.Read()
	got := text(findings)
	for _, want := range []string{"hook scripts/gone.lua: no such file or directory", "a_test.toml: it is no regular file"} {
		if strings.Count(got, want) != 1 {
			t.Errorf("%s lacks %q", got, want)
		}
	}
}

// BenchmarkSignature is the poll's cost, every 2 s: 50 kB of rules, ten scripts.
func BenchmarkSignature(b *testing.B) {
	dir := b.TempDir()
	paths := []string{filepath.Join(dir, "rules.toml")}
	for i := range 10 {
		paths = append(paths, filepath.Join(dir, fmt.Sprintf("%d.lua", i)))
	}
	for i, p := range paths {
		size := 4 << 10
		if i == 0 {
			size = 50 << 10
		}
		if err := os.WriteFile(p, make([]byte, size), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		signature(paths)
	}
}
