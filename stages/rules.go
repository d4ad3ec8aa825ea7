package stages

import (
	"context"

	"ctpipe/internal/rules"
	"ctpipe/pipeline"
)

// newRules is the gate where the rules of rules.toml vote.
func newRules(b *Build) (pipeline.Stage, error) {
	return pipeline.StageFunc(func(_ context.Context, r *pipeline.Run) error {
		out := b.Rules.Judge(r.Event)
		r.VoteAll(out.Votes)
		r.Settings.Merge(ruleSettings(out.Settings))
		tell(r, &out)
		return nil
	}), nil
}

func ruleSettings(s rules.Settings) pipeline.Settings {
	return pipeline.Settings{Style: s.Style, MaxLines: s.MaxLines, Template: s.Template, Raise: s.Raise,
		Set: pipeline.StartSet{Dir: s.Start.Dir, Model: s.Start.Model, Mode: s.Start.Mode}}
}
