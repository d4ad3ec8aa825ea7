package policy

import (
	"context"
	"errors"
	"testing"

	"ctpipe/pipeline"
)

// TestJournalRequired: a call is denied while the journal cannot be written,
// where [journal] required says so; the tests of a policy pass all the same.
func TestJournalRequired(t *testing.T) {
	const rule = "[[rule]]\nid = \"r\"\non = \"tool\"\nwhen = 'tool.name == \"Read\"'\nthen = \"allow\"\n" +
		"[[test]]\nname = \"reading\"\ntool = { name = \"Read\", input = { file_path = \"x\" } }\nwant = \"allow\"\n"
	for src, want := range map[string]pipeline.Verdict{rule: pipeline.Allow, rule + "[journal]\nrequired = false\n": pipeline.Allow,
		rule + "[journal]\nrequired = true\n": pipeline.Deny} {
		l := write(t, map[string]string{"rules.toml": src})
		l.Stage.Journal = func() error { return errors.New("disk full") }
		p, _, findings := l.Load()
		if p == nil {
			t.Fatal(text(findings))
		}
		ev := &pipeline.Event{Kind: pipeline.KindTool, Tool: pipeline.Tool{Name: "Read", Input: map[string]any{"file_path": "x"}, Cwd: t.TempDir()}}
		if got, _ := p.Snapshot.Judge(context.Background(), ev).Verdict(); got != want {
			t.Errorf("%v, want %v under\n%s", got, want, src)
		}
	}
}
