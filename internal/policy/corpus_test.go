package policy

import (
	"bufio"
	"encoding/json"
	"os"
	"testing"

	"ctpipe/internal/rules"
	"ctpipe/pipeline"
)

// The shell's corpus under the shipped rules, through all stages: every case
// has its verdict, and none that must ask or must deny is ever allowed. The
// corpus is about facts alone: what it asks about, the rule on force-pushes and
// the floor may deny.
func TestCorpusUnderShippedRules(t *testing.T) {
	l := loaderOf("../..")
	p, _, findings := l.LoadUntested()
	if p == nil {
		t.Fatal(text(findings))
	}
	b, err := l.bench(p)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open("../shell/testdata/corpus.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	cases := 0
	for sc := bufio.NewScanner(f); sc.Scan(); cases++ {
		var w struct{ ID, Command, Verdict string }
		if err := json.Unmarshal(sc.Bytes(), &w); err != nil {
			t.Fatal(err)
		}
		c := Case{File: p.File, Test: rules.Test{Name: w.ID, Index: -1, Want: pipeline.Deny, Event: pipeline.Event{Kind: pipeline.KindTool,
			Session: pipeline.Session{Dir: "/w"}, Tool: pipeline.Tool{Name: "Bash", Input: map[string]any{"command": w.Command}}}}}
		res := b.run(t.Context(), c)
		if res.Run == nil {
			t.Fatalf("%s: %s", w.ID, res.Why)
		}
		got, by := res.Run.Verdict()
		refused := w.Verdict == "ask" && got == pipeline.Deny && (by[0].By == "no-force-push" || by[0].By == "protected")
		if got.String() != w.Verdict && !refused {
			t.Errorf("%s: %.80q is %s (%v), want %s", w.ID, w.Command, got, by[0].By, w.Verdict)
		}
	}
	if cases < 400 {
		t.Errorf("%d cases", cases)
	}
}
