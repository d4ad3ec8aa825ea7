package app

import (
	"context"
	"os"

	"ctpipe/internal/policy"
	"ctpipe/stages"
)

// secure gets the tokens of the policy that is going to be in force: one that
// waits for a person has no command run and no server spoken to. From then on
// nothing shows them.
func (s *server) secure(ctx context.Context, p *policy.Policy) (*policy.Policy, error) {
	for _, conf := range p.Config.Platforms {
		token, err := s.opts.Env.Token(ctx, conf)
		if err != nil {
			return nil, &SetupError{err}
		}
		s.tokens[conf.ID] = token
		s.loader.Stage.Secrets = append(s.loader.Stage.Secrets, token)
	}
	s.loader.Stage.Secrets = append(s.loader.Stage.Secrets, s.opts.Env.Values()...)
	s.loader.Stage.Secrets = append(s.loader.Stage.Secrets, stages.SecretValues(os.Environ())...)
	s.screen.Use(stages.Redactor(&s.loader.Stage))
	next, err := s.loader.Rechain(p)
	if err != nil {
		return nil, &SetupError{err}
	}
	return next, nil
}
