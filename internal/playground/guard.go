package playground

import (
	"net/http"
	"slices"
	"strings"
)

// guard is what every request passes first: headers that keep the page to
// itself, then Host (a rebound DNS name is not us) and Origin (another page in
// the same browser is not ours).
func (s *Server) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'self'; img-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if !slices.Contains(s.hosts, strings.ToLower(r.Host)) {
			s.cfg.Log.Warn("playground refused a foreign Host header", "host", r.Host, "path", r.URL.Path)
			http.Error(w, "this server answers to its loopback address only", http.StatusForbidden)
			return
		}
		if !sameOrigin(r) {
			s.cfg.Log.Warn("playground refused another page's request", "origin", r.Header.Get("Origin"), "path", r.URL.Path)
			http.Error(w, "requests of other pages are refused", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// sameOrigin reports whether a request comes from our own page or from no page
// at all. Sec-Fetch-Site covers requests that browsers send without an Origin
// (an image, a script); a link that is followed from elsewhere to the page
// itself is let through, as it carries nothing.
func sameOrigin(r *http.Request) bool {
	if o := r.Header.Values("Origin"); len(o) > 1 || len(o) == 1 && !strings.EqualFold(o[0], "http://"+r.Host) {
		return false
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
		return true
	}
	return r.URL.Path == "/" && r.Method == http.MethodGet && r.Header.Get("Sec-Fetch-Mode") == "navigate"
}

// bearer gives the token of an Authorization header, "" without one.
func bearer(r *http.Request) string {
	scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}
