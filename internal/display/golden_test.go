package display

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ctpipe/internal/claude"
)

var update = flag.Bool("update", false, "write the golden files anew")

// sample is one line of testdata: a call, and how it ended.
type sample struct {
	From    string              `json:"from"` // a recording, or what the sample is about
	TookMS  int                 `json:"took_ms"`
	Options Options             `json:"options"`
	Use     claude.ToolUseBlock `json:"use"`
	User    *claude.User        `json:"user"` // nil: it has not ended
	Change  *FileChange         `json:"change"`
}

func (s sample) input() map[string]any {
	var in map[string]any
	_ = json.Unmarshal(s.Use.Input, &in)
	return in
}

func (s sample) outcome() Outcome {
	for _, b := range s.User.Message.Content {
		if r, ok := b.(claude.ToolResultBlock); ok {
			out := Ended(s.User, r, time.Duration(s.TookMS)*time.Millisecond)
			out.Change = s.Change
			return out
		}
	}
	return Outcome{}
}

func samples(t testing.TB, path string) []sample {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var all []sample
	for i, line := range bytes.Split(bytes.TrimSpace(data), []byte("\n")) {
		s := sample{Options: Options{Home: "/home/user"}}
		if err := json.Unmarshal(line, &s); err != nil {
			t.Fatalf("%s:%d: %v", path, i+1, err)
		}
		all = append(all, s)
	}
	return all
}

func everySample(t testing.TB) map[string][]sample {
	t.Helper()
	files, err := filepath.Glob("testdata/*/*.jsonl")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d files of samples, %v", len(files), err)
	}
	all := map[string][]sample{}
	for _, f := range files {
		all[f] = samples(t, f)
	}
	return all
}

// Every tool of the recordings, and what they lack, as the thread shows it:
// while it runs, and when it has ended (STR-05, STR-09, D10).
func TestGolden(t *testing.T) {
	for path, all := range everySample(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			var got strings.Builder
			for i, s := range all {
				in := s.input()
				fmt.Fprintf(&got, "<!-- %d: %s, running -->\n\n%s\n\n", i+1, s.From, Call(s.Use.Name, in, s.Options))
				if s.User != nil {
					fmt.Fprintf(&got, "<!-- %d: %s, ended -->\n\n%s\n\n", i+1, s.From, Result(s.Use.Name, in, s.outcome(), s.Options))
					line := s.Options
					line.Verbosity = Line
					if s.Options.Verbosity == "" {
						fmt.Fprintf(&got, "<!-- %d: %s, line -->\n\n%s\n\n", i+1, s.From, Result(s.Use.Name, in, s.outcome(), line))
					}
				}
			}
			golden(t, strings.TrimSuffix(path, ".jsonl")+".md", got.String())
		})
	}
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (go test -update writes it anew):\n%s", path, got)
	}
}
