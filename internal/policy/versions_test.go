package policy

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ctpipe/pipeline"
)

// write100 is a policy of 100 rules, 10 hooks and 50 tests.
func write100(t testing.TB) *Loader { return write100With(t, 10) }

// write100With is write100 with as many hooks as are asked for.
func write100With(t testing.TB, hooks int) *Loader {
	t.Helper()
	dir := t.TempDir()
	var b strings.Builder
	b.WriteString("[playground]\nallowed_users = [\"ana\"]\n")
	for i := range 100 {
		cond := fmt.Sprintf(`any(tool.commands, .prog == "prog%d" and .sub == "sub")`, i)
		if i%10 == 0 {
			cond = fmt.Sprintf(`any(tool.paths, .base == "file%d")`, i)
		}
		fmt.Fprintf(&b, "[[rule]]\nid = \"r%d\"\non = \"tool\"\nwhen = '%s'\nthen = \"deny\"\n", i, cond)
	}
	for i := range hooks {
		name := fmt.Sprintf("scripts/h%d.lua", i)
		if err := os.MkdirAll(filepath.Join(dir, "scripts"), 0o755); err != nil {
			t.Fatal(err)
		}
		script := fmt.Sprintf("return { tool = function(ev)\n  for _, c in ipairs(ev.tool.commands) do\n    if c.prog == 'hook%d' then return ct.deny('no') end\n  end\nend }\n", i)
		if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o644); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "[[hook]]\nscript = %q\n", name)
	}
	for i := range 50 {
		fmt.Fprintf(&b, "[[test]]\nname = \"t%d\"\ntool = { name = \"Bash\", command = \"prog%d x && ls\" }\nwant = \"ask\"\n", i, i)
	}
	if err := os.WriteFile(filepath.Join(dir, "rules.toml"), []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	return loaderOf(dir)
}

// version is a policy whose three rules must be seen together. The test stands
// first, so that a torn write that still is TOML fails it.
func version(n int) string {
	var b strings.Builder
	b.WriteString("[[test]]\nname = \"all of it\"\ntool = { name = \"Bash\", command = \"ls\" }\nwant = \"deny\"\nby = \"c\"\n")
	for _, id := range []string{"a", "b", "c"} {
		fmt.Fprintf(&b, "[[rule]]\nid = %q\non = \"tool\"\nwhen = 'tool.name != \"\"'\nwhy = \"version %d\"\nthen = \"deny\"\n", id, n)
	}
	return b.String()
}

// P2: versions, good, bad and torn, are saved while events are judged. No event
// is lost, none is judged by half a set, and none by a set older than 3 s after
// its successor was saved.
func TestVersionsUnderLoad(t *testing.T) {
	if testing.Short() {
		t.Skip("a soak of four seconds")
	}
	const every = 200 * time.Millisecond
	versions := 20
	if os.Getenv("CTPIPE_SOAK") != "" {
		versions = 10_000
	}
	l := write(t, map[string]string{"rules.toml": version(0)})
	first, _, findings := l.Load()
	if first == nil {
		t.Fatal(text(findings))
	}
	var observed atomic.Int64
	engine := pipeline.NewEngine(first.Snapshot, nil, func(*pipeline.Run) { observed.Add(1) })
	live := &Live{Loader: l, Log: slog.New(slog.DiscardHandler), Out: io.Discard,
		Swap: func(next *Policy) { engine.Swap(next.Snapshot) }}
	live.Begin(first)
	ctx, stop := context.WithCancel(context.Background())
	var wait sync.WaitGroup
	watch := &Watcher{Files: live.Files, Changed: live.Changed, Log: live.Log}
	wait.Go(func() { watch.Run(ctx) })

	load := &judging{t: t, engine: engine, saved: []time.Time{time.Now()}}
	for range 2 {
		wait.Go(func() { load.run(ctx) })
	}
	saveVersions(t, l, load, versions, every)
	last := load.newest()
	until := time.Now().Add(3 * time.Second)
	for ran := load.seen.Load(); ran < int64(last) && time.Now().Before(until); ran = load.seen.Load() {
		<-time.After(10 * time.Millisecond)
	}
	stop()
	wait.Wait()
	if got := load.seen.Load(); got != int64(last) {
		t.Errorf("version %d is in force, %d was saved last", got, last)
	}
	rate := float64(load.events.Load()) / time.Since(load.saved[0]).Seconds()
	t.Logf("%d events, %.0f a second, %d versions", load.events.Load(), rate, versions)
	if n := load.events.Load(); n == 0 || observed.Load() != n {
		t.Errorf("%d events were judged, %d were seen", n, observed.Load())
	}
	if os.Getenv("CTPIPE_SOAK") != "" && rate < 900 {
		t.Errorf("%.0f events a second are no load of 1,000", rate)
	}
}

// saveVersions writes versions, half of them torn or bad, in place and by
// renaming.
func saveVersions(t *testing.T, l *Loader, load *judging, versions int, every time.Duration) {
	rnd := rand.New(rand.NewPCG(1, 2))
	tick := time.NewTicker(every)
	defer tick.Stop()
	for n := 1; n <= versions; n++ {
		<-tick.C
		src := version(n)
		switch n % 4 {
		case 1: // torn: only the beginning is there
			mustWrite(t, l.Path, src[:rnd.IntN(len(src)-1)])
			continue
		case 2:
			mustWrite(t, l.Path, strings.Replace(src, "when", "whne", 1))
			continue
		}
		load.save(n)
		if rnd.IntN(2) == 0 {
			mustWrite(t, l.Path, src)
			continue
		}
		mustWrite(t, l.Path+".tmp", src)
		if err := os.Rename(l.Path+".tmp", l.Path); err != nil {
			t.Fatal(err)
		}
	}
	<-tick.C
	load.save(versions + 1)
	mustWrite(t, l.Path, version(versions+1))
}

func mustWrite(t *testing.T, path, src string) {
	if err := os.WriteFile(path, []byte(src), 0o644); err != nil {
		t.Fatal(err)
	}
}

// judging judges events as fast as a busy team makes them, and checks each.
type judging struct {
	t      *testing.T
	engine *pipeline.Engine
	events atomic.Int64
	seen   atomic.Int64 // the newest version that judged

	mu    sync.Mutex
	good  []int       // versions saved, rising
	saved []time.Time // and when
}

func (j *judging) save(n int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.good, j.saved = append(j.good, n), append(j.saved, time.Now())
}

func (j *judging) newest() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.good[len(j.good)-1]
}

func (j *judging) run(ctx context.Context) {
	const every = 2 * time.Millisecond // two of these are 1000 events a second
	tick := time.NewTicker(every)
	defer tick.Stop()
	began := time.Now()
	for n := 0; ; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C: // on a busy machine some are left out
			for ; n < int(time.Since(began)/every); n++ {
				j.one()
			}
		}
	}
}

func (j *judging) one() {
	began := time.Now()
	r := j.engine.Judge(context.Background(), &pipeline.Event{ID: "e", Kind: pipeline.KindTool,
		Tool: pipeline.Tool{Name: "TodoWrite", Input: map[string]any{}}})
	j.events.Add(1)
	verdict, top := r.Verdict()
	n := -1
	for _, v := range top {
		var got int
		if _, err := fmt.Sscanf(v.Why, "version %d", &got); err != nil || n >= 0 && got != n {
			j.t.Errorf("votes of different sets: %v", top)
			return
		}
		n = got
	}
	if verdict != pipeline.Deny || len(top) != 3 || r.Event.Rev != r.Snapshot.Rev {
		j.t.Errorf("half a set judged: %s by %v", verdict, top)
	}
	for have := j.seen.Load(); int64(n) > have && !j.seen.CompareAndSwap(have, int64(n)); have = j.seen.Load() {
	}
	j.fresh(n, began)
}

// fresh checks that a newer version had not been saved more than 3 s before.
func (j *judging) fresh(n int, at time.Time) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for i, v := range j.good {
		if v > n && at.Sub(j.saved[i+1]) > 3*time.Second {
			j.t.Errorf("judged by version %d, %s after version %d was saved", n, at.Sub(j.saved[i+1]), v)
			return
		}
	}
}
