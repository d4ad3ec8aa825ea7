package mattermost

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// NET-10: sub-path, trailing slash, http to ws.
func TestAddresses(t *testing.T) {
	for _, row := range []struct{ url, rest, socket, link string }{
		{"https://x", "https://x/api/v4/users/me", "wss://x/api/v4/websocket", "https://x/eng/pl/p"},
		{"https://x/", "https://x/api/v4/users/me", "wss://x/api/v4/websocket", "https://x/eng/pl/p"},
		{"https://x/chat", "https://x/chat/api/v4/users/me", "wss://x/chat/api/v4/websocket", "https://x/chat/eng/pl/p"},
		{" https://x/a/b// ", "https://x/a/b/api/v4/users/me", "wss://x/a/b/api/v4/websocket", "https://x/a/b/eng/pl/p"},
		{"http://127.0.0.1:8065", "http://127.0.0.1:8065/api/v4/users/me", "ws://127.0.0.1:8065/api/v4/websocket", "http://127.0.0.1:8065/eng/pl/p"},
	} {
		c, err := New(Config{URL: row.url, Token: testToken})
		if err != nil {
			t.Fatal(err)
		}
		rest, err := c.address([]string{"users", "me"}, nil)
		socket := (&listener{Client: c}).socketURL()
		if rest != row.rest || socket != row.socket || c.Permalink("eng", "p") != row.link || err != nil {
			t.Errorf("%q: %s %s %s %v", row.url, rest, socket, c.Permalink("eng", "p"), err)
		}
	}
}

func TestBadConfig(t *testing.T) {
	for _, cfg := range []Config{
		{URL: "", Token: testToken}, {URL: "chat.example.org", Token: testToken}, {URL: "ws://x", Token: testToken},
		{URL: "https://", Token: testToken}, {URL: "https://u:hush@x", Token: testToken}, {URL: "https://x?a=b", Token: testToken},
		{URL: "https://x#y", Token: testToken}, {URL: "https://x\x7f", Token: testToken},
		{URL: "https://x"}, {URL: "https://x", Token: "hush\n"}, {URL: "https://x", Token: "hush hush"}, {URL: "https://x", Token: "hüsh"},
	} {
		if _, err := New(cfg); err == nil || strings.Contains(err.Error(), "hush") || strings.Contains(err.Error(), testToken) {
			t.Errorf("%+v: %v", cfg, err)
		}
	}
}

func TestPathSegments(t *testing.T) {
	asked := ""
	c := atServer(t, func(w http.ResponseWriter, r *http.Request) { asked = r.RequestURI; io.WriteString(w, "{}") })
	for _, id := range []string{"", ".", ".."} {
		if _, err := c.GetPost(context.Background(), id); err == nil || asked != "" {
			t.Errorf("%q: %v, asked %q", id, err, asked)
		}
	}
	if _, err := c.GetPost(context.Background(), "a/../b?c#d%"); err != nil || asked != "/api/v4/posts/a%2F..%2Fb%3Fc%23d%25" {
		t.Errorf("%v, asked %q", err, asked)
	}
}

// The token must not leave the configured server.
func TestRedirectsAreNotFollowed(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("followed to %s with %v", r.URL, r.Header)
	}))
	defer elsewhere.Close()
	c := atServer(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere.URL, http.StatusFound) })
	_, err := c.Me(context.Background())
	if err == nil || !strings.Contains(err.Error(), "redirected to "+elsewhere.URL) {
		t.Errorf("got %v", err)
	}
}

// A server that repeats the token wherever it can.
func TestTokenIsNeverShown(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"json": func(w http.ResponseWriter, _ *http.Request) {
			writeJSON(w, 401, map[string]any{"id": "x" + testToken, "message": "Invalid session token=" + testToken, "request_id": testToken})
		},
		"text": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain")
			w.WriteHeader(400)
			io.WriteString(w, "a\nb "+testToken)
		},
		"redirect": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/?"+testToken, http.StatusFound) },
		"content type": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", testToken)
			io.WriteString(w, "<html>")
		},
		"body": func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{"`+testToken+`":`) },
		"field": func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, `{"id":{"`+testToken+`":1}}`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := atServer(t, answer)
			_, err := c.Me(context.Background())
			if err == nil {
				t.Fatal("no error")
			}
			noToken(t, err)
			if strings.ContainsAny(err.Error(), "\n\r") {
				t.Errorf("more than one line: %q", err)
			}
			_, err = c.Me(cancelled())
			noToken(t, err)
		})
	}
}

type leaky struct{}

func (leaky) RoundTrip(r *http.Request) (*http.Response, error) {
	return nil, fmt.Errorf("bad header %q", r.Header.Get("Authorization"))
}

// Not even a transport that prints the headers gives the token away.
func TestTokenInTransportErrors(t *testing.T) { synctest.Test(t, tokenInTransportErrors) }

func tokenInTransportErrors(t *testing.T) {
	var logs logBuffer
	c, err := New(Config{URL: "https://x", Token: testToken, HTTP: &http.Client{Transport: leaky{}}, Log: slog.New(slog.NewTextHandler(&logs, nil))})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	err = c.Typing(ctx, "c", "")
	noToken(t, err)
	if err == nil || !strings.Contains(err.Error(), "bad header") || !errors.Is(err, ErrOutcomeUnknown) {
		t.Errorf("got %v", err)
	}
	_, err = c.Me(ctx) // repeated, and logged
	noToken(t, err)
	if text := logs.String(); !strings.Contains(text, "bad header") || strings.Contains(text, testToken) {
		t.Errorf("logged %s", text)
	}
}

func cancelled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

// NET-13: errors can be read.
func TestErrorText(t *testing.T) {
	e := &APIError{Op: "POST /posts", Status: 403, ID: permError, Message: "You do not have the appropriate permissions.", RequestID: "r1"}
	want := "mattermost: POST /posts: 403 api.context.permissions.app_error: You do not have the appropriate permissions. (request r1)"
	if e.Error() != want {
		t.Errorf("got %s", e)
	}
	c := atServer(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(404)
		io.WriteString(w, "<html>"+strings.Repeat("long", 10000))
	})
	_, err := c.Me(context.Background())
	if want := "mattermost: GET /users/me: 404: Not Found (not an answer of Mattermost)"; err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}

// NET-12: members are paged.
func TestMembersArePaged(t *testing.T) {
	c := atServer(t, func(w http.ResponseWriter, r *http.Request) {
		page, _ := strconv.Atoi(r.URL.Query().Get("page"))
		var out []Member
		for i := page * 200; i < min(450, page*200+200); i++ {
			out = append(out, Member{UserID: fmt.Sprint(i)})
		}
		writeJSON(w, 200, out)
	})
	all, err := c.ChannelMembers(context.Background(), idChannel)
	if err != nil || len(all) != 450 || all[449].UserID != "449" {
		t.Errorf("%d members, %v", len(all), err)
	}
}

func TestUsersAreAskedInPortions(t *testing.T) {
	var sizes []int
	c := atServer(t, func(w http.ResponseWriter, r *http.Request) {
		ids := bodyOf[[]string](t, r)
		sizes = append(sizes, len(ids))
		writeJSON(w, 200, make([]User, len(ids)))
	})
	all, err := c.UsersByNames(context.Background(), make([]string, 401))
	if err != nil || len(all) != 401 || !slices.Equal(sizes, []int{200, 200, 1}) {
		t.Errorf("%d users in portions %v, %v", len(all), sizes, err)
	}
	if none, err := c.UsersByNames(context.Background(), nil); err != nil || len(none) != 0 || len(sizes) != 3 {
		t.Errorf("asked for nobody: %v, %v", none, err)
	}
}

// history is a channel of posts p0000, p0001, … one per millisecond from 1000,
// served with the cap of a real server on ?since=.
func history(t *testing.T, total int) http.HandlerFunc {
	post := func(i int) Post {
		return Post{ID: fmt.Sprintf("p%04d", i), CreateAt: 1000 + int64(i), UpdateAt: 1000 + int64(i)}
	}
	return func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		list := postList{Posts: map[string]Post{}}
		from, limit := total-1, 200
		if since := q.Get("since"); since != "" {
			ms, _ := strconv.Atoi(since)
			from, limit = min(total, ms-1000+1+sinceRows)-1, min(sinceRows, total-(ms-1000+1))
		}
		if before := q.Get("before"); before != "" {
			n, _ := strconv.Atoi(before[1:])
			from = n - 1
		}
		for i := from; i >= 0 && i > from-limit; i-- {
			list.Order = append(list.Order, post(i).ID)
			list.Posts[post(i).ID] = post(i)
		}
		writeJSON(w, 200, list)
	}
}

// NET-01, X2: more posts were missed than the server gives in one answer.
func TestPostsSinceIsComplete(t *testing.T) {
	for _, missed := range []int{0, 1, 100, 999, 1000, 1001, 2750} {
		c := atServer(t, history(t, 3000))
		since := int64(1000 + 3000 - missed)
		ch, err := c.PostsSince(context.Background(), idChannel, since)
		if err != nil || len(ch.Posts) != missed {
			t.Fatalf("missed %d, got %d, %v", missed, len(ch.Posts), err)
		}
		for i, p := range ch.Posts {
			if p.CreateAt != since+int64(i) {
				t.Fatalf("missed %d: post %d is of %d", missed, i, p.CreateAt)
			}
		}
	}
}

// A server that does not know "before" must not be asked for ever.
func TestPostsSinceEnds(t *testing.T) {
	c := atServer(t, func(w http.ResponseWriter, _ *http.Request) {
		list := postList{Posts: map[string]Post{}}
		for i := range sinceRows {
			id := fmt.Sprint(i)
			list.Order, list.Posts[id] = append(list.Order, id), Post{ID: id, CreateAt: 5000}
		}
		writeJSON(w, 200, list)
	})
	ch, err := c.PostsSince(context.Background(), idChannel, 10)
	if err != nil || len(ch.Posts) != sinceRows {
		t.Errorf("%d posts, %v", len(ch.Posts), err)
	}
}

// NET-12: newer servers page long threads.
func TestThreadIsPaged(t *testing.T) {
	c := atServer(t, func(w http.ResponseWriter, r *http.Request) {
		from := 0
		if id := r.URL.Query().Get("fromPost"); id != "" {
			from, _ = strconv.Atoi(id)
			from++
		}
		list := postList{Posts: map[string]Post{}, HasNext: from+200 < 450}
		for i := from; i < min(450, from+200); i++ {
			id := fmt.Sprintf("%04d", i)
			list.Order, list.Posts[id] = append(list.Order, id), Post{ID: id, CreateAt: int64(i / 3)}
		}
		writeJSON(w, 200, list)
	})
	posts, err := c.Thread(context.Background(), "0000")
	if err != nil || len(posts) != 450 || posts[0].ID != "0000" || posts[449].ID != "0449" {
		t.Errorf("%d posts, %v", len(posts), err)
	}
}

// Deleting what is deleted is done; deleting what is somebody else's is not.
func TestDeleteTwice(t *testing.T) {
	answer := map[string]string{"DELETE": "rest-post-delete-again", "GET": "rest-post-get-deleted"}
	c := atServer(t, func(w http.ResponseWriter, r *http.Request) { readSample(t, answer[r.Method]).write(w) })
	if err := c.DeletePost(context.Background(), idPost); err != nil {
		t.Error(err)
	}
	answer["GET"] = "rest-post-get"
	if err := c.DeletePost(context.Background(), idPost); !errors.Is(err, ErrForbidden) {
		t.Errorf("got %v", err)
	}
}

// FUN-07: size cap of a download.
func TestDownloadLimit(t *testing.T) {
	for _, chunked := range []bool{false, true} {
		calls := 0
		c := atServer(t, func(w http.ResponseWriter, _ *http.Request) {
			calls++
			if chunked {
				w.(http.Flusher).Flush()
			}
			io.WriteString(w, "0123456789")
		})
		var b bytes.Buffer
		if n, err := c.DownloadFile(context.Background(), "f", &b, 10); err != nil || n != 10 || b.String() != "0123456789" {
			t.Errorf("%d bytes, %v", n, err)
		}
		b.Reset()
		if n, err := c.DownloadFile(context.Background(), "f", &b, 9); !errors.Is(err, ErrTooLarge) || b.Len() > 9 || n != int64(b.Len()) || calls != 2 {
			t.Errorf("%d bytes, %d calls, %v", n, calls, err)
		}
	}
}

func TestDownloadBrokenOff(t *testing.T) {
	calls := 0
	c := atServer(t, func(w http.ResponseWriter, _ *http.Request) {
		calls++
		w.Header().Set("Content-Length", "10")
		io.WriteString(w, "01234")
	})
	var b bytes.Buffer
	if n, err := c.DownloadFile(context.Background(), "f", &b, 100); err == nil || n != 5 || calls != 1 {
		t.Errorf("%d bytes, %d calls, %v", n, calls, err)
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("disk on fire") }

func TestUploadOfUnreadable(t *testing.T) {
	c := atServer(t, func(http.ResponseWriter, *http.Request) { t.Error("asked the server") })
	if _, err := c.UploadFile(context.Background(), "c", "n", failing{}); err == nil || !strings.Contains(err.Error(), "disk on fire") {
		t.Errorf("got %v", err)
	}
}

// NET-06: one hung call does not hold up another.
func TestHungCallBlocksNobody(t *testing.T) {
	release := make(chan struct{})
	c := atServer(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/posts/hung") {
			<-release
		}
		io.WriteString(w, "{}")
	})
	done := make(chan error)
	go func() { _, err := c.GetPost(context.Background(), "hung"); done <- err }()
	start := time.Now()
	if _, err := c.GetPost(context.Background(), "other"); err != nil || time.Since(start) > 5*time.Second {
		t.Errorf("%v after %s", err, time.Since(start))
	}
	close(release)
	if err := <-done; err != nil {
		t.Error(err)
	}
}
