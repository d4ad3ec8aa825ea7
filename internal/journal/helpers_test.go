package journal

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"ctpipe/pipeline"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var epoch = time.Date(2026, 11, 22, 18, 0, 0, 0, time.UTC)

// clock is set by the test alone.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func start(t testing.TB, cfg Config) *Writer {
	t.Helper()
	if cfg.Now == nil {
		cfg.Now = (&clock{at: epoch}).now
	}
	cfg.Log = slog.New(slog.DiscardHandler)
	w, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

func id(n int) pipeline.EventID { return pipeline.EventID(fmt.Sprintf("01JEVENT%08d", n)) }

func tool(n int) Record {
	return Record{
		Event: pipeline.Event{
			ID: id(n), Rev: "3f2a41", Kind: pipeline.KindTool, Time: pipeline.Time{Unix: epoch.Unix(), RFC3339: epoch.Format(time.RFC3339)},
			Tool: pipeline.Tool{
				ID: "toolu_1", Name: "Bash", Input: map[string]any{"command": "git status && git push -f"}, Cwd: "/src/app",
				Commands: []pipeline.Command{
					{Prog: "git", Sub: "status", Class: pipeline.ClassRead, Text: "git status"},
					{Prog: "git", Sub: "push", Args: []string{"-f"}, Class: pipeline.ClassNet, Text: "git push -f"},
				},
			},
		},
		Votes:   []pipeline.Vote{{Verdict: pipeline.Deny, Source: pipeline.SourceRule, By: "no-force-push", Why: "no", At: "rules.toml:70:1"}},
		Verdict: pipeline.Deny, Settings: pipeline.Settings{Style: "line"}, Rev: "3f2a41", TookUS: 410,
		Steps: []pipeline.Step{{Stage: "shell", Took: 20 * time.Microsecond}, {Stage: "rules", Took: 100 * time.Microsecond}},
	}
}

func kind(n int, k pipeline.Kind) Record {
	return Record{Event: pipeline.Event{ID: id(n), Kind: k}}
}

// write makes a journal of records in a new directory.
func write(t testing.TB, records ...Record) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "journal")
	w := start(t, Config{Dir: dir})
	for _, r := range records {
		w.Append(r)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

func read(t testing.TB, dir string) (all []Record) {
	t.Helper()
	if err := Read(dir, time.Time{}, func(r Record) error { all = append(all, r); return nil }); err != nil {
		t.Fatal(err)
	}
	return all
}

func journalFiles(t testing.TB, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// eventually polls a condition.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(10 * time.Second); !ok(); {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("never: %s", what)
		}
	}
}
