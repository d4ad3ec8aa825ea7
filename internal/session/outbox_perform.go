package session

import (
	"errors"
	"time"

	"ctpipe/internal/mattermost"
	"ctpipe/pipeline"
)

// perform does the next thing for one post. It works on a copy and holds no
// lock, so that drafts keep coming in while the server answers.
func (o *Outbox) perform(e *entry) error {
	switch {
	case e.remove:
		return o.erase(e)
	case e.id == "":
		return o.create(e)
	case e.have != e.want.Text:
		return o.edit(e)
	}
	return o.seed(e)
}

func (o *Outbox) create(e *entry) error {
	p, err := o.chat.CreatePost(o.ctx, mattermost.NewPost{
		Channel: o.channel, Root: o.root, Message: e.want.Text, Props: e.want.Props, PendingID: e.pending})
	if err != nil {
		return err
	}
	e.id, e.have = p.ID, e.want.Text
	e.due = o.clock.Now().Add(firstEdit)
	o.posted(pipeline.PostID(p.ID), e.key)
	return nil
}

// edit patches a post. Where somebody deleted it, its text gets a new post:
// the server says 403 for both a deleted and a foreign post (server.md, 1).
func (o *Outbox) edit(e *entry) error {
	began, text := o.clock.Now(), e.want.Text
	_, err := o.chat.PatchPost(o.ctx, e.id, mattermost.PostPatch{Message: &text, Props: e.want.Props})
	if (errors.Is(err, mattermost.ErrForbidden) || errors.Is(err, mattermost.ErrNotFound)) && !e.reborn {
		e.id, e.have, e.seeded, e.reborn, e.pending = "", "", 0, true, mattermost.NewPendingID()
		return nil
	}
	if err != nil {
		return err
	}
	e.have = text
	e.due = o.after(began)
	return nil
}

func (o *Outbox) erase(e *entry) error {
	if err := o.chat.DeletePost(o.ctx, e.id); err != nil {
		return err
	}
	e.id = ""
	return nil
}

func (o *Outbox) seed(e *entry) error {
	if err := o.chat.AddReaction(o.ctx, o.me, e.id, e.want.Seeds[e.seeded]); err != nil {
		return err
	}
	e.seeded++
	return nil
}

// after is when a post may be edited again.
func (o *Outbox) after(began time.Time) time.Time {
	now := o.clock.Now()
	return now.Add(max(editEvery, editPerTook*now.Sub(began)))
}
