package app

import (
	"time"

	"ctpipe/internal/command"
	"ctpipe/internal/diag"
)

// rulesState is how the policy is doing, for !rules and !status.
func (s *server) rulesState() command.RulesState {
	p, since, refused := s.live.Current()
	st := command.RulesState{
		Rev:   p.Snapshot.Rev,
		Since: since,
		Rules: len(p.File.Rules),
		Hooks: len(p.File.Hooks),
		Tests: len(p.File.Tests),
	}
	if p.Hooks != nil {
		st.Circuits = p.Hooks.Open()
	}
	if line := s.change.Load(); line != nil {
		st.Change = s.screen.Hide(*line)
	}
	if refused == nil {
		return st
	}
	st.Refused, st.Held = refused.Rev, refused.Held
	st.Stale = max(time.Since(refused.Since), time.Second)
	for _, f := range refused.Findings {
		if f.Level == diag.Error {
			st.Errors = append(st.Errors, s.screen.Hide(f.String()))
		}
	}
	return st
}
