package playground

import (
	"encoding/json"
	"maps"
	"slices"
	"unicode/utf8"
)

// draft is what a client sends to create a post.
type draft struct {
	ChannelID     string         `json:"channel_id"`
	RootID        string         `json:"root_id"`
	Message       string         `json:"message"`
	Props         map[string]any `json:"props"`
	FileIDs       []string       `json:"file_ids"`
	PendingPostID string         `json:"pending_post_id"`
}

// patch is what a client sends to change a post; nil keeps what is there, and
// props replace all props.
type patch struct {
	Message  *string         `json:"message"`
	Props    *map[string]any `json:"props"`
	IsPinned *bool           `json:"is_pinned"`
}

func propsSize(props map[string]any) int {
	if len(props) == 0 {
		return 2
	}
	b, err := json.Marshal(props)
	if err != nil {
		return maxPropsRunes + 1
	}
	return utf8.RuneCount(b)
}

// createPost makes a post as the server does: checks, dedupes by pending id,
// marks a bot's posts, tells everyone, makes room. The caller holds the lock;
// the result's second value is what to wait for before answering.
func (s *Server) createPost(a *account, d draft) (Post, []<-chan struct{}, *apiError) {
	if !a.member || d.ChannelID != s.channel.ID {
		return Post{}, nil, errPermission
	}
	now := s.tick()
	if id, ok := s.store.once(d.PendingPostID, now); ok && d.PendingPostID != "" {
		if e := s.store.posts[id]; e != nil {
			return s.store.snapshot(e), nil, nil
		}
	}
	if d.RootID != "" && s.store.threads[d.RootID] == nil {
		return Post{}, nil, errRoot
	}
	if err := validPost(d.Message, d.Props); err != nil {
		return Post{}, nil, err
	}
	if b, err := json.Marshal(d.FileIDs); err != nil || utf8.RuneCount(b) > maxFileRunes {
		return Post{}, nil, errFileIDs
	}
	props := maps.Clone(d.Props)
	if props == nil {
		props = map[string]any{}
	}
	if a.bot {
		props["from_bot"] = "true"
	}
	e := &entry{Post: Post{
		ID: newID(), CreateAt: now, UpdateAt: now, UserID: a.id, ChannelID: s.channel.ID,
		RootID: d.RootID, ParentID: d.RootID, Message: d.Message, Props: props, PendingPostID: d.PendingPostID,
	}}
	e.FileIDs, e.files = s.store.attach(d.FileIDs, a.id, e.ID)
	wait := s.insert(e, a)
	if d.PendingPostID != "" {
		s.store.remember(d.PendingPostID, e.ID, now)
	}
	return s.store.snapshot(e), wait, nil
}

// insert adds a post, tells everyone and drops the oldest threads if needed.
func (s *Server) insert(e *entry, a *account) []<-chan struct{} {
	s.store.add(e)
	if e.RootID != "" {
		s.store.threads[e.RootID].root.UpdateAt = e.CreateAt // a catch-up lists the root of a thread that got a reply
	} else {
		s.channel.TotalMsgCountRoot++
	}
	s.channel.TotalMsgCount++
	s.channel.LastPostAt = e.CreateAt
	wait := s.publish(s.postedEvent(s.store.snapshot(e), a), a.id)
	s.publish(event{name: "channel_viewed", data: map[string]any{"channel_id": s.channel.ID}, user: a.id, lossy: true}, "")
	keep := e.RootID
	if keep == "" {
		keep = e.ID
	}
	for old := s.store.overfull(keep); old != nil; old = s.store.overfull(keep) {
		s.cfg.Log.Info("playground drops its oldest posts to stay small", "post", old.ID)
		s.deletePost(old)
	}
	return wait
}

// postOf gives a live post that a may change: its own.
func (s *Server) ownPost(a *account, id string) (*entry, *apiError) {
	e := s.store.posts[id]
	if e == nil || e.UserID != a.id || !a.member {
		return nil, errPermission
	}
	return e, nil
}

func (s *Server) patchPost(a *account, id string, p patch) (Post, *apiError) {
	e, err := s.ownPost(a, id)
	if err != nil {
		return Post{}, err
	}
	message, props := e.Message, e.Props
	if p.Message != nil {
		message = *p.Message
	}
	if p.Props != nil {
		props = maps.Clone(*p.Props)
		if props == nil {
			props = map[string]any{}
		}
	}
	if err := validPost(message, props); err != nil {
		return Post{}, err
	}
	now := s.tick()
	s.store.bury(e.Post, newID(), e.ID, now)
	s.store.bytes -= e.size()
	if message != e.Message {
		e.EditAt = now
	}
	e.Message, e.Props, e.UpdateAt = message, props, now
	if p.IsPinned != nil {
		e.IsPinned = *p.IsPinned
	}
	s.store.bytes += e.size()
	return s.edited(e), nil
}

func (s *Server) pinPost(a *account, id string, pin bool) *apiError {
	e := s.store.posts[id]
	if e == nil {
		return errPostGone
	}
	if !a.member {
		return errPermission
	}
	e.IsPinned, e.UpdateAt = pin, s.tick()
	s.edited(e)
	return nil
}

func (s *Server) edited(e *entry) Post {
	p := s.store.snapshot(e)
	s.publish(event{name: "post_edited", data: map[string]any{"post": jsonString(p)}, channel: s.channel.ID}, "")
	return p
}

// deletePost removes a post and sends one event, with the post as it was.
func (s *Server) deletePost(e *entry) {
	was := s.store.snapshot(e)
	s.store.remove(e, s.tick())
	s.publish(event{name: "post_deleted", data: map[string]any{"post": jsonString(was)}, channel: s.channel.ID}, "")
}

// react adds a reaction; adding it again sends the event again.
func (s *Server) react(a *account, post, emoji string) (Reaction, *apiError) {
	e := s.store.posts[post]
	if e == nil {
		return Reaction{}, errPostGone
	}
	if !a.member {
		return Reaction{}, errPermission
	}
	now := s.tick()
	r := Reaction{UserID: a.id, PostID: post, EmojiName: emoji, CreateAt: now, UpdateAt: now}
	if i := e.find(a.id, emoji); i >= 0 {
		e.reactions[i].UpdateAt = now
		r = e.reactions[i]
	} else if len(e.reactions) >= maxReactions {
		return Reaction{}, errTooManyReact
	} else {
		e.reactions = append(e.reactions, r)
	}
	e.UpdateAt = now
	s.publish(reactionEvent("reaction_added", r, s.channel.ID), "")
	return r, nil
}

// unreact removes a reaction; the event comes also when there was none.
func (s *Server) unreact(a *account, post, emoji string) *apiError {
	e := s.store.posts[post]
	if e == nil {
		return errPostGone
	}
	if !a.member {
		return errPermission
	}
	now := s.tick()
	if i := e.find(a.id, emoji); i >= 0 {
		e.reactions = slices.Delete(e.reactions, i, i+1)
		e.UpdateAt = now
	}
	r := Reaction{UserID: a.id, PostID: post, EmojiName: emoji, UpdateAt: now}
	s.publish(reactionEvent("reaction_removed", r, s.channel.ID), "")
	return nil
}

func (e *entry) find(user, emoji string) int {
	return slices.IndexFunc(e.reactions, func(r Reaction) bool { return r.UserID == user && r.EmojiName == emoji })
}
