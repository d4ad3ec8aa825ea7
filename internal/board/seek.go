package board

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"ctpipe/internal/mattermost"
	"ctpipe/internal/state"
)

// clockSkew is how far this machine's clock may be ahead of the server's for a
// list that was just made to be found again.
const clockSkew = 10 * time.Minute

// seek takes up the list of an earlier ctpipe, and takes away what else it
// left: posts of the bot's own that are marked as the list, and no other. It
// reports false where there is nothing to look for, since none was written down
// and none is needed.
func (l *List) seek(ctx context.Context, needed bool) (found bool, err error) {
	since := l.cfg.Clock.Now()
	v, err := l.cfg.Record.Board(ctx)
	switch {
	case err == nil:
		needed = true
		if !v.Making.IsZero() && v.Making.Before(since) {
			since = v.Making
		}
	case !errors.Is(err, state.ErrNotFound):
		return false, err
	}
	if !needed {
		return false, nil
	}
	among, err := l.candidates(ctx, string(v.Post), since)
	if err != nil {
		return false, err
	}
	ours := lists(among, l.cfg.Me, l.cfg.Channel.ID)
	for i, p := range ours {
		if i == len(ours)-1 {
			l.mu.Lock()
			l.known.stands(p)
			l.mu.Unlock()
		} else if err := l.retire(ctx, p.ID); err != nil {
			return false, err
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.known.found = true
	return true, nil
}

// candidates are the posts among which a list may be: the pinned ones, those
// made since then, and the one that was written down.
func (l *List) candidates(ctx context.Context, recorded string, since time.Time) ([]mattermost.Post, error) {
	pins, err := l.cfg.Chat.Pinned(ctx, l.cfg.Channel.ID)
	if err != nil {
		return nil, fmt.Errorf("looking for a list among the pinned posts: %w", err)
	}
	late, err := l.cfg.Chat.PostsSince(ctx, l.cfg.Channel.ID, since.Add(-clockSkew).UnixMilli())
	if err != nil {
		return nil, fmt.Errorf("looking for a list among the newest posts: %w", err)
	}
	among := slices.Concat(pins, late.Posts)
	if recorded != "" {
		if p, err := l.cfg.Chat.GetPost(ctx, recorded); err == nil {
			among = append(among, p)
		}
	}
	return among, nil
}

// lists are the lists that the bot has in the channel, each once, the newest
// last.
func lists(among []mattermost.Post, bot, channel string) []mattermost.Post {
	known := map[string]bool{}
	var ours []mattermost.Post
	for _, p := range among {
		if !known[p.ID] && p.UserID == bot && p.ChannelID == channel && p.RootID == "" && p.DeleteAt == 0 && p.Props["ctpipe"] == ListKind {
			ours = append(ours, p)
		}
		known[p.ID] = true
	}
	slices.SortStableFunc(ours, func(x, y mattermost.Post) int { return int(x.CreateAt - y.CreateAt) })
	return ours
}
