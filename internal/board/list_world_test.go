package board

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ctpipe/internal/clock"
	"ctpipe/internal/display"
	"ctpipe/internal/mattermost"
	"ctpipe/internal/mattermost/chattest"
	"ctpipe/internal/state"
	"ctpipe/pipeline"
)

// notebook is a Record in memory.
type notebook struct {
	mu    sync.Mutex
	saved *state.Board
	fail  error
}

func (n *notebook) Board(context.Context) (state.Board, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.saved == nil {
		return state.Board{}, state.ErrNotFound
	}
	return *n.saved, nil
}

func (n *notebook) SaveBoard(_ context.Context, v state.Board) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.fail == nil {
		n.saved = &v
	}
	return n.fail
}

// channel is a list on a fake chat.
type channel struct {
	*testing.T
	chat     *chattest.Chat
	notebook *notebook
	list     *List
	stop     context.CancelFunc // of the list that runs

	mu     sync.Mutex
	live   int // sessions
	topic  string
	wanted bool
	rooted map[pipeline.PostID]bool
}

func inChannel(t *testing.T, f func(c *channel)) {
	synctest.Test(t, func(t *testing.T) {
		c := &channel{T: t, chat: chattest.New("alice", "bob"), notebook: &notebook{}, wanted: true, rooted: map[pipeline.PostID]bool{}}
		c.starts()
		defer func() { c.stop() }()
		f(c)
	})
}

// starts makes a list as a process that has just started does.
func (c *channel) starts() {
	ctx, stop := context.WithCancel(c.Context())
	log := slog.New(slog.DiscardHandler)
	lanes := pipeline.NewLanes(ctx, log)
	c.stop = func() { stop(); lanes.Close() }
	c.list = NewList(ctx, ListConfig{Chat: c.chat, Clock: clock.System{}, Log: log, Me: chattest.BotID,
		Channel: mattermost.Channel{ID: chattest.ChannelID, Type: "O"}, Record: c.notebook,
		Enqueue: func(t pipeline.Task) error { return lanes.Enqueue("board", t) },
		Listing: c.listing,
		Rooted: func(p pipeline.PostID) bool {
			c.mu.Lock()
			defer c.mu.Unlock()
			return c.rooted[p]
		},
		Fit: func(text string) string { return text }})
}

func (c *channel) listing(context.Context) (Listing, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	v := Listing{Wanted: c.wanted}
	for i := range c.live {
		v.Sessions = append(v.Sessions, display.StickySession{Root: fmt.Sprint("r", i), Topic: c.topic, Owner: "alice"})
	}
	return v, nil
}

// runs lets this many sessions run, and tells the list.
func (c *channel) runs(n int) {
	c.mu.Lock()
	c.live = n
	c.mu.Unlock()
	c.list.Changed()
}

// about gives the sessions another topic, and tells the list.
func (c *channel) about(topic string) {
	c.mu.Lock()
	c.topic = topic
	c.mu.Unlock()
	c.list.Changed()
}

// wants switches the list on or off.
func (c *channel) wants(on bool) {
	c.mu.Lock()
	c.wanted = on
	c.mu.Unlock()
	c.list.Changed()
}

// roots has a session's thread begin at a post.
func (c *channel) roots(post string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rooted[pipeline.PostID(post)] = true
}

// writes is somebody's post at the channel's root, or under a root.
func (c *channel) writes(root string) string {
	c.chat.Mu.Lock()
	p := *c.chat.Add("u-bob", root, "lunch?", nil)
	c.chat.Mu.Unlock()
	c.list.Posted(p)
	return p.ID
}

// lists are the bot's posts at the channel's root, in order.
func (c *channel) lists() []mattermost.Post {
	c.chat.Mu.Lock()
	defer c.chat.Mu.Unlock()
	var got []mattermost.Post
	for _, p := range c.chat.Posts {
		if p.UserID == chattest.BotID && p.RootID == "" && p.Props["ctpipe"] == ListKind {
			got = append(got, *p)
		}
	}
	return got
}

// one is the one list, when all has settled.
func (c *channel) one() mattermost.Post {
	c.Helper()
	c.passes(busyTick + changeEvery)
	all := c.lists()
	if len(all) != 1 {
		c.Fatalf("%d lists: %q", len(all), chattest.Messages(all))
	}
	return all[0]
}

func (c *channel) passes(d time.Duration) { time.Sleep(d); synctest.Wait() }
