package playground_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"ctpipe/internal/mattermost"
	"ctpipe/internal/playground"
)

// The product's own client against this server: one client serves both.
type rig struct {
	s      *playground.Server
	c      *mattermost.Client
	events chan mattermost.Event
	states chan mattermost.State
}

func newRig(t *testing.T) rig {
	t.Helper()
	s, err := playground.New(playground.Config{Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	c, err := mattermost.New(mattermost.Config{URL: s.APIURL(), Token: s.BotToken(), HTTP: &http.Client{Transport: transport}})
	if err != nil {
		t.Fatal(err)
	}
	r := rig{s, c, make(chan mattermost.Event, 1000), make(chan mattermost.State, 1000)}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- c.Listen(ctx, mattermost.Handler{
			Event: func(e mattermost.Event) { r.events <- e },
			State: func(st mattermost.State) { r.states <- st },
		})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("Listen ended with %v", err)
		}
		transport.CloseIdleConnections()
		end, stop := context.WithTimeout(context.Background(), 10*time.Second)
		defer stop()
		if err := s.Close(end); err != nil {
			t.Error(err)
		}
	})
	r.state(t, mattermost.Connected)
	return r
}

func (r rig) state(t *testing.T, want mattermost.StateKind) {
	t.Helper()
	late := time.After(20 * time.Second)
	for {
		select {
		case st := <-r.states:
			if st.Kind == want {
				return
			}
		case <-late:
			t.Fatalf("never %v", want)
		}
	}
}

// wait gives the next event of type E that ok accepts.
func wait[E mattermost.Event](t *testing.T, r rig, ok func(E) bool) E {
	t.Helper()
	late := time.After(20 * time.Second)
	for {
		select {
		case e := <-r.events:
			if want, is := e.(E); is && ok(want) {
				return want
			}
		case <-late:
			var none E
			t.Fatalf("no %T came", none)
			return none
		}
	}
}

func TestClientAgainstPlayground(t *testing.T) {
	r := newRig(t)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	check := func(what string, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	me, err := r.c.Me(ctx)
	check("me", err)
	if me.Username != r.s.BotName() || me.ID != r.s.UserID(r.s.BotName()) {
		t.Errorf("me: %+v", me)
	}
	limits, err := r.c.Limits(ctx)
	check("limits", err)
	if limits.MaxPostRunes != 16383 {
		t.Errorf("limits: %+v", limits)
	}
	ch, err := r.c.ChannelByName(ctx, "main", "playground")
	check("channel", err)
	if ch.ID != r.s.ChannelID() {
		t.Errorf("channel: %+v", ch)
	}
	members, err := r.c.ChannelMembers(ctx, ch.ID)
	check("members", err)
	if len(members) != 5 {
		t.Errorf("%d members, want 5", len(members))
	}
	users, err := r.c.UsersByNames(ctx, []string{"alice", "nobody"})
	check("users", err)
	if len(users) != 1 || users[0].ID != r.s.UserID("alice") {
		t.Errorf("users: %+v", users)
	}

	root, err := r.s.PostAs("alice", "", "@claude-code explain this")
	check("alice", err)
	posted := wait(t, r, func(e mattermost.Posted) bool { return e.Post.ID == root.ID })
	if posted.Post.UserID != users[0].ID || len(posted.Mentions) != 1 || posted.Mentions[0] != me.ID {
		t.Errorf("posted: %+v", posted)
	}
	reply, err := r.c.CreatePost(ctx, mattermost.NewPost{Channel: ch.ID, Root: root.ID, Message: "Let"})
	check("create", err)
	text := "Let me see."
	_, err = r.c.PatchPost(ctx, reply.ID, mattermost.PostPatch{Message: &text})
	check("patch", err)
	wait(t, r, func(e mattermost.Edited) bool { return e.Post.Message == text })
	check("react", r.c.AddReaction(ctx, me.ID, reply.ID, "+1"))
	check("alice reacts", r.s.React("alice", reply.ID, "+1"))
	wait(t, r, func(e mattermost.ReactionAdded) bool { return e.Reaction.UserID == users[0].ID })
	reactions, err := r.c.Reactions(ctx, reply.ID)
	check("reactions", err)
	if len(reactions) != 2 {
		t.Errorf("reactions: %+v", reactions)
	}
	check("unreact", r.c.RemoveReaction(ctx, me.ID, reply.ID, "+1"))
	check("typing", r.c.Typing(ctx, ch.ID, root.ID))
	_, err = r.c.UploadFile(ctx, ch.ID, "note.txt", strings.NewReader("hello"))
	check("upload", err)
	thread, err := r.c.Thread(ctx, root.ID)
	check("thread", err)
	if len(thread) != 2 || thread[0].ID != root.ID || thread[1].ID != reply.ID {
		t.Errorf("thread: %+v", thread)
	}
	check("delete", r.c.DeletePost(ctx, reply.ID))
	wait(t, r, func(e mattermost.Deleted) bool { return e.Post.ID == reply.ID })
	var api *mattermost.APIError
	if _, err = r.c.PatchPost(ctx, reply.ID, mattermost.PostPatch{Message: &text}); !errors.As(err, &api) || api.Status != 403 {
		t.Errorf("patch of a deleted post: %v", err)
	}
}

func TestClientSurvivesThisServersFaults(t *testing.T) {
	r := newRig(t)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	r.s.DropSockets()
	r.state(t, mattermost.Gap)
	p, err := r.s.PostAs("alice", "", "back?")
	if err != nil {
		t.Fatal(err)
	}
	wait(t, r, func(e mattermost.Posted) bool { return e.Post.ID == p.ID })

	// The first answer is lost: the post must not be there twice.
	lost := false
	r.s.SetFault(func(req *http.Request) playground.Fault {
		if req.Method == "POST" && req.URL.Path == "/api/v4/posts" && !lost {
			lost = true
			return playground.Fault{Status: 503, RetryAfter: time.Second, After: true}
		}
		return playground.Fault{}
	})
	if _, err := r.c.CreatePost(ctx, mattermost.NewPost{Channel: r.s.ChannelID(), Message: "exactly once"}); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, p := range r.s.Posts() {
		if p.Message == "exactly once" {
			n++
		}
	}
	if n != 1 || !lost {
		t.Errorf("the post is there %d times", n)
	}
}
