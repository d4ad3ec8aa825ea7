package session

import (
	"context"
	"errors"

	"ctpipe/internal/intake"
	"ctpipe/internal/mattermost"
	"ctpipe/pipeline"
)

// receive takes what the chat server says. It only sorts things into lanes.
func (h ears) receive(e mattermost.Event) {
	switch e := e.(type) {
	case mattermost.Posted:
		h.receivePost(e.Post)
	case mattermost.ReactionAdded:
		if h.policy.Reacted(e.Reaction) {
			return
		}
		if e.ChannelID == "" || e.ChannelID == h.Channel.ID {
			h.receiveReaction(e.Reaction, true)
		}
	case mattermost.ReactionRemoved:
		h.receiveReaction(e.Reaction, false)
	case mattermost.Edited:
		h.receiveEdited(e.Post)
	case mattermost.Deleted:
		h.policy.Deleted(e.Post.ID)
		h.receiveDeleted(e.Post)
	case mattermost.UserRemoved:
		if e.ChannelID == h.Channel.ID {
			h.receiveLeft(pipeline.UserID(e.UserID))
		}
	}
}

// tooMuch is the emoji under a post that is not run because there is too much
// to do.
const tooMuch = "turtle"

func (h ears) receivePost(p mattermost.Post) {
	h.list.Posted(p)
	if p.UserID == h.Me.ID || p.ChannelID != h.Channel.ID {
		return
	}
	root := pipeline.PostID(p.RootOrSelf())
	lane := string(h.threadID(root))
	session := h.session(h.threadID(root)) != nil
	if h.route(p, session).Urgent(session) {
		lane += "/stop"
	}
	err := h.Lanes.Enqueue(lane, func(ctx context.Context) { h.post(ctx, root, p) })
	if errors.Is(err, pipeline.ErrLaneFull) {
		h.Log.Warn("a thread has too much waiting; a post is not run", "thread", h.threadID(root), "post", p.ID)
		h.thread(root).Out.React(pipeline.PostID(p.ID), tooMuch)
	}
}

// post makes one event of a post: a command, a message to the session, or the
// start of one; or nothing, if it is not for ctpipe.
func (h ears) post(ctx context.Context, root pipeline.PostID, p mattermost.Post) {
	s := h.slots().sessionOf(ctx, root)
	if s != nil {
		defer h.slots().release(s) // a paused one that nobody uses is forgotten again
	}
	if s != nil && s.isOver() {
		s = nil // it is only being taken leave of: a mention starts another one
	}
	is := h.route(p, s != nil)
	if is.Kind == "" || is.Kind == pipeline.KindPost && h.aside(ctx, p.Message) {
		return
	}
	set := h.settings()
	first := h.delivered.Came(p)
	ev := h.event(is.Kind, root)
	ev.Post = pipeline.Post{ID: pipeline.PostID(p.ID), Text: is.Text, Files: h.attachments.Describe(ctx, p), Mention: is.Mention,
		Edited: p.EditAt > 0, Origin: intake.Origin(p), Route: is.Route,
		Flood: h.flood.Over(p.UserID, set.Posts, h.Clock.Now())}
	var err error
	if ev.User, err = h.person(ctx, pipeline.UserID(p.UserID), s, accountFor); err != nil {
		h.Log.Warn("nobody can say who wrote a post; it is refused", "post", p.ID, "err", err)
	}
	switch is.Kind {
	case pipeline.KindCommand:
		ev.Command = is.Command
		h.locateIn(ctx, ev, s)
	case pipeline.KindStart:
		ev.Start = pipeline.Start{Prompt: is.Text, Dir: set.Dir, Model: set.Model, Mode: set.Mode}
		if !ev.Post.Flood { // else its commands are not even looked at
			h.start(ctx, ev, first)
			return
		}
	}
	if r := h.Engine.Handle(ctx, ev); ev.Post.Flood && !r.Allowed() {
		h.Log.Warn("somebody writes more than limits.posts_per_minute; a post is not run", "user", p.UserID, "post", p.ID)
	}
}

// route says what a post is where a session is in its thread, or none.
func (h ears) route(p mattermost.Post, session bool) intake.Routed {
	return intake.Route(h.Me.Username, intake.Posted{Text: p.Message, Files: len(p.FileIDs), Session: session})
}

// aside reports a message to somebody else.
func (h ears) aside(ctx context.Context, text string) bool {
	return intake.Aside(h.Me.Username, text, func(name string) bool { return h.people.Exists(ctx, name) })
}
