package playground

import (
	"embed"
	"encoding/json"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strings"
)

//go:embed page
var pageFiles embed.FS

// pageTypes are fixed here: the system's own table may say otherwise, and with
// nosniff a script of another type would not run.
var pageTypes = map[string]string{
	".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8",
	".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
}

// pageRoutes are the page's own: its files, which hold no secret, and the three
// calls that turn the one-use code into a key and the key into a person.
func (s *Server) pageRoutes(mux *http.ServeMux) {
	files, err := fs.Sub(pageFiles, "page")
	if err != nil {
		panic(err) // the folder is embedded: its absence would be a broken build
	}
	serve := func(w http.ResponseWriter, r *http.Request, name string) {
		kind, ok := pageTypes[path.Ext(name)]
		data, err := fs.ReadFile(files, name)
		if !ok || err != nil {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", kind)
		_, _ = w.Write(data) // the peer is gone; there is nobody to tell
	}
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { serve(w, r, "index.html") })
	mux.HandleFunc("GET /page/{file}", func(w http.ResponseWriter, r *http.Request) { serve(w, r, r.PathValue("file")) })
	mux.HandleFunc("POST /playground/key", s.exchangeCode)
	mux.HandleFunc("GET /playground/people", s.withKey(s.listPeople))
	mux.HandleFunc("POST /playground/act", s.withKey(s.actAs))
}

// exchangeCode takes the code of the printed URL once and gives the key.
func (s *Server) exchangeCode(w http.ResponseWriter, r *http.Request) {
	var in struct{ Code string }
	if json.NewDecoder(http.MaxBytesReader(w, r.Body, 4096)).Decode(&in) != nil {
		writeError(w, errBody("code"))
		return
	}
	s.mu.Lock()
	ok := sameSecret(s.code, in.Code)
	if ok {
		s.code = ""
	}
	s.mu.Unlock()
	if !ok {
		s.cfg.Log.Warn("playground refused a wrong or used code")
		writeError(w, errSession)
		return
	}
	writeJSON(w, http.StatusOK, map[string]string{"key": s.key})
}

func (s *Server) withKey(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !sameSecret(s.key, bearer(r)) {
			writeError(w, errSession)
			return
		}
		next(w, r)
	}
}

// person is an account as the page offers it.
type person struct {
	ID       string `json:"id"`
	Username string `json:"username"`
	Name     string `json:"name"`
	Kind     string `json:"kind"` // allowed, stranger, guest or bot; a label, rules decide
	Acts     bool   `json:"acts"` // whether the page may act as it
}

func (s *Server) listPeople(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	people := []person{}
	for _, a := range s.accounts {
		people = append(people, person{
			ID: a.id, Username: a.name, Name: strings.TrimSpace(a.first + " " + a.last),
			Kind: s.kind(a), Acts: !a.bot && a.active(),
		})
	}
	s.mu.Unlock()
	writeJSON(w, http.StatusOK, map[string]any{
		"people": people, "bot": botName, "max_post": maxPostRunes, "max_file": maxFileBytes,
		"team": s.team.DisplayName, "channel": map[string]string{"id": s.channel.ID, "name": channelName},
	})
}

func (s *Server) kind(a *account) string {
	switch {
	case a.bot:
		return "bot"
	case a.guest:
		return "guest"
	case len(s.cfg.Allowed) == 0 || slices.Contains(s.cfg.Allowed, a.name):
		return "allowed"
	}
	return "stranger"
}

// actAs gives an API token of a person, never of a bot.
func (s *Server) actAs(w http.ResponseWriter, r *http.Request) {
	var in struct{ User string }
	if json.NewDecoder(http.MaxBytesReader(w, r.Body, 4096)).Decode(&in) != nil {
		writeError(w, errBody("user"))
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.accountByName(in.User)
	if a == nil || a.bot || !a.active() {
		writeError(w, errPermission)
		return
	}
	if a.pageToken == "" {
		token, err := newSecret(s.cfg.Rand)
		if err != nil {
			s.cfg.Log.Error("playground could not make a token", "err", err)
			writeError(w, &apiError{"api.playground.token.app_error", "No token could be made.", http.StatusInternalServerError})
			return
		}
		a.pageToken = token
	}
	writeJSON(w, http.StatusOK, map[string]string{"token": a.pageToken, "id": a.id})
}
