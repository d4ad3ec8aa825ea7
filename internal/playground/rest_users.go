package playground

import "net/http"

func (s *Server) getMe(w http.ResponseWriter, _ *http.Request, a *account) {
	s.mu.Lock()
	u := a.wire(true)
	s.mu.Unlock()
	writeJSON(w, http.StatusOK, u)
}

func (s *Server) getUser(w http.ResponseWriter, r *http.Request, _ *account) {
	id := r.PathValue("user")
	if !isID(id) {
		writeError(w, errParam("user_id"))
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if a := s.accountByID(id); a != nil {
		writeJSON(w, http.StatusOK, a.wire(false))
		return
	}
	writeError(w, errUserGone)
}

// getOfUser serves /users/username/{name} and /users/{user}/status, which the
// standard mux cannot tell apart.
func (s *Server) getOfUser(w http.ResponseWriter, r *http.Request, a *account) {
	switch {
	case r.PathValue("user") == "username":
		s.getUserByName(w, r, a)
	case r.PathValue("what") == "status":
		s.getStatus(w, r, a)
	default:
		notFound(w, r)
	}
}

func (s *Server) getUserByName(w http.ResponseWriter, r *http.Request, _ *account) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a := s.accountByName(r.PathValue("what")); a != nil {
		writeJSON(w, http.StatusOK, a.wire(false))
		return
	}
	writeError(w, errUserName)
}

func (s *Server) getUsersByIDs(w http.ResponseWriter, r *http.Request, _ *account) {
	s.getUsers(w, r, "user_ids", s.accountByID)
}

func (s *Server) getUsersByNames(w http.ResponseWriter, r *http.Request, _ *account) {
	s.getUsers(w, r, "usernames", s.accountByName)
}

// getUsers answers those it finds and leaves out the rest.
func (s *Server) getUsers(w http.ResponseWriter, r *http.Request, what string, find func(string) *account) {
	var keys []string
	if !readJSON(w, r, what, &keys) {
		return
	}
	if len(keys) == 0 {
		writeError(w, errBody(what))
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	users := []wireUser{}
	seen := map[string]bool{}
	for _, k := range keys {
		if a := find(k); a != nil && !seen[a.id] {
			seen[a.id] = true
			users = append(users, a.wire(false))
		}
	}
	writeJSON(w, http.StatusOK, users)
}

func (s *Server) getStatus(w http.ResponseWriter, r *http.Request, a *account) {
	s.mu.Lock()
	defer s.mu.Unlock()
	who := s.self(r, a)
	if who == nil {
		writeError(w, errUserGone)
		return
	}
	status := "offline"
	for c := range s.conns {
		if c.owner == who {
			status = "online"
		}
	}
	writeJSON(w, http.StatusOK, map[string]any{
		"user_id": who.id, "status": status, "manual": false, "last_activity_at": who.updateAt, "dnd_end_time": 0,
	})
}

// self gives the account of the {user} in the path, where "me" is the caller.
func (s *Server) self(r *http.Request, a *account) *account {
	if id := r.PathValue("user"); id != "me" {
		return s.accountByID(id)
	}
	return a
}

func (s *Server) postTyping(w http.ResponseWriter, r *http.Request, a *account) {
	var in struct {
		ChannelID string `json:"channel_id"`
		ParentID  string `json:"parent_id"`
	}
	if !readJSON(w, r, "channel_id", &in) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.self(r, a) != a || !a.member || in.ChannelID != s.channel.ID {
		writeError(w, errPermission)
		return
	}
	s.publish(typingEvent(a.id, in.ChannelID, in.ParentID), "")
	writeJSON(w, http.StatusOK, statusOK)
}
