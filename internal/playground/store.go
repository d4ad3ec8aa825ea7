package playground

import (
	"slices"
	"unicode/utf8"
)

// What a real server allows (the tests hold what was measured on one)
// and what this one keeps in memory.
const (
	maxPostRunes  = 16383
	maxPropsRunes = 8000
	maxFileRunes  = 300 // of the JSON list of file ids: ten of them
	maxReactions  = 1000

	maxPosts      = 5000
	maxTextBytes  = 16 << 20
	maxTombstones = 2000
	maxFileBytes  = 16 << 20
	maxAllFiles   = 48 << 20
	maxPending    = 1000
)

// entry is a post in the store; Post.Metadata and ReplyCount are filled when it
// is sent.
type entry struct {
	Post
	reactions []Reaction
	files     []FileInfo
}

func (e *entry) size() int { return len(e.Message) + propsSize(e.Props) }

// thread is a root post with its replies, oldest first.
type thread struct {
	root    *entry
	replies []*entry
	touched int64
}

// pending remembers a post by its pending_post_id, for 30 s.
type pending struct {
	post string
	at   int64
}

// store holds posts and files; the server's lock guards it.
type store struct {
	threads    map[string]*thread // by root id
	posts      map[string]*entry  // live posts by id
	bytes      int
	tombstones []Post // deleted posts and old versions, as a catch-up lists them
	pending    map[string]pending
	files      map[string]*file
	fileOrder  []string // oldest first
	fileBytes  int
}

func newStore() store {
	return store{threads: map[string]*thread{}, posts: map[string]*entry{}, pending: map[string]pending{}, files: map[string]*file{}}
}

func (st *store) add(e *entry) {
	st.posts[e.ID] = e
	st.bytes += e.size()
	if e.RootID == "" {
		st.threads[e.ID] = &thread{root: e, touched: e.CreateAt}
		return
	}
	t := st.threads[e.RootID]
	t.replies = append(t.replies, e)
	t.touched = e.CreateAt
}

func (st *store) thread(e *entry) *thread {
	if e.RootID == "" {
		return st.threads[e.ID]
	}
	return st.threads[e.RootID]
}

// remove takes a post out, a root with its replies, and leaves tombstones.
func (st *store) remove(e *entry, at int64) {
	gone := []*entry{e}
	if e.RootID == "" {
		gone = append(gone, st.threads[e.ID].replies...)
		delete(st.threads, e.ID)
	} else if t := st.threads[e.RootID]; t != nil {
		t.replies = slices.DeleteFunc(t.replies, func(r *entry) bool { return r == e })
	}
	for _, g := range gone {
		delete(st.posts, g.ID)
		st.bytes -= g.size()
		st.bury(g.Post, g.ID, "", at)
		for _, f := range g.FileIDs {
			st.dropFile(f)
		}
	}
}

// bury keeps what a catch-up shows of a post that is gone, or of its old version.
func (st *store) bury(p Post, id, original string, at int64) {
	p.ID, p.OriginalID, p.Message, p.UpdateAt, p.DeleteAt = id, original, "", at, at
	p.FileIDs, p.HasReactions = nil, false
	if len(st.tombstones) >= maxTombstones {
		st.tombstones = slices.Clone(st.tombstones[maxTombstones/4:])
	}
	p.Props = onlyFromBot(p.Props)
	st.tombstones = append(st.tombstones, p)
}

// onlyFromBot keeps the one prop that a catch-up reader looks at, so that
// tombstones stay small.
func onlyFromBot(props map[string]any) map[string]any {
	if v, ok := props["from_bot"]; ok {
		return map[string]any{"from_bot": v}
	}
	return map[string]any{}
}

// overfull names the root of the thread that has been quiet longest, when the
// posts no longer fit; keep is never named.
func (st *store) overfull(keep string) *entry {
	if len(st.posts) <= maxPosts && st.bytes <= maxTextBytes {
		return nil
	}
	var oldest *thread
	for id, t := range st.threads {
		if id != keep && (oldest == nil || t.touched < oldest.touched) {
			oldest = t
		}
	}
	if oldest != nil {
		return oldest.root
	}
	if t := st.threads[keep]; t != nil && len(t.replies) > 1 {
		return t.replies[0]
	}
	return nil
}

// once finds the post that a pending id has made in the last 30 seconds.
func (st *store) once(id string, now int64) (string, bool) {
	p, ok := st.pending[id]
	return p.post, ok && now-p.at < 30_000
}

func (st *store) remember(id, post string, now int64) {
	if len(st.pending) >= maxPending {
		for k, p := range st.pending {
			if now-p.at >= 30_000 {
				delete(st.pending, k)
			}
		}
	}
	if len(st.pending) >= maxPending { // a thousand posts in 30 s: forget the oldest
		var oldest string
		for k, p := range st.pending {
			if oldest == "" || p.at < st.pending[oldest].at {
				oldest = k
			}
		}
		delete(st.pending, oldest)
	}
	st.pending[id] = pending{post: post, at: now}
}

// snapshot gives a post as the server sends it now.
func (st *store) snapshot(e *entry) Post {
	p := e.Post
	if t := st.thread(e); t != nil {
		p.ReplyCount = len(t.replies)
	}
	p.HasReactions = len(e.reactions) > 0
	p.Metadata = Metadata{Files: e.files, Reactions: slices.Clone(e.reactions)}
	if _, ok := p.Props["attachments"]; ok {
		p.Metadata.Embeds = []map[string]any{{"type": "message_attachment"}}
	}
	return p
}

// all gives the live posts, newest first.
func (st *store) all() []*entry {
	list := make([]*entry, 0, len(st.posts))
	for _, e := range st.posts {
		list = append(list, e)
	}
	slices.SortFunc(list, func(a, b *entry) int { return int(b.CreateAt - a.CreateAt) })
	return list
}

func validPost(message string, props map[string]any) *apiError {
	if utf8.RuneCountInString(message) > maxPostRunes {
		return errMessage
	}
	if propsSize(props) > maxPropsRunes {
		return errProps
	}
	return nil
}
