package mattermost

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// calls is a server that answers from a list, its last entry for ever.
type calls struct {
	mu      sync.Mutex
	answers []http.HandlerFunc
	at      []time.Time
	pending []string
}

func (s *calls) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	n := min(len(s.at), len(s.answers)-1)
	s.at = append(s.at, time.Now())
	if _, after, ok := strings.Cut(string(body), `"pending_post_id":"`); ok {
		s.pending = append(s.pending, strings.TrimSuffix(after, `"}`))
	}
	s.mu.Unlock()
	s.answers[n](w, r)
}

func recorded(t *testing.T, name string) http.HandlerFunc {
	e := readSample(t, name)
	return func(w http.ResponseWriter, _ *http.Request) { e.write(w) }
}

func status(code int, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(code)
	}
}

// hang never answers, until the client gives up.
func hang(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

// reset breaks the connection without an answer.
func reset(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// NET-04: what is repeated, how long that takes, and what is not.
func TestRepeats(t *testing.T) {
	me := func(ctx context.Context, c *Client) error { _, err := c.Me(ctx); return err }
	post := func(ctx context.Context, c *Client) error {
		_, err := c.CreatePost(ctx, NewPost{Channel: idChannel, Message: "x"})
		return err
	}
	typing := func(ctx context.Context, c *Client) error { return c.Typing(ctx, idChannel, "") }
	bot, made := recorded(t, "rest-users-me-bot"), recorded(t, "rest-post-create-bot")
	limited, pending := recorded(t, "rest-429-rate-limited"), recorded(t, "rest-post-create-duplicate-in-flight-error")
	for _, row := range []struct {
		name        string
		call        func(context.Context, *Client) error
		answers     []http.HandlerFunc
		calls       int
		atLeast     time.Duration
		atMost      time.Duration
		ok, unknown bool
	}{
		{"429 with Retry-After", me, []http.HandlerFunc{limited, bot}, 2, time.Second, 2 * time.Second, true, false},
		{"429 with the date to retry after", me, []http.HandlerFunc{status(429, "Retry-After", "Sat, 01 Jan 2000 00:00:09 GMT"), bot}, 2, 9 * time.Second, 10 * time.Second, true, false},
		{"429 with X-Ratelimit-Reset only", me, []http.HandlerFunc{status(429, "X-Ratelimit-Reset", "11"), bot}, 2, 11 * time.Second, 12 * time.Second, true, false},
		{"429 asking for too long", me, []http.HandlerFunc{status(429, "Retry-After", "3600")}, 1, 0, 0, false, false},
		{"429 for ever", me, []http.HandlerFunc{limited}, 5, 4 * time.Second, 30 * time.Second, false, false},
		{"429 then a post", post, []http.HandlerFunc{limited, made}, 2, time.Second, 2 * time.Second, true, false},
		{"500 once", me, []http.HandlerFunc{status(500), bot}, 2, 250 * time.Millisecond, time.Second, true, false},
		{"503 with Retry-After", me, []http.HandlerFunc{status(503, "Retry-After", "5"), bot}, 2, 5 * time.Second, 6 * time.Second, true, false},
		{"502 for ever is bounded", me, []http.HandlerFunc{status(502)}, 5, 3 * time.Second, 20 * time.Second, false, false},
		{"501 is final", me, []http.HandlerFunc{status(501)}, 1, 0, 0, false, false},
		{"connection reset", me, []http.HandlerFunc{reset, reset, bot}, 3, 250 * time.Millisecond, 5 * time.Second, true, false},
		{"NET-06 hung server", me, []http.HandlerFunc{hang, bot}, 2, 30 * time.Second, 32 * time.Second, true, false},
		{"NET-06 hung for ever", me, []http.HandlerFunc{hang}, 5, 150 * time.Second, 170 * time.Second, false, false},
		{"NET-05 reset while posting", post, []http.HandlerFunc{reset, made}, 2, 250 * time.Millisecond, time.Second, true, false},
		{"NET-05 still being saved", post, []http.HandlerFunc{reset, pending, pending, made}, 4, time.Second, 15 * time.Second, true, false},
		{"NET-05 hung while posting", post, []http.HandlerFunc{hang, made}, 2, 10 * time.Second, 12 * time.Second, true, false},
		{"NET-05 hung for ever while posting", post, []http.HandlerFunc{hang}, 3, 25 * time.Second, 40 * time.Second, false, true},
		{"NET-05 limited after a reset", post, []http.HandlerFunc{reset, status(429, "Retry-After", "26")}, 2, 0, 2 * time.Second, false, true},
		{"NET-05 limited long, never in doubt", post, []http.HandlerFunc{status(429, "Retry-After", "40"), made}, 2, 40 * time.Second, 41 * time.Second, true, false},
		{"refused after a reset", post, []http.HandlerFunc{reset, status(403)}, 2, 0, time.Second, false, false},
		{"typing is not repeated", typing, []http.HandlerFunc{reset}, 1, 0, 0, false, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &calls{answers: row.answers}
				c, _, _ := serve(t, s)
				start := time.Now()
				err := row.call(t.Context(), c)
				took := time.Since(start)
				synctest.Wait() // the server's side is at rest
				if (err == nil) != row.ok || errors.Is(err, ErrOutcomeUnknown) != row.unknown {
					t.Errorf("got error %v", err)
				}
				if len(s.at) != row.calls || took < row.atLeast || took > row.atMost {
					t.Errorf("%d calls in %s, want %d in %s to %s", len(s.at), took, row.calls, row.atLeast, row.atMost)
				}
				for _, id := range s.pending {
					if id != s.pending[0] || len(id) < 30 {
						t.Errorf("pending ids differ or can be guessed: %q", s.pending)
					}
				}
				if len(s.pending) > 0 && s.at[len(s.at)-1].Sub(s.at[0]) > 30*time.Second && row.name != "NET-05 limited long, never in doubt" {
					t.Error("repeated after the server has forgotten the pending id")
				}
				noToken(t, err)
			})
		})
	}
}

// A 429 counts for the whole address: no other request goes out during it.
func TestPauseHoldsEveryRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &calls{answers: []http.HandlerFunc{status(429, "Retry-After", "20"), recorded(t, "rest-users-me-bot")}}
		c, _, _ := serve(t, s)
		var all sync.WaitGroup
		ask := func() {
			if _, err := c.Me(t.Context()); err != nil {
				t.Error(err)
			}
		}
		all.Go(ask)
		synctest.Wait()
		for range 10 {
			all.Go(ask)
		}
		all.Wait()
		synctest.Wait()
		for i, at := range s.at[1:] {
			if d := at.Sub(s.at[0]); d < 20*time.Second {
				t.Errorf("request %d went out after %s", i+1, d)
			}
		}
		if len(s.at) != 12 {
			t.Errorf("%d requests", len(s.at))
		}
	})
}

// While the server wants an hour of peace, calls fail at once and say so.
func TestLongPauseFailsFast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &calls{answers: []http.HandlerFunc{status(429, "Retry-After", "3600")}}
		c, _, _ := serve(t, s)
		for range 3 {
			_, err := c.Me(t.Context())
			var refusal *APIError
			if !errors.As(err, &refusal) || !errors.Is(err, ErrRateLimited) || refusal.RetryAfter < 59*time.Minute {
				t.Errorf("got %v", err)
			}
		}
		synctest.Wait()
		if len(s.at) != 1 {
			t.Errorf("%d requests", len(s.at))
		}
	})
}

// NET-06: the end of the caller's context ends waiting of every kind at once.
func TestCancel(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{"hung": hang, "between repeats": status(500), "limited": status(429, "Retry-After", "50")} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, _, _ := serve(t, &calls{answers: []http.HandlerFunc{answer}})
				ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
				defer cancel()
				start := time.Now()
				_, err := c.Me(ctx)
				if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 200*time.Millisecond {
					t.Errorf("%v after %s", err, time.Since(start))
				}
			})
		})
	}
}

func TestRefusedConnectionIsRepeatedAndNeverInDoubt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, n, _ := serve(t, &calls{answers: []http.HandlerFunc{recorded(t, "rest-post-create-bot")}})
		n.setDown(true)
		_, err := c.CreatePost(t.Context(), NewPost{Channel: idChannel, Message: "x"})
		if err == nil || errors.Is(err, ErrOutcomeUnknown) {
			t.Errorf("got %v", err)
		}
		n.setDown(false)
		if _, err := c.CreatePost(t.Context(), NewPost{Channel: idChannel, Message: "x"}); err != nil {
			t.Error(err)
		}
	})
}

func noToken(t testing.TB, err error) {
	t.Helper()
	for ; err != nil; err = errors.Unwrap(err) {
		if strings.Contains(err.Error(), testToken) {
			t.Errorf("the token is in %q", err)
		}
	}
}
