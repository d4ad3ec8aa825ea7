package outbox

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"ctpipe/internal/mattermost"
	"ctpipe/pipeline"
)

// step is the next thing to do for one post.
type step string

const (
	stepNone   step = ""
	stepCreate step = "create"
	stepEdit   step = "edit"
	stepSeed   step = "react"
	stepTell   step = "read reactions"
	stepErase  step = "delete"
	stepUpload step = "attach a file"
)

// step says what brings the thread nearer to how it shall be.
func (e *entry) step() step {
	switch {
	case e.lost, e.remove && e.id == "" && !e.doubt:
		return stepNone
	case e.remove:
		return stepErase
	case e.id == "" && e.want.Text == "":
		return stepNone
	case e.id == "" && len(e.files) < len(e.want.Files):
		return stepUpload
	case e.id == "":
		return stepCreate
	case e.have != e.want.Text:
		return stepEdit
	case e.seeded < len(e.want.Seeds):
		return stepSeed
	case e.want.Watched && !e.told:
		return stepTell
	}
	return stepNone
}

// perform does the next thing for one post. It works on a copy and holds no
// lock, so that drafts keep coming in while the server answers.
func (o *Outbox) perform(e *entry) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("posting panicked: %v", p)
		}
	}()
	e.was, e.before = e.step(), e.id
	switch e.was {
	case stepErase:
		return o.erase(e)
	case stepUpload:
		return o.upload(e)
	case stepCreate:
		return o.create(e)
	case stepEdit:
		return o.edit(e)
	case stepSeed:
		return o.seed(e)
	}
	return o.tell(e)
}

// NonceProp marks a post with the id of the request that made it, so that it
// is found again if the answer was lost.
const NonceProp = "ctpipe_id"

func (o *Outbox) create(e *entry) error {
	if e.doubt {
		if found, err := o.made(e); found || err != nil {
			return err
		}
	}
	given := map[string]any{NonceProp: e.pending}
	for k, v := range e.want.Props {
		given[k] = v
	}
	o.note(e.key, e.want.Text, true)
	p, err := o.chat.CreatePost(o.ctx, mattermost.NewPost{
		Channel: o.channel, Root: o.root, Message: e.want.Text, Props: given, FileIDs: e.files, PendingID: e.pending})
	if err != nil {
		e.doubt = e.doubt || !Permanent(err)
		return err
	}
	o.note(e.key, p.Message, true)
	o.took(e, p, e.want.Text)
	return nil
}

// made looks whether an earlier try made the post after all, so that no post is
// made twice: the server remembers a pending id only for a while.
func (o *Outbox) made(e *entry) (bool, error) {
	posts, err := o.near()
	if err != nil {
		return false, fmt.Errorf("looking whether a post was made: %w", err)
	}
	for _, p := range posts {
		if p.UserID == o.me && p.Props[NonceProp] == e.pending {
			o.took(e, p, p.Message)
			return true, nil
		}
	}
	return false, nil
}

func (o *Outbox) took(e *entry, p mattermost.Post, have string) {
	e.id, e.made, e.have, e.doubt = p.ID, p.CreateAt, have, false
	e.due = o.clock.Now().Add(firstEdit)
	o.posted(pipeline.PostID(p.ID), e.key)
}

// edit patches a post. Where somebody deleted it, its text gets a new post. The
// server says 403 for a deleted post as for somebody else's, so it is asked
// which it is.
func (o *Outbox) edit(e *entry) error {
	began, text := o.clock.Now(), e.want.Text
	o.note(e.key, text, true)
	p, err := o.chat.PatchPost(o.ctx, e.id, mattermost.PostPatch{Message: &text})
	if errors.Is(err, mattermost.ErrForbidden) || errors.Is(err, mattermost.ErrNotFound) {
		switch _, look := o.chat.GetPost(o.ctx, e.id); {
		case errors.Is(look, mattermost.ErrNotFound):
			e.reborn()
			return nil
		case look != nil:
			return fmt.Errorf("looking whether a post was deleted: %w", look)
		}
	}
	if err != nil {
		return err
	}
	o.note(e.key, p.Message, true)
	e.have = text
	e.due = o.after(began)
	return nil
}

// erase deletes a post, also one that a request may have made whose answer was
// lost: what is withheld must not stay.
func (o *Outbox) erase(e *entry) error {
	if e.id == "" {
		if found, err := o.made(e); err != nil || !found {
			e.doubt = err != nil
			return err
		}
	}
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

// tell reads the reactions that came while seeds were being set, so that a
// fast click counts.
func (o *Outbox) tell(e *entry) error {
	found, err := o.chat.Reactions(o.ctx, e.id)
	if err != nil && !Permanent(err) {
		return fmt.Errorf("reading the reactions of a new post: %w", err)
	}
	e.told = true
	o.ready(e.key, pipeline.PostID(e.id), slices.DeleteFunc(found, func(r mattermost.Reaction) bool { return r.UserID == o.me }))
	return nil
}

// after is when a post may be edited again.
func (o *Outbox) after(began time.Time) time.Time {
	now := o.clock.Now()
	return now.Add(max(editEvery, editPerTook*now.Sub(began)))
}

// madeBefore is how far back a post is looked for whose answer was lost.
const madeBefore = 15 * time.Minute

// near are the posts among which one of this outbox stands, if it was made.
func (o *Outbox) near() ([]mattermost.Post, error) {
	if o.root == "" {
		found, err := o.chat.PostsSince(o.ctx, o.channel, o.clock.Now().Add(-madeBefore).UnixMilli())
		return found.Posts, err
	}
	posts, err := o.chat.Thread(o.ctx, o.root)
	if errors.Is(err, mattermost.ErrNotFound) {
		return nil, nil
	}
	return posts, err
}
