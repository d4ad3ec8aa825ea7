package session

import (
	"context"
	"fmt"
	"strings"
	"time"

	"ctpipe/internal/desk"
	"ctpipe/pipeline"
)

// modeWords are the modes as people write them behind !permissions.
var modeWords = map[string]pipeline.Mode{
	"interactive": pipeline.ModeDefault, "default": pipeline.ModeDefault,
	"auto": pipeline.ModeAuto, "bypass": pipeline.ModeBypass,
}

// permissions changes what happens to calls that nothing votes on. Chat only
// lowers the mode; raise is how far a command rule lets this person raise it. Going back to interactive ends the grants too.
func (s *Session) permissions(e pipeline.Control) {
	want, ok := modeWords[strings.ToLower(e.Args[0])]
	if !ok {
		s.notice("Usage: `!permissions interactive` (or `auto`, `bypass`, where a rule lets you raise the mode)")
		return
	}
	set := s.host.settings()
	s.mu.Lock()
	have, agent := s.about.modeUnder(set.Mode), s.hands.agent
	raised := want.Rank() > have.Rank()
	refused := raised && want.Rank() > e.Raise.Rank()
	same := want.Rank() == have.Rank() && (want != pipeline.ModeDefault || len(s.desk.Grants()) == 0)
	if !refused && !same {
		s.about.Mode, s.about.Raised = want, want.Rank() > set.Mode.Rank()
		if want == pipeline.ModeDefault {
			s.desk.EndGrants(desk.AllGrants)
		}
	}
	s.mu.Unlock()
	switch {
	case refused:
		s.log.Warn("raising the mode is refused", "user", e.By.ID, "mode", want)
		s.notice(fmt.Sprintf("⚠️ Cannot upgrade to %s permissions - can only downgrade to interactive", want))
		return
	case same && want == pipeline.ModeDefault:
		s.notice("ℹ️ Permissions are already interactive for this session")
		return
	case same:
		s.notice(fmt.Sprintf("ℹ️ The permission mode is already %s for this session", want))
		return
	}
	s.log.Info("permission mode changed", "user", e.By.ID, "from", have, "to", want)
	s.notice(modeNotice(want) + desk.Who(e.By))
	s.header()
	s.save()
	if agent != nil && cliMode(have) != cliMode(want) {
		go s.tellMode(agent, cliMode(want))
	}
}

func modeNotice(m pipeline.Mode) string {
	switch m {
	case pipeline.ModeAuto:
		return "🔐 **Permission mode: Auto** – Claude's own auto mode decides what to ask, by "
	case pipeline.ModeBypass:
		return "⚡ **Permission mode: Bypass** – what no rule asks for runs unasked, by "
	}
	return "🔐 **Permission mode: Default** – interactive permissions enabled for this session by "
}

// tellMode passes the mode on to the CLI. Should that fail, the gate holds all
// the same: in default mode it answers ask itself.
func (s *Session) tellMode(agent Agent, mode string) {
	defer s.contain("changing claude's mode", func() {})
	ctx, cancel := context.WithTimeout(s.host.ctx, 10*time.Second)
	defer cancel()
	if _, err := agent.Control(ctx, "set_permission_mode", map[string]any{"mode": mode}); err != nil {
		s.log.Error("claude does not take its new mode", "mode", mode, "err", err)
	}
}
