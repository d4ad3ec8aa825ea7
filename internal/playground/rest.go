package playground

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"
)

const (
	maxJSONBytes = 1 << 20
	echoWait     = 250 * time.Millisecond // longest that an answer waits for its author's own sockets
)

// apiFunc is one API call by an account; what it returns is the answer.
type apiFunc func(w http.ResponseWriter, r *http.Request, a *account)

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	s.pageRoutes(mux)
	api := http.NewServeMux()
	mux.Handle("/api/v4/", s.answering(api))
	api.HandleFunc("/api/v4/", notFound)
	api.HandleFunc("GET /api/v4/websocket", s.serveSocket)
	api.HandleFunc("GET /api/v4/system/ping", s.systemPing)
	api.HandleFunc("GET /api/v4/config/client", s.clientConfig)
	for pattern, f := range map[string]apiFunc{
		"GET /users/me":             s.getMe,
		"GET /users/me/teams":       s.getMyTeams,
		"GET /users/{user}":         s.getUser,
		"GET /users/{user}/{what}":  s.getOfUser,
		"POST /users/ids":           s.getUsersByIDs,
		"POST /users/usernames":     s.getUsersByNames,
		"POST /users/{user}/typing": s.postTyping,
		"DELETE /users/{user}/posts/{post}/reactions/{emoji}": s.deleteReaction,
		"GET /teams/{team}":                              s.getTeam,
		"GET /teams/name/{name}":                         s.getTeamByName,
		"GET /teams/name/{name}/channels/name/{channel}": s.getChannelByName,
		"GET /teams/{team}/channels/name/{channel}":      s.getTeamChannelByName,
		"GET /channels/{channel}":                        s.inChannel(s.getChannel),
		"GET /channels/{channel}/members":                s.inChannel(s.getMembers),
		"GET /channels/{channel}/members/{user}":         s.inChannel(s.getMember),
		"GET /channels/{channel}/stats":                  s.inChannel(s.getStats),
		"GET /channels/{channel}/posts":                  s.inChannel(s.getPosts),
		"GET /channels/{channel}/pinned":                 s.inChannel(s.getPinned),
		"POST /posts":                                    s.postCreate,
		"GET /posts/{post}":                              s.postGet,
		"PUT /posts/{post}":                              s.postPut,
		"PUT /posts/{post}/patch":                        s.postPatch,
		"DELETE /posts/{post}":                           s.postDelete,
		"POST /posts/{post}/pin":                         s.postPin(true),
		"POST /posts/{post}/unpin":                       s.postPin(false),
		"GET /posts/{post}/thread":                       s.postThread,
		"GET /posts/{post}/reactions":                    s.postReactions,
		"GET /posts/{post}/files/info":                   s.postFiles,
		"POST /reactions":                                s.addReaction,
		"POST /files":                                    s.uploadFiles,
		"GET /files/{file}/info":                         s.fileInfo,
	} {
		method, path := cutPattern(pattern)
		api.HandleFunc(method+" /api/v4"+path, s.as(held(f)))
	}
	api.HandleFunc("GET /api/v4/files/{file}", s.as(s.downloadFile))
	return mux
}

func cutPattern(p string) (method, path string) {
	for i := range p {
		if p[i] == ' ' {
			return p[:i], p[i+1:]
		}
	}
	return "", p
}

// held keeps an answer until f has returned, so that nobody who reads slowly
// holds up the server through f's lock.
func held(f apiFunc) apiFunc {
	return func(w http.ResponseWriter, r *http.Request, a *account) {
		h := &heldAnswer{ResponseWriter: w, status: http.StatusOK}
		f(h, r, a)
		w.WriteHeader(h.status)
		_, _ = w.Write(h.body.Bytes()) // the peer is gone; there is nobody to tell
	}
}

type heldAnswer struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

func (h *heldAnswer) WriteHeader(status int)      { h.status = status }
func (h *heldAnswer) Write(b []byte) (int, error) { return h.body.Write(b) }

// as finds the account of the request's token and checks the ids in the path.
func (s *Server) as(f apiFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		a := s.accountByToken(bearer(r))
		s.mu.Unlock()
		if a == nil {
			writeError(w, errSession)
			return
		}
		for _, name := range []string{"post", "file"} {
			if id := r.PathValue(name); id != "" && !isID(id) {
				writeError(w, errParam(name+"_id"))
				return
			}
		}
		f(w, r, a)
	}
}

// answering adds what a real server's answers carry.
func (s *Server) answering(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Request-Id", requestID())
		w.Header().Set("X-Version-Id", serverVersion)
		s.mu.Lock()
		h := next
		if s.around != nil {
			h = s.around(next)
		}
		s.mu.Unlock()
		h.ServeHTTP(w, r)
	})
}

// readJSON decodes a body; what names it in the error.
func readJSON(w http.ResponseWriter, r *http.Request, what string, into any) bool {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxJSONBytes))
	if d.Decode(into) != nil {
		writeError(w, errBody(what))
		return false
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		writeError(w, errBody(what))
		return false
	}
	return true
}

// page reads ?page and ?per_page as the server does: 60 a page, at most 200.
func page(r *http.Request) (from, to int) {
	q := r.URL.Query()
	n, err := strconv.Atoi(q.Get("page"))
	if err != nil || n < 0 {
		n = 0
	}
	per, err := strconv.Atoi(q.Get("per_page"))
	if err != nil || per < 0 {
		per = 60
	}
	n, per = min(n, 1<<20), min(per, 200)
	return n * per, (n + 1) * per
}

func clip[T any](list []T, from, to int) []T {
	return list[min(from, len(list)):min(to, len(list))]
}

// settle waits until the author's own sockets have the event, briefly.
func settle(wait []<-chan struct{}) {
	if len(wait) == 0 {
		return
	}
	late := time.NewTimer(echoWait)
	defer late.Stop()
	for _, w := range wait {
		select {
		case <-w:
		case <-late.C:
			return
		}
	}
}

func (s *Server) systemPing(w http.ResponseWriter, r *http.Request) {
	body := map[string]string{"status": "OK"}
	for _, k := range []string{"AndroidLatestVersion", "AndroidMinVersion", "DesktopLatestVersion", "DesktopMinVersion", "IosLatestVersion", "IosMinVersion"} {
		body[k] = ""
	}
	if r.URL.Query().Get("get_server_status") == "true" {
		body["database_status"], body["filestore_status"] = "OK", "OK"
	}
	writeJSON(w, http.StatusOK, body)
}

func (s *Server) clientConfig(w http.ResponseWriter, _ *http.Request) {
	body := map[string]string{
		"BuildDate": "", "BuildEnterpriseReady": "false", "BuildHash": "", "BuildHashEnterprise": "none",
		"BuildNumber": "playground", "CollapsedThreads": "default_off", "EnableBotAccountCreation": "true",
		"EnableCustomUserStatuses": "true", "EnablePostIconOverride": "true", "EnablePostUsernameOverride": "true",
		"EnableReliableWebSockets": "false", "EnableUserAccessTokens": "true", "EnableUserTypingMessages": "true",
		"FeatureFlagCollapsedThreads": "true", "MaxFileSize": strconv.Itoa(maxFileBytes), "MaxPostSize": strconv.Itoa(maxPostRunes),
		"PostEditTimeLimit": "-1", "SiteURL": s.APIURL(), "TimeBetweenUserTypingUpdatesMilliseconds": "5000", "Version": version,
	}
	for _, k := range []string{"AndroidLatestVersion", "AndroidMinVersion", "DesktopLatestVersion", "DesktopMinVersion", "IosLatestVersion", "IosMinVersion"} {
		body[k] = ""
	}
	writeJSON(w, http.StatusOK, body)
}
