package journal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ctpipe/pipeline"

	"pgregory.net/rapid"
)

func TestReadSince(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "journal")
	at := &clock{at: epoch}
	w := start(t, Config{Dir: dir, Now: at.now})
	for n := range 10 {
		w.Append(tool(n))
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		at.add(6 * time.Hour)
	}
	var ids []pipeline.EventID
	if err := Read(dir, epoch.Add(18*time.Hour), func(r Record) error { ids = append(ids, r.Event.ID); return nil }); err != nil {
		t.Fatal(err)
	}
	if len(ids) != 7 || ids[0] != id(3) || !slices.IsSorted(ids) {
		t.Errorf("read %q", ids)
	}
	stop := errors.New("enough")
	if err := Read(dir, time.Time{}, func(Record) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("stopped with %v", err)
	}
	if err := Read(filepath.Join(dir, "missing"), time.Time{}, nil); err != nil {
		t.Errorf("no journal: %v", err)
	}
}

// What a crash, a disk or a hand leaves in a file never hides the rest.
func TestReadDamaged(t *testing.T) {
	dir := write(t, tool(1), tool(2), tool(3))
	path := filepath.Join(dir, "2026-11-22.001.jsonl")
	b, _ := os.ReadFile(path)
	lines := strings.SplitAfter(string(b), "\n")
	bad := lines[0] + "{\"time\":\"2026-11-22T18:00:00Z\",\"event\":\n" + lines[1] + "\n" + lines[2] + lines[0][:40]
	if err := os.WriteFile(path, []byte(bad), 0o600); err != nil {
		t.Fatal(err)
	}
	var n int
	err := Read(dir, time.Time{}, func(Record) error { n++; return nil })
	var damage *DamageError
	if n != 3 || !errors.As(err, &damage) || damage.Line != 2 || damage.Lines != 2 || damage.File != path {
		t.Errorf("%d records, %v", n, err)
	}
	if got, err := Last(dir, 10); err != nil || len(got) != 3 {
		t.Errorf("Last: %d records, %v", len(got), err)
	}
	if _, err := Find(dir, "01JEVENT9"); !errors.Is(err, ErrNotFound) {
		t.Errorf("Find: %v", err)
	}
}

func TestFind(t *testing.T) {
	again := tool(12)
	again.Verdict = pipeline.Allow
	mention := tool(20)
	mention.Event.Tool.Input["command"] = `echo "event":{"id":"01JEVENT00000013`
	dir := write(t, tool(11), tool(12), again, mention)
	for prefix, want := range map[string]string{
		string(id(11)): string(id(11)), "01JEVENT00000011": string(id(11)), "01JEVENT0000002": string(id(20)),
		"01JEVENT0000001": "ambiguous", "01JEVENT00000013": "missing", "": "missing", `01"`: "missing", "nothing": "missing",
	} {
		got, err := Find(dir, prefix)
		switch want {
		case "ambiguous":
			if !errors.Is(err, ErrAmbiguous) || !strings.Contains(err.Error(), string(id(12))) {
				t.Errorf("Find(%q) = %v", prefix, err)
			}
		case "missing":
			if !errors.Is(err, ErrNotFound) {
				t.Errorf("Find(%q) = %v", prefix, err)
			}
		default:
			if err != nil || string(got.Event.ID) != want {
				t.Errorf("Find(%q) = %s, %v", prefix, got.Event.ID, err)
			}
		}
	}
	if got, err := Find(dir, string(id(12))); err != nil || got.Verdict != pipeline.Allow {
		t.Errorf("an event judged twice: %v, %v; want the last run", got.Verdict, err)
	}
	// An id that is the beginning of another is found as itself.
	dir = write(t, Record{Event: pipeline.Event{ID: "abc"}}, Record{Event: pipeline.Event{ID: "ab"}}, Record{Event: pipeline.Event{ID: "abd"}})
	if got, err := Find(dir, "ab"); err != nil || got.Event.ID != "ab" {
		t.Errorf("got %s, %v", got.Event.ID, err)
	}
	const whole = "01KAP0B4G0ABCDEFGHJKMNPQRS" // a ULID, whose time tells the first day to look at
	dir = write(t, Record{Event: pipeline.Event{ID: whole}})
	if got, err := Find(dir, whole); err != nil || got.Event.ID != whole {
		t.Errorf("got %s, %v", got.Event.ID, err)
	}
}

func TestLast(t *testing.T) {
	var all []Record
	for n := range 300 {
		k := pipeline.KindShow
		if n%10 == 0 {
			k = pipeline.KindTool
		}
		r := kind(n, k)
		r.Event.Post.Text = strings.Repeat(`"kind":"tool"`, n%17) // proves nothing
		if n == 150 {
			r.Event.Post.Text = strings.Repeat("é", 30<<10) // longer than a block, not cut
			r.Event.Command.Text = r.Event.Post.Text
		}
		all = append(all, r)
	}
	dir := filepath.Join(t.TempDir(), "journal")
	w := start(t, Config{Dir: dir, MaxBytes: 30 << 10})
	for i, r := range all {
		w.Append(r)
		if i%7 == 0 {
			w.Flush()
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if n := len(journalFiles(t, dir)); n < 4 {
		t.Fatalf("%d files", n)
	}
	got, err := Last(dir, 20, pipeline.KindTool, pipeline.KindPost)
	if err != nil || len(got) != 20 {
		t.Fatalf("%d records, %v", len(got), err)
	}
	for i, r := range got {
		if want := id(100 + 10*i); r.Event.ID != want {
			t.Errorf("record %d is %s, want %s", i, r.Event.ID, want)
		}
	}
	if got, err := Last(dir, 1000); err != nil || len(got) != 300 || got[0].Event.ID != id(0) {
		t.Errorf("all: %d, %v", len(got), err)
	}
	if got, err := Last(filepath.Join(dir, "missing"), 5); err != nil || len(got) != 0 {
		t.Errorf("no journal: %d, %v", len(got), err)
	}
}

// Backwards gives the lines that forwards gives, whatever their lengths.
func TestBackwardAgrees(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	rapid.Check(t, func(t *rapid.T) {
		lengths := rapid.SliceOfN(rapid.OneOf(rapid.IntRange(1, 50), rapid.IntRange(block-3, block+3), rapid.IntRange(1, 3*block)), 0, 8).Draw(t, "lengths")
		torn := rapid.IntRange(0, 100).Draw(t, "torn")
		var b strings.Builder
		var want []string
		for i, n := range lengths {
			line := strings.Repeat(string(rune('a'+i)), n)
			want = append(want, line)
			b.WriteString(line + "\n")
		}
		b.WriteString(strings.Repeat("t", torn))
		if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		var got []string
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if err := backward(f, func(line []byte) bool { got = append(got, string(line)); return true }); err != nil {
			t.Fatal(err)
		}
		slices.Reverse(got)
		if !slices.Equal(got, want) {
			t.Fatalf("%d lines, want %d", len(got), len(want))
		}
	})
}

func bigJournal(b *testing.B, n int) string {
	records := make([]Record, 0, n)
	for i := range n {
		records = append(records, tool(i))
	}
	dir := filepath.Join(b.TempDir(), "journal")
	w := start(b, Config{Dir: dir, Queue: 2 * n})
	for i, r := range records {
		w.Append(r)
		if i%2000 == 0 {
			w.Flush()
		}
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	return dir
}

// BenchmarkRead is one record of a replay, the judging left out.
func BenchmarkRead(b *testing.B) {
	const n = 5000
	dir := bigJournal(b, n)
	for b.Loop() {
		seen := 0
		if err := Read(dir, time.Time{}, func(Record) error { seen++; return nil }); err != nil || seen != n {
			b.Fatal(fmt.Sprint(seen), err)
		}
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "records/s")
}

// BenchmarkLast500 is the comparison's share of a save.
func BenchmarkLast500(b *testing.B) {
	dir := bigJournal(b, 5000)
	for b.Loop() {
		if got, err := Last(dir, 500, pipeline.KindTool, pipeline.KindPost); err != nil || len(got) != 500 {
			b.Fatal(len(got), err)
		}
	}
}
