package app

import (
	"bytes"
	"strings"
	"testing"

	"ctpipe/internal/policy"
	"ctpipe/internal/rules"
	"ctpipe/pipeline"
)

// TestAnnounceWhatIsWrong: a claude or a directory that is not there, and a mode
// that asks nobody, are said at the start and not only by the first session.
func TestAnnounceWhatIsWrong(t *testing.T) {
	p := &policy.Policy{Snapshot: &pipeline.Snapshot{Rev: "abcdef0123"}, File: &rules.File{}}
	p.Config.Command, p.Config.WorkingDir, p.Config.Permissions = "no-such-claude", t.TempDir()+"/gone", pipeline.ModeBypass
	var out, log bytes.Buffer
	s := &server{opts: Options{Rules: "rules.toml", Stdout: &out}, log: newLogger(&log, "info", func(s string) string { return s }),
		agents: &agents{config: func() rules.Config { return p.Config }}}
	s.announce(p)
	if !strings.Contains(out.String(), "agent: no-such-claude, which cannot be run (") || strings.Count(out.String(), "\n") != 2 {
		t.Errorf("said:\n%s", out.String())
	}
	for _, want := range []string{"no session can start in the working directory", "/gone", "permissions are bypass"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log lacks %q:\n%s", want, log.String())
		}
	}
}
