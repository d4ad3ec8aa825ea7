package playground

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
)

var emojiName = regexp.MustCompile(`^[a-zA-Z0-9\-\+_]{1,64}$`)

func (s *Server) postCreate(w http.ResponseWriter, r *http.Request, a *account) {
	var d draft
	if !readJSON(w, r, "post", &d) {
		return
	}
	s.mu.Lock()
	p, wait, err := s.createPost(a, d)
	s.mu.Unlock()
	if err != nil {
		writeError(w, err)
		return
	}
	settle(wait)
	writeJSON(w, http.StatusCreated, p)
}

// withPost runs f, under the lock, on a live post that the caller may read.
func (s *Server) withPost(w http.ResponseWriter, r *http.Request, a *account, f func(*entry)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.store.posts[r.PathValue("post")]
	switch {
	case e == nil:
		writeError(w, errPostGone)
	case !a.member:
		writeError(w, errPermission)
	default:
		f(e)
	}
}

func (s *Server) postGet(w http.ResponseWriter, r *http.Request, a *account) {
	s.withPost(w, r, a, func(e *entry) { writeJSON(w, http.StatusOK, s.store.snapshot(e)) })
}

func (s *Server) postPatch(w http.ResponseWriter, r *http.Request, a *account) {
	var p patch
	if readJSON(w, r, "post", &p) {
		s.change(w, r, a, p)
	}
}

// postPut is the full update: what is left out is cleared, props too.
func (s *Server) postPut(w http.ResponseWriter, r *http.Request, a *account) {
	var in struct {
		ID       string         `json:"id"`
		Message  string         `json:"message"`
		Props    map[string]any `json:"props"`
		IsPinned bool           `json:"is_pinned"`
	}
	if !readJSON(w, r, "post", &in) {
		return
	}
	if in.ID != r.PathValue("post") {
		writeError(w, errBody("id"))
		return
	}
	s.change(w, r, a, patch{Message: &in.Message, Props: &in.Props, IsPinned: &in.IsPinned})
}

func (s *Server) change(w http.ResponseWriter, r *http.Request, a *account, p patch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	post, err := s.patchPost(a, r.PathValue("post"), p)
	if err != nil {
		writeError(w, err)
		return
	}
	writeJSON(w, http.StatusOK, post)
}

func (s *Server) postDelete(w http.ResponseWriter, r *http.Request, a *account) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, err := s.ownPost(a, r.PathValue("post"))
	if err != nil {
		writeError(w, err)
		return
	}
	s.deletePost(e)
	writeJSON(w, http.StatusOK, statusOK)
}

func (s *Server) postPin(pin bool) apiFunc {
	return func(w http.ResponseWriter, r *http.Request, a *account) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if err := s.pinPost(a, r.PathValue("post"), pin); err != nil {
			writeError(w, err)
			return
		}
		writeJSON(w, http.StatusOK, statusOK)
	}
}

// postThread lists the root twice in order, as the real server does.
func (s *Server) postThread(w http.ResponseWriter, r *http.Request, a *account) {
	s.withPost(w, r, a, func(e *entry) {
		t := s.store.thread(e)
		list := newPostList()
		s.list(&list, t.root)
		for _, reply := range slices.Backward(t.replies) {
			s.list(&list, reply)
		}
		list.Order = append(list.Order, t.root.ID)
		writeJSON(w, http.StatusOK, list)
	})
}

func newPostList() wirePostList { return wirePostList{Order: []string{}, Posts: map[string]Post{}} }

func (s *Server) list(l *wirePostList, e *entry) {
	l.Order = append(l.Order, e.ID)
	l.Posts[e.ID] = s.store.snapshot(e)
}

// getPosts lists the channel newest first: a page, or everything changed since
// a time, deleted posts and old versions among it. With a page the roots of
// listed replies are in posts, not in order.
func (s *Server) getPosts(w http.ResponseWriter, r *http.Request, _ *account) {
	list := newPostList()
	if v := r.URL.Query().Get("since"); v != "" {
		since, err := strconv.ParseInt(v, 10, 64)
		if err != nil {
			writeError(w, errParam("since"))
			return
		}
		s.changedSince(&list, since)
		writeJSON(w, http.StatusOK, list)
		return
	}
	from, to := page(r)
	all := s.store.all()
	for _, e := range clip(all, from, to) {
		s.list(&list, e)
		if root := s.store.posts[e.RootID]; root != nil {
			list.Posts[root.ID] = s.store.snapshot(root)
		}
	}
	if from > 0 && from < len(all) {
		list.NextPostID = all[from-1].ID
	}
	if to < len(all) {
		list.PrevPostID = all[to].ID
	}
	writeJSON(w, http.StatusOK, list)
}

func (s *Server) changedSince(list *wirePostList, since int64) {
	var changed []Post
	for _, e := range s.store.posts {
		if e.UpdateAt > since {
			changed = append(changed, s.store.snapshot(e))
		}
	}
	for _, p := range s.store.tombstones {
		if p.UpdateAt > since {
			changed = append(changed, p)
		}
	}
	slices.SortStableFunc(changed, func(a, b Post) int { return int(b.CreateAt - a.CreateAt) })
	for _, p := range changed {
		list.Order = append(list.Order, p.ID)
		list.Posts[p.ID] = p
	}
}

func (s *Server) getPinned(w http.ResponseWriter, _ *http.Request, _ *account) {
	list := newPostList()
	for _, e := range s.store.all() {
		if e.IsPinned {
			s.list(&list, e)
		}
	}
	writeJSON(w, http.StatusOK, list)
}

func (s *Server) postReactions(w http.ResponseWriter, r *http.Request, a *account) {
	s.withPost(w, r, a, func(e *entry) {
		writeJSON(w, http.StatusOK, append([]Reaction{}, e.reactions...))
	})
}

func (s *Server) postFiles(w http.ResponseWriter, r *http.Request, a *account) {
	s.withPost(w, r, a, func(e *entry) {
		writeJSON(w, http.StatusOK, append([]FileInfo{}, e.files...))
	})
}

func (s *Server) addReaction(w http.ResponseWriter, r *http.Request, a *account) {
	var in struct {
		UserID    string `json:"user_id"`
		PostID    string `json:"post_id"`
		EmojiName string `json:"emoji_name"`
	}
	if !readJSON(w, r, "reaction", &in) {
		return
	}
	switch {
	case !isID(in.UserID) || !isID(in.PostID) || !emojiName.MatchString(in.EmojiName):
		writeError(w, errEmoji)
		return
	case in.UserID != a.id:
		writeError(w, errReactAs)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	reaction, err := s.react(a, in.PostID, in.EmojiName)
	if err != nil {
		writeError(w, err)
		return
	}
	writeJSON(w, http.StatusOK, reaction)
}

func (s *Server) deleteReaction(w http.ResponseWriter, r *http.Request, a *account) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !emojiName.MatchString(r.PathValue("emoji")) {
		writeError(w, errParam("emoji_name"))
		return
	}
	if s.self(r, a) != a {
		writeError(w, errPermission)
		return
	}
	if err := s.unreact(a, r.PathValue("post"), r.PathValue("emoji")); err != nil {
		writeError(w, err)
		return
	}
	writeJSON(w, http.StatusOK, statusOK)
}
