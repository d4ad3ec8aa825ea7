package session

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"ctpipe/internal/display"
	"ctpipe/internal/state"
	"ctpipe/pipeline"
)

const (
	recentMost = 5                  // paused sessions that the sticky post lists
	recentFor  = 3 * 24 * time.Hour // since they were active last
)

// boardText is what the sticky post says; live: sessions run.
func (h *Host) boardText(ctx context.Context) (text string, live bool, err error) {
	set, now := h.settings(), h.Clock.Now()
	h.mu.Lock()
	all := slices.DeleteFunc(h.all(), func(s *Session) bool { return !s.slot || h.closed })
	h.mu.Unlock()
	b := display.Sticky{Version: h.Version, Mode: permissions(set.Mode), Max: set.Max, Uptime: now.Sub(h.began)}
	running := map[pipeline.ThreadID]bool{}
	for _, s := range all {
		running[s.thread] = true
		b.Sessions = append(b.Sessions, s.listing(now))
	}
	slices.SortFunc(b.Sessions, func(x, y display.StickySession) int {
		if x.Quiet != y.Quiet {
			return int(x.Quiet - y.Quiet)
		}
		return strings.Compare(x.Root, y.Root)
	})
	if b.Recent, err = h.recent(ctx, running, now); err != nil {
		return "", false, err
	}
	return h.fit(b.Markdown()), len(all) > 0, nil
}

// listing is the session's line in the sticky post.
func (s *Session) listing(now time.Time) display.StickySession {
	set := s.host.settings()
	s.mu.Lock()
	defer s.mu.Unlock()
	e := display.StickySession{Root: string(s.root), Topic: s.host.clean(s.top.title), Owner: s.name(s.owner),
		Mode: permissions(s.modeUnder(set)), Quiet: now.Sub(s.active).Truncate(time.Minute)}
	for _, t := range s.words.Tasks().Items {
		e.Tasks++
		if t.Status == "completed" {
			e.Done++
		}
	}
	for _, p := range s.prompts {
		e.Waits = append(e.Waits, promptIcon(p.kind))
	}
	return e
}

// promptIcon shows what kind of answer a session waits for.
func promptIcon(kind string) string {
	icons := map[string]string{"tool": "⚠️", "plan": "📋", "question": "❓", "message": "💬", "worktree": "🌿", "context": "🧵"}
	if icon := icons[kind]; icon != "" {
		return icon
	}
	return "⏳"
}

// recent are the sessions that were paused last.
func (h *Host) recent(ctx context.Context, running map[pipeline.ThreadID]bool, now time.Time) ([]display.StickySession, error) {
	if h.Store == nil {
		return nil, nil
	}
	records, err := h.Store.Sessions(ctx) // the one that was active last first
	if err != nil {
		return nil, err
	}
	var out []display.StickySession
	for _, v := range records {
		if v.Platform != h.Platform || running[v.Thread] || len(out) == recentMost || now.Sub(v.LastActive) > recentFor {
			continue
		}
		out = append(out, h.pastListing(v, now))
	}
	return out, nil
}

func (h *Host) pastListing(v state.Session, now time.Time) display.StickySession {
	var more extra
	_ = json.Unmarshal(v.Extra, &more) // what cannot be read has no topic
	return display.StickySession{Root: strings.TrimPrefix(string(v.Thread), string(h.Platform)+":"),
		Topic: h.clean(more.Kept.Title), Owner: more.Kept.Names[v.Owner], Quiet: now.Sub(v.LastActive).Truncate(time.Minute)}
}
