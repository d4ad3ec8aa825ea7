package session

import (
	"cmp"
	"slices"

	"ctpipe/internal/display"
	"ctpipe/internal/outbox"
	"ctpipe/pipeline"
)

// header posts the first post of a session: what runs here, where, and how. A
// session that has one already keeps it.
func (s headline) header() {
	n := s.host.slots().active()
	s.Lock()
	if s.about.Header == "" {
		s.about.Header = s.NewKey("header")
	}
	if s.about.Number == 0 {
		s.about.Number = n
	}
	s.Unlock()
	s.refreshHeader()
}

// farewell leaves the posts of a session that has ended as they are.
func (s headline) farewell() {
	s.refreshHeader()
	s.Lock()
	defer s.Unlock()
	if s.about.Header != "" {
		s.Out.Seal(s.about.Header)
	}
	if s.pause.Key != "" {
		s.pacer().putPauseLocked("⏹️ *Session ended*") // nobody is to wait for its time-out, or to resume it
	}
	s.pacer().endPauseLocked()
}

// refreshHeader brings the header up to date. The outbox edits the post only if
// something changed, and not more often than the server bears.
func (s headline) refreshHeader() {
	snap := s.host.Engine.Snapshot()
	set := s.host.Settings(snap)
	attention := s.attention(snap)
	s.lookAround()
	s.Lock()
	defer s.Unlock()
	if s.about.Header == "" {
		return // nobody has seen it begin
	}
	head := s.headerLocked(set, snap.Rev)
	head.Attention = attention
	text := head.Markdown(shownPaths())
	s.Out.Put(s.about.Header, outbox.Draft{Text: s.host.fit(text), Props: outbox.Props("header")})
}

// headerLocked is what the header says.
func (s headline) headerLocked(set Settings, rev pipeline.Rev) display.Header {
	head := display.Header{Version: s.host.Version, Agent: s.host.Agents.Label(),
		Dir: s.about.Dir, Owner: s.name(s.about.Owner), Session: s.about.Number, MaxSessions: set.Max, ID: s.process.Conversation,
		Permissions: display.PermissionsOf(s.about.ModeUnder(set.Mode)), Chrome: set.Chrome, Model: cmp.Or(s.process.Model, s.about.Model), Rules: pipeline.ShortRev(rev),
		ContextUsed: s.process.Used, ContextSize: s.process.Size, Cost: s.process.Cost}
	if s.about.Git.Linked {
		head.Worktree, head.WorktreeFrom = orDetached(s.about.Git.Branch), s.about.Git.From
	} else {
		head.Branch = s.about.Git.Branch
	}
	for _, id := range s.about.Others() {
		head.Participants = append(head.Participants, s.name(id))
	}
	slices.Sort(head.Participants)
	for _, g := range s.Desk.Grants() {
		head.Grants = append(head.Grants, g.ID+" by "+s.name(g.By))
	}
	for _, l := range s.about.Labels {
		head.Labels = append(head.Labels, l.Key+": "+l.Value)
	}
	if len(set.Allowed) == 0 {
		head.Warnings = []string{"no allowed_users: anyone in this channel may use Claude"}
	}
	return head
}
