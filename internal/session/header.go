package session

import (
	"slices"

	"ctpipe/internal/claude"
	"ctpipe/internal/display"
	"ctpipe/internal/outbox"
	"ctpipe/pipeline"
)

// top is the session's first post and what it says beside the session's own
// fields. The session's lock guards it.
type top struct {
	key    string
	number int                        // of the session when it began
	people []pipeline.UserID          // who has taken part, in order
	used   int                        // tokens that the conversation takes up
	size   int                        // tokens that the model has room for; 0: not known
	before float64                    // dollars of the conversations before /clear
	title  string                     // the head of the first message
	labels []label                    // that hooks put on its events, the latest last
	names  map[pipeline.UserID]string // as they were before a restart; never changed
}

// header posts the first post of a session: what runs here, where, and how. A
// session that has one already keeps it.
func (s *Session) header() {
	s.host.mu.Lock()
	n := s.host.active()
	s.host.mu.Unlock()
	s.mu.Lock()
	if s.top.key == "" {
		s.top.key = s.key("header")
	}
	if s.top.number == 0 {
		s.top.number = n
	}
	s.mu.Unlock()
	s.refreshHeader()
}

// farewell leaves the posts of a session that has ended as they are.
func (s *Session) farewell() {
	s.refreshHeader()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.top.key != "" {
		s.out.Seal(s.top.key)
	}
	if s.life.key != "" {
		s.putLife("⏹️ *Session ended*") // nobody is to wait for its time-out, or to resume it
	}
	s.endLife()
}

// refreshHeader brings the header up to date. The outbox edits the post only if
// something changed, and not more often than the server bears.
func (s *Session) refreshHeader() {
	snap := s.host.Engine.Snapshot()
	set := s.host.Settings(snap)
	attention := s.attention(snap)
	s.lookAround()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.top.key == "" {
		return // nobody has seen it begin
	}
	head := s.headerOf(set, snap.Rev)
	head.Attention = attention
	text := head.Markdown(shownPaths())
	s.out.Put(s.top.key, outbox.Draft{Text: s.host.fit(text), Props: outbox.Props("header")})
}

// headerOf is what the header says; the lock is held.
func (s *Session) headerOf(set Settings, rev pipeline.Rev) display.Header {
	head := display.Header{Version: s.host.Version, Agent: s.host.Agents.Label(),
		Dir: s.dir, Owner: s.name(s.owner), Session: s.top.number, MaxSessions: set.Max, ID: s.claudeID,
		Permissions: permissions(s.modeUnder(set)), Chrome: set.Chrome, Model: s.runs, Rules: short(rev),
		ContextUsed: s.top.used, ContextSize: s.top.size, Cost: s.cost}
	if head.Model == "" {
		head.Model = s.model
	}
	if s.at.Linked {
		head.Worktree, head.WorktreeFrom = orDetached(s.at.Branch), s.at.From
	} else {
		head.Branch = s.at.Branch
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
		head.Grants = append(head.Grants, g.ID+" by "+s.name(g.By))
	}
	for _, l := range s.top.labels {
		head.Labels = append(head.Labels, l.Key+": "+l.Value)
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
