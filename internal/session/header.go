package session

import (
	"slices"

	"ctpipe/internal/claude"
	"ctpipe/internal/display"
	"ctpipe/pipeline"
)

// top is the session's first post and what it says beside the session's own
// fields. The session's lock guards it.
type top struct {
	key    string
	number int               // of the session when it began
	people []pipeline.UserID // who has taken part, in order
	used   int               // tokens that the conversation takes up
	size   int               // tokens that the model has room for; 0: not known
}

// header posts the first post of a session: what runs here, where, and how.
func (s *Session) header() {
	s.host.mu.Lock()
	n := s.host.active()
	s.host.mu.Unlock()
	key := s.key("header")
	s.mu.Lock()
	s.top.key, s.top.number = key, n
	s.mu.Unlock()
	s.refreshHeader()
}

// refreshHeader brings the header up to date. The outbox edits the post only if
// something changed, and not more often than the server bears.
func (s *Session) refreshHeader() {
	set, rev := s.host.settings(), s.host.Engine.Snapshot().Rev
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.top.key == "" {
		return // its post is from before a restart
	}
	text := s.headerOf(set, rev).Markdown(shownAs(""))
	s.out.Put(s.top.key, Draft{Text: s.host.fit(text), Props: props("header")})
}

// headerOf is what the header says; the lock is held.
func (s *Session) headerOf(set Settings, rev pipeline.Rev) display.Header {
	head := display.Header{Version: s.host.Version, Agent: s.host.Agents.Label(),
		Dir: s.dir, Owner: s.name(s.owner), Session: s.top.number, MaxSessions: set.Max, ID: s.claudeID,
		Permissions: permissions(s.mode), Chrome: set.Chrome, Model: s.runs, Rules: short(rev),
		ContextUsed: s.top.used, ContextSize: s.top.size, Cost: s.cost}
	if head.Model == "" {
		head.Model = s.model
	}
	others := slices.Clone(s.top.people)
	for id := range s.invited {
		if !slices.Contains(others, id) {
			others = append(others, id)
		}
	}
	for _, id := range others {
		if id != s.owner {
			head.Participants = append(head.Participants, s.name(id))
		}
	}
	slices.Sort(head.Participants)
	for _, g := range s.grants {
		head.Grants = append(head.Grants, g.ID+" by @"+zeroWidth+s.name(g.By))
	}
	if len(set.Allowed) == 0 {
		head.Warnings = []string{"no allowed_users: anyone in this channel may use Claude"}
	}
	return head
}

// fills notes how full the conversation is; the lock is held. What a reply says
// of its tokens is for the whole conversation so far.
func (s *Session) fills(m *claude.Assistant) {
	u := m.Message.Usage
	n := u.InputTokens + u.CacheReadInputTokens + u.CacheCreationInputTokens
	if m.ParentToolUseID == "" && m.Message.Model != claude.SyntheticModel && n > 0 {
		s.top.used = n
	}
}

// tookPart notes who writes to Claude; the lock is held.
func (s *Session) tookPart(id pipeline.UserID) {
	if id != "" && !slices.Contains(s.top.people, id) {
		s.top.people = append(s.top.people, id)
	}
}

func permissions(m pipeline.Mode) display.Permissions {
	switch m {
	case pipeline.ModeAuto:
		return display.Auto
	case pipeline.ModeBypass:
		return display.Bypass
	}
	return display.Interactive
}

// short is a revision as people read it.
func short(r pipeline.Rev) string { return string(r)[:min(6, len(r))] }
