package app

import (
	"context"
	"fmt"
	"log/slog"
	"sync"

	"ctpipe/internal/mattermost"
	"ctpipe/internal/playground"
	"ctpipe/internal/policy"
	"ctpipe/internal/rules"
	"ctpipe/internal/session"
	"ctpipe/pipeline"
)

// playgroundID is the platform that the built-in chat is.
const playgroundID = "playground"

// chat is one platform: its client, its host, and for the playground the
// server itself.
type chat struct {
	client *mattermost.Client
	host   *session.Host
	log    *slog.Logger
	close  func(context.Context)
	hello  func() // says where people find it, once somebody listens
}

// connect opens the platforms of the policy, or the playground where there is
// none. It says where people find it.
func (s *server) connect(ctx, alive context.Context, p *policy.Policy) ([]*chat, error) {
	if len(p.Config.Platforms) == 0 {
		c, err := s.playground(ctx, alive, p)
		if err != nil {
			return nil, err
		}
		return []*chat{c}, nil
	}
	var out []*chat
	for _, conf := range p.Config.Platforms {
		c, err := s.platform(ctx, alive, conf, s.tokens[conf.ID])
		if err != nil {
			return nil, &SetupError{fmt.Errorf("platform %s (%s): %w", conf.ID, conf.URL, err)}
		}
		c.hello = sync.OnceFunc(func() {
			fmt.Fprintf(s.opts.Stdout, "listening: %s, channel %s, as @%s\n", conf.URL, conf.Channel, conf.BotName)
		})
		out = append(out, c)
	}
	return out, nil
}

// playground starts the built-in chat and connects to it like to any other.
func (s *server) playground(ctx, alive context.Context, p *policy.Policy) (*chat, error) {
	srv, err := playground.New(playground.Config{Listen: p.Config.Playground.Listen,
		Allowed: p.Config.Playground.AllowedUsers, Log: s.log})
	if err != nil {
		return nil, &SetupError{err}
	}
	if err := srv.Start(); err != nil {
		return nil, &SetupError{err}
	}
	conf := rules.Platform{ID: playgroundID, URL: srv.APIURL(), Channel: srv.ChannelID(), BotName: srv.BotName()}
	c, err := s.platform(ctx, alive, conf, srv.BotToken())
	if err != nil {
		return nil, fmt.Errorf("connecting to the playground: %w", err)
	}
	c.close = func(ctx context.Context) {
		if err := srv.Close(ctx); err != nil {
			s.log.Warn("closing the playground", "err", err)
		}
	}
	c.hello = sync.OnceFunc(func() {
		fmt.Fprintf(s.opts.Stdout, "listening: no [[platform]] in rules.toml, so the playground chat is at %s\n", srv.URL())
	})
	return c, nil
}

// platform connects to a chat server and makes the host of its sessions.
func (s *server) platform(ctx, alive context.Context, conf rules.Platform, token string) (*chat, error) {
	log := s.log.With("platform", conf.ID)
	client, err := mattermost.New(mattermost.Config{URL: conf.URL, Token: token, Log: log})
	if err != nil {
		return nil, err
	}
	found := contact{platform: pipeline.PlatformID(conf.ID), client: client, log: log}
	if err := found.look(ctx, conf); err != nil {
		return nil, err
	}
	return &chat{client: client, host: s.host(alive, found), log: log, close: func(context.Context) {}}, nil
}

// state logs how the link to the chat server is doing, and has what was missed
// read again.
func (c *chat) state(st mattermost.State) {
	switch st.Kind {
	case mattermost.Lost:
		c.log.Warn("the chat is out of reach", "attempt", st.Attempt, "retry", st.Retry, "err", st.Err)
	case mattermost.Gap:
		c.log.Info("the chat is back; what was written meanwhile is read")
		c.host.CatchUp(st.Since)
	default:
		c.hello() // not before: a mention that nobody hears would be lost
		c.host.Connected()
		c.log.Debug("the chat is connected", "state", st.Kind)
	}
}
