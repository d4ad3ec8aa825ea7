package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"ctpipe/internal/clock"
	"ctpipe/internal/mattermost"
	"ctpipe/internal/playground"
	"ctpipe/internal/policy"
	"ctpipe/internal/rules"
	"ctpipe/internal/session"
	"ctpipe/pipeline"
)

// connectWait bounds the first contact with a chat server.
const connectWait = 30 * time.Second

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
			return nil, &setupError{fmt.Errorf("platform %s (%s): %w", conf.ID, conf.URL, err)}
		}
		c.hello = sync.OnceFunc(func() {
			fmt.Fprintf(s.stdout, "listening: %s, channel %s, as @%s\n", conf.URL, conf.Channel, conf.BotName)
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
		return nil, &setupError{err}
	}
	if err := srv.Start(); err != nil {
		return nil, &setupError{err}
	}
	conf := rules.Platform{ID: "playground", URL: srv.APIURL(), Channel: srv.ChannelID(), BotName: srv.BotName()}
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
		fmt.Fprintf(s.stdout, "listening: no [[platform]] in rules.toml, so the playground chat is at %s\n", srv.URL())
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
	ctx, cancel := context.WithTimeout(ctx, connectWait)
	defer cancel()
	me, err := client.Me(ctx)
	if err != nil {
		return nil, explainLink(err)
	}
	if conf.BotName != "" && !strings.EqualFold(me.Username, conf.BotName) {
		return nil, fmt.Errorf("the token belongs to @%s, but bot_name is %q", me.Username, conf.BotName)
	}
	channel, team, err := findChannel(ctx, client, conf.Channel)
	if err != nil {
		return nil, err
	}
	limits, err := client.Limits(ctx)
	if err != nil {
		return nil, err
	}
	id := pipeline.PlatformID(conf.ID)
	host := session.New(alive, session.Options{
		Platform: id, Chat: client, Me: me, Channel: channel, Team: team, MaxRunes: limits.MaxPostRunes,
		Link:   func(post pipeline.PostID) string { return client.Permalink(team, string(post)) },
		Agents: s.agents, Store: s.store, Files: filepath.Join(s.stateDir, "sessions"), Engine: s.engine, Lanes: s.lanes,
		Settings: func(snap *pipeline.Snapshot) session.Settings { return settingsOf(snap, conf.ID) },
		Redact:   s.redact, Why: s.why,
		Clock: clock.System{}, Log: log, Version: version, Kill: s.kill,
		Hosts: s.hosts, Rules: s.rulesState, Attention: s.attention,
	})
	s.hosts[id] = host
	return &chat{client: client, host: host, log: log, close: func(context.Context) {}}, nil
}

// findChannel takes an id or team/name.
func findChannel(ctx context.Context, client *mattermost.Client, name string) (mattermost.Channel, string, error) {
	if team, channel, ok := strings.Cut(name, "/"); ok {
		t, err := client.TeamByName(ctx, team)
		if err != nil {
			return mattermost.Channel{}, "", fmt.Errorf("team %q: %w", team, err)
		}
		c, err := client.ChannelByName(ctx, team, channel)
		if err != nil {
			return mattermost.Channel{}, "", fmt.Errorf("channel %q: %w (is the bot a member?)", name, err)
		}
		return c, t.Name, nil
	}
	c, err := client.Channel(ctx, name)
	if err != nil {
		return mattermost.Channel{}, "", fmt.Errorf("channel %q: %w (is the bot a member?)", name, err)
	}
	team := ""
	if c.TeamID != "" {
		if t, err := client.Team(ctx, c.TeamID); err == nil {
			team = t.Name
		}
	}
	return c, team, nil
}

// explainLink says what to do about a refused or unreachable server (NET-09).
func explainLink(err error) error {
	if errors.Is(err, mattermost.ErrUnauthorized) {
		return fmt.Errorf("the server refuses the bot's token: %w", err)
	}
	return err
}

// settingsOf is what a policy says about the sessions of one platform.
func settingsOf(snap *pipeline.Snapshot, platform string) session.Settings {
	p := policy.Of(snap)
	c := p.Config
	set := session.Settings{Dir: absDir(c.WorkingDir), Model: c.Model, Mode: cmp.Or(c.Permissions, pipeline.ModeDefault),
		Worktrees: c.WorktreeMode, Chrome: c.Chrome, Max: c.Limits.MaxSessions, Timeout: c.Limits.SessionTimeout, Approval: snap.Approval, Groups: p.File.AllGroups(), OnDuty: p.File.Rota.OnDuty,
		FileHooks: c.FileHooks, MaxFile: int64(c.Limits.MaxFileMB) << 20, Posts: c.Limits.PostsPerMinute, Parked: c.Limits.ParkedPosts, Cards: c.Limits.OpenCards,
		Sticky: c.Sticky}
	for _, dir := range p.File.Claude.Roots {
		set.Roots = append(set.Roots, absDir(dir))
	}
	if platform == "playground" {
		set.Allowed = c.Playground.AllowedUsers
		return set
	}
	for _, conf := range c.Platforms {
		if conf.ID == platform {
			set.Allowed = conf.AllowedUsers
		}
	}
	return set
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
