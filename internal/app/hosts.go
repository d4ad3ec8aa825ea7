package app

import (
	"cmp"
	"context"
	"path/filepath"
	"strings"

	"ctpipe/internal/claude"
	"ctpipe/internal/clock"
	"ctpipe/internal/journal"
	"ctpipe/internal/policy"
	"ctpipe/internal/rules"
	"ctpipe/internal/session"
	"ctpipe/pipeline"
)

// host makes the host of a platform's sessions.
func (s *server) host(alive context.Context, c contact) *session.Host {
	h := session.New(alive, session.Options{
		Platform:  c.platform,
		Chat:      c.client,
		Me:        c.me,
		Channel:   c.channel,
		Team:      c.team,
		MaxRunes:  c.maxRunes,
		Link:      func(post pipeline.PostID) string { return c.client.Permalink(c.team, string(post)) },
		Agents:    sessionAgents{s.agents},
		Store:     s.store,
		Files:     filepath.Join(s.dir, "sessions"),
		Engine:    s.engine,
		Lanes:     s.lanes,
		Settings:  func(snap *pipeline.Snapshot) session.Settings { return settingsOf(snap, c.platform) },
		Redact:    s.screen.Hide,
		Why:       s.whyAsked,
		Clock:     clock.System{},
		Log:       c.log,
		Version:   s.opts.Version,
		Kill:      func() { s.end(nil) },
		Hosts:     s.hosts,
		Rules:     s.rulesState,
		Attention: s.attention,
	})
	s.hosts[c.platform] = h
	return h
}

// settingsOf is what a policy says about the sessions of one platform.
func settingsOf(snap *pipeline.Snapshot, platform pipeline.PlatformID) session.Settings {
	p := policy.Of(snap)
	c := p.Config
	set := session.Settings{
		Dir:       rules.AbsDir(c.WorkingDir),
		Model:     c.Model,
		Mode:      cmp.Or(c.Permissions, pipeline.ModeDefault),
		Worktrees: c.WorktreeMode,
		Chrome:    c.Chrome,
		Max:       c.Limits.MaxSessions,
		Timeout:   c.Limits.SessionTimeout,
		Approval:  snap.Approval,
		Groups:    p.File.AllGroups(),
		OnDuty:    p.File.Rota.OnDuty,
		FileHooks: c.FileHooks,
		MaxFile:   int64(c.Limits.MaxFileMB) << 20,
		Posts:     c.Limits.PostsPerMinute,
		Parked:    c.Limits.ParkedPosts,
		Cards:     c.Limits.OpenCards,
		Sticky:    c.Sticky,
	}
	for _, dir := range p.File.Claude.Roots {
		set.Roots = append(set.Roots, rules.AbsDir(dir))
	}
	if platform == playgroundID {
		set.Allowed = c.Playground.AllowedUsers
		return set
	}
	for _, conf := range c.Platforms {
		if conf.ID == string(platform) {
			set.Allowed = conf.AllowedUsers
		}
	}
	return set
}

// sessionAgents are the agents, as sessions start them.
type sessionAgents struct{ *agents }

// Start implements session.Agents.
func (a sessionAgents) Start(ctx context.Context, s claude.Spec, h claude.Handler) (session.Agent, error) {
	p, err := a.start(ctx, s, h)
	if err != nil {
		return nil, err
	}
	return p, nil
}

// Label implements session.Agents.
func (a sessionAgents) Label() string { return a.label() }

// whyAsked explains a recorded verdict to people in a thread.
func (s *server) whyAsked(ctx context.Context, q session.WhyQuery) (string, error) {
	return s.why(ctx, journal.Query{Event: strings.ToUpper(q.Event), Tool: q.Tool, Thread: q.Thread})
}
