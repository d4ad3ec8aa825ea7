package session

import (
	"context"
	"errors"

	"ctpipe/internal/command"
	"ctpipe/internal/mattermost"
	"ctpipe/pipeline"
)

// receive takes what the chat server says. It only sorts things into lanes.
func (h *Host) receive(e mattermost.Event) {
	switch e := e.(type) {
	case mattermost.Posted:
		h.receivePost(e.Post)
	case mattermost.ReactionAdded:
		if h.policyReaction(e.Reaction) {
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
		h.policyDeleted(e.Post.ID)
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

func (h *Host) receivePost(p mattermost.Post) {
	h.belowBoard(p, false)
	if p.UserID == h.Me.ID || p.ChannelID != h.Channel.ID {
		return
	}
	root := pipeline.PostID(p.RootOrSelf())
	lane := string(h.threadID(root))
	if h.urgent(root, p) {
		lane += "/stop"
	}
	err := h.Lanes.Enqueue(lane, func(ctx context.Context) { h.post(ctx, root, p) })
	if errors.Is(err, pipeline.ErrLaneFull) {
		h.Log.Warn("a thread has too much waiting; a post is not run", "thread", h.threadID(root), "post", p.ID)
		h.outbox(root).React(pipeline.PostID(p.ID), tooMuch)
	}
}

// urgent reports a command that ends something: it overtakes the posts that
// wait in its thread, but not the mention that opens the session.
func (h *Host) urgent(root pipeline.PostID, p mattermost.Post) bool {
	rest, _ := h.mentioned(p.Message)
	cmd, ok := commandIn(rest, p, h.session(h.threadID(root)) != nil)
	if !ok || cmd.Slash {
		return false
	}
	known, _ := command.Find(cmd.Name)
	return known.Ends && (known.Anywhere || h.session(h.threadID(root)) != nil)
}

// post makes one event of a post: a command, a message to the session, or the
// start of one; or nothing, if it is not for ctpipe.
func (h *Host) post(ctx context.Context, root pipeline.PostID, p mattermost.Post) {
	s := h.sessionOf(ctx, root)
	if s != nil {
		defer h.release(s) // a paused one that nobody uses is forgotten again
	}
	if s != nil && s.isOver() {
		s = nil // it is only being taken leave of: a mention starts another one
	}
	rest, mention := h.mentioned(p.Message)
	cmd, isCommand := commandIn(rest, p, s != nil)
	kind := route(s != nil, mention, isCommand, cmd)
	if kind == "" || kind == pipeline.KindPost && h.aside(ctx, p.Message) {
		return
	}
	set := h.settings()
	known, _ := command.Find(cmd.Name)
	ending := isCommand && !cmd.Slash && known.Ends
	flood := !h.rates.allow(p.UserID, set.Posts, h.Clock.Now())
	if flood && !ending {
		h.Log.Warn("somebody writes more than limits.posts_per_minute; a post is not run", "user", p.UserID, "post", p.ID)
		h.outbox(root).React(pipeline.PostID(p.ID), tooMuch)
		return
	}
	first := h.given.came(p)
	ev := h.event(kind, root)
	ev.Post = pipeline.Post{ID: pipeline.PostID(p.ID), Text: rest, Files: h.attachments.Describe(ctx, p), Mention: mention,
		Edited: p.EditAt > 0, Origin: origin(p)}
	var err error
	if ev.User, err = h.person(ctx, pipeline.UserID(p.UserID), s, accountFor); err != nil {
		h.Log.Warn("nobody can say who wrote a post; it is refused", "post", p.ID, "err", err)
	}
	switch kind {
	case pipeline.KindCommand:
		ev.Command = cmd
	case pipeline.KindStart:
		ev.Start = pipeline.Start{Prompt: rest, Dir: set.Dir, Model: set.Model, Mode: set.Mode}
		h.start(ctx, ev, first)
		return
	}
	if flood {
		h.endings(ctx, ev)
		return
	}
	h.Engine.Handle(ctx, ev)
}

// endings runs a command that ends something for somebody who writes too much.
// No limit stands in its way, but who may not use it is told nothing more.
func (h *Host) endings(ctx context.Context, ev *pipeline.Event) {
	r := h.Engine.Judge(ctx, ev)
	if !r.Allowed() {
		return
	}
	for _, e := range r.Effects() {
		h.perform(ctx, r, e)
	}
}

// commandIn is the command that a post is. Where a session is, the whole
// message may be stop, cancel or help without a mark (FUN-15).
func commandIn(text string, p mattermost.Post, session bool) (pipeline.ChatCommand, bool) {
	if cmd, ok := command.Bare(text); ok && session && len(p.FileIDs) == 0 {
		return cmd, true
	}
	return command.Split(text)
}

// route makes each post exactly one event.
func route(session, mention, isCommand bool, cmd pipeline.ChatCommand) pipeline.Kind {
	known, isOurs := command.Find(cmd.Name)
	switch {
	case !session && mention && isCommand && command.Shapes(cmd):
		return pipeline.KindStart
	case isCommand && !cmd.Slash && (session || mention || isOurs && known.Alone && known.Fits(len(cmd.Args))):
		return pipeline.KindCommand
	case isCommand && cmd.Slash && (session || mention):
		return pipeline.KindCommand
	case session:
		return pipeline.KindPost
	case mention:
		return pipeline.KindStart
	}
	return ""
}

// origin says who the server says made a post. What a post claims about
// itself in its props only ever takes rights away (I1, I2).
func origin(p mattermost.Post) string {
	switch {
	case p.System():
		return "system"
	case p.FromWebhook():
		return "webhook"
	case p.FromPlugin():
		return "plugin"
	case p.FromOAuthApp():
		return "oauth"
	case p.FromBot():
		return "bot"
	}
	return "person"
}
