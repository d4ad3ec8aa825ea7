package session

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"ctpipe/internal/board"
	"ctpipe/internal/desk"
	"ctpipe/internal/display"
	"ctpipe/internal/state"
	"ctpipe/pipeline"
)

const (
	recentMost = 5                  // paused sessions that the channel's list has
	recentFor  = 3 * 24 * time.Hour // since they were active last
)

// listing is what the channel's list shows now.
func (h channel) listing(ctx context.Context) (v board.Listing, err error) {
	set, now := h.settings(), h.Clock.Now()
	h.mu.Lock()
	all := slices.DeleteFunc(h.slots().allLocked(), func(s *Session) bool { return !s.hands.slot || h.stopping.Load() })
	h.mu.Unlock()
	v.Wanted = set.Sticky
	v.Version, v.Mode, v.Max, v.Uptime = h.Version, display.PermissionsOf(set.Mode), set.Max, now.Sub(h.began)
	running := map[pipeline.ThreadID]bool{}
	for _, s := range all {
		running[s.Thread.ID] = true
		v.Sessions = append(v.Sessions, s.headline().listing(now))
	}
	v.Recent, err = h.recent(ctx, running, now)
	return v, err
}

// listing is the session's line in the channel's list.
func (s headline) listing(now time.Time) display.StickySession {
	set := s.host.settings()
	s.Lock()
	defer s.Unlock()
	e := display.StickySession{Root: string(s.Root), Topic: s.host.clean(s.about.Title), Owner: s.name(s.about.Owner),
		Mode: display.PermissionsOf(s.about.ModeUnder(set.Mode)), Quiet: now.Sub(s.pause.Active).Truncate(time.Minute)}
	for _, t := range s.words.Tasks().Items {
		e.Tasks++
		if t.Status == "completed" {
			e.Done++
		}
	}
	for _, p := range s.Desk.Prompts() {
		if !p.Pending {
			e.Waits = append(e.Waits, promptIcon(p.Kind))
		}
	}
	return e
}

// promptIcon shows what kind of answer a session waits for.
func promptIcon(kind desk.Kind) string {
	icons := map[desk.Kind]string{"tool": "⚠️", "plan": "📋", "question": "❓", "message": "💬", "worktree": "🌿", "context": "🧵"}
	if icon := icons[kind]; icon != "" {
		return icon
	}
	return "⏳"
}

// recent are the sessions that were paused last.
func (h channel) recent(ctx context.Context, running map[pipeline.ThreadID]bool, now time.Time) ([]display.StickySession, error) {
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

func (h channel) pastListing(v state.Session, now time.Time) display.StickySession {
	var more extra
	_ = json.Unmarshal(v.Extra, &more) // what cannot be read has no topic
	return display.StickySession{Root: strings.TrimPrefix(string(v.Thread), string(h.Platform)+":"),
		Topic: h.clean(more.Kept.Title), Owner: more.Kept.Names[v.Owner], Quiet: now.Sub(v.LastActive).Truncate(time.Minute)}
}
