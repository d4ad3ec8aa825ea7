package playground

import (
	"net/http"
	"strings"
)

func (s *Server) getMyTeams(w http.ResponseWriter, _ *http.Request, _ *account) {
	writeJSON(w, http.StatusOK, []wireTeam{s.team})
}

func (s *Server) getTeam(w http.ResponseWriter, r *http.Request, _ *account) {
	if r.PathValue("team") != s.team.ID {
		writeError(w, errTeamGone)
		return
	}
	writeJSON(w, http.StatusOK, s.team)
}

func (s *Server) getTeamByName(w http.ResponseWriter, r *http.Request, _ *account) {
	if !strings.EqualFold(r.PathValue("name"), s.team.Name) {
		writeError(w, errTeamName)
		return
	}
	writeJSON(w, http.StatusOK, s.team)
}

func (s *Server) getChannelByName(w http.ResponseWriter, r *http.Request, a *account) {
	if !strings.EqualFold(r.PathValue("name"), s.team.Name) {
		writeError(w, errTeamName)
		return
	}
	s.channelNamed(w, r, a)
}

func (s *Server) getTeamChannelByName(w http.ResponseWriter, r *http.Request, a *account) {
	if r.PathValue("team") != s.team.ID {
		writeError(w, errTeamGone)
		return
	}
	s.channelNamed(w, r, a)
}

func (s *Server) channelNamed(w http.ResponseWriter, r *http.Request, a *account) {
	if !strings.EqualFold(r.PathValue("channel"), s.channel.Name) {
		writeError(w, errChannelName)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.getChannel(w, r, a)
}

// inChannel runs f, under the lock, for a channel that exists and that the
// caller may read: its members may, and in a public channel its team's full
// members may see it, but only members see what is in it.
func (s *Server) inChannel(f apiFunc) apiFunc {
	return func(w http.ResponseWriter, r *http.Request, a *account) {
		id := r.PathValue("channel")
		if !isID(id) {
			writeError(w, errParam("channel_id"))
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		outside := !strings.HasSuffix(r.URL.Path, id)
		switch {
		case id != s.channel.ID && !outside:
			writeError(w, errChannelGone)
		case id != s.channel.ID || !a.member && (outside || a.guest):
			writeError(w, errPermission)
		default:
			f(w, r, a)
		}
	}
}

func (s *Server) getChannel(w http.ResponseWriter, _ *http.Request, _ *account) {
	writeJSON(w, http.StatusOK, s.channel)
}

func (s *Server) getMembers(w http.ResponseWriter, r *http.Request, _ *account) {
	list := []wireMember{}
	from, to := page(r)
	for _, a := range clip(s.members(), from, to) {
		list = append(list, a.membership(s.channel.ID))
	}
	writeJSON(w, http.StatusOK, list)
}

func (s *Server) getMember(w http.ResponseWriter, r *http.Request, a *account) {
	who := s.self(r, a)
	if who == nil || !who.member {
		writeError(w, &apiError{"app.channel.get_member.missing.app_error", "No channel member found for that user ID and channel ID.", http.StatusNotFound})
		return
	}
	writeJSON(w, http.StatusOK, who.membership(s.channel.ID))
}

func (s *Server) getStats(w http.ResponseWriter, _ *http.Request, _ *account) {
	members, guests, pinned := 0, 0, 0
	for _, a := range s.members() {
		members++
		if a.guest {
			guests++
		}
	}
	for _, e := range s.store.posts {
		if e.IsPinned {
			pinned++
		}
	}
	writeJSON(w, http.StatusOK, map[string]any{
		"channel_id": s.channel.ID, "member_count": members, "guest_count": guests, "pinnedpost_count": pinned,
	})
}
