package app

import (
	"errors"
	"fmt"
	"os"
	"os/exec"

	"ctpipe/internal/policy"
	"ctpipe/internal/rules"
	"ctpipe/pipeline"
)

// announce says what was found, in the first two of three lines; the third,
// where the chat is, follows when it is there.
func (s *server) announce(p *policy.Policy) {
	fmt.Fprintf(s.opts.Stdout, "ctpipe %s · %s: rev %s in force · %d rules, %d hooks, %d tests\n", s.opts.Version, s.opts.Rules,
		pipeline.ShortRev(p.Snapshot.Rev), len(p.File.Rules), len(p.File.Hooks), len(p.File.Tests))
	argv, rehearses, err := s.agents.command()
	switch {
	case err != nil:
		fmt.Fprintf(s.opts.Stdout, "agent: %v\n", err)
	case rehearses && p.Config.Command == "":
		fmt.Fprintln(s.opts.Stdout, "agent: the rehearsal agent, scripted and not Claude: no `claude` on PATH (npm install -g @anthropic-ai/claude-code)")
	case rehearses:
		fmt.Fprintln(s.opts.Stdout, "agent: the rehearsal agent, scripted and not Claude, as [claude] command says")
	default:
		missing := ""
		if _, err := exec.LookPath(argv[0]); err != nil {
			missing = fmt.Sprintf(", which cannot be run (%v): no session can start; set -claude, CLAUDE_PATH or [claude] command", errors.Unwrap(err))
		}
		fmt.Fprintf(s.opts.Stdout, "agent: %s%s\n", argv[0], missing)
	}
	s.caution(p.Config)
}

// caution logs what a start does not fail on, but somebody should know of.
func (s *server) caution(c rules.Config) {
	dir := rules.AbsDir(c.WorkingDir)
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		s.log.Warn("no session can start in the working directory; set -dir or [claude] working_dir", "dir", dir, "err", err)
	}
	if c.Permissions == pipeline.ModeBypass {
		s.log.Warn("permissions are bypass: what nobody votes on runs without asking")
	}
}
