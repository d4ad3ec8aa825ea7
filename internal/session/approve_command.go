package session

import (
	"context"

	"ctpipe/internal/markdown"
	"ctpipe/pipeline"
	"ctpipe/stages"
)

// counts asks the reaction rules whether somebody's answer counts, as if they
// had reacted on the card: one set of rules says who decides, however it is said.
// Where it does not count, why is what the rules say.
func (s *Session) counts(ctx context.Context, p *prompt, by pipeline.User, meaning, emoji string) (v vote, why string, ok bool) {
	ev := s.host.event(pipeline.KindReaction, s.root)
	s.mu.Lock()
	ev.Post.ID = p.post
	s.mu.Unlock()
	var err error
	if ev.User, err = s.host.person(ctx, by.ID, s.standsIn(), decisionFor); err != nil {
		s.log.Warn("nobody can say who answered; it does not count", "user", by.ID, "err", err)
	}
	ev.Reaction = pipeline.Reaction{Emoji: emoji, Meaning: meaning, Added: true, Target: p.kind}
	run := s.host.Engine.Judge(ctx, ev)
	for _, e := range run.Effects() {
		if c, ok := e.(pipeline.Count); ok && c.Meaning == meaning {
			return vote{by: c.User, meaning: meaning, added: true}, "", true
		}
	}
	_, top := run.Verdict()
	if top[0].Source == pipeline.SourceRule || top[0].Source == pipeline.SourceHook {
		why = stages.Reasons(top)
	}
	return vote{}, why, false
}

func (s *Session) mayNot(p *prompt, by pipeline.User, why string) {
	s.log.Info("an answer does not count", "user", by.ID, "prompt", p.id, "kind", p.kind)
	s.mu.Lock()
	asks := p.counted(p.asks)
	s.mu.Unlock()
	text := "⛔ " + s.who(by) + " may not answer " + p.id + reasonSuffix(why)
	if len(asks) > 0 {
		text += "; who may: " + markdown.Plain(whoMay(asks, s.host.settings().Approval))
	}
	s.notice(text)
}
