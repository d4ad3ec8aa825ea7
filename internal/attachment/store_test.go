package attachment

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ctpipe/internal/clock"
	"ctpipe/internal/mattermost"
	"ctpipe/pipeline"

	"pgregory.net/rapid"
)

// fakeChat has files by id; what it does not have it does not give.
type fakeChat struct {
	content map[string]string
	posts   map[string][]mattermost.File
	delay   time.Duration
	err     error
}

func (c *fakeChat) DownloadFile(ctx context.Context, id string, w io.Writer, limit int64) (int64, error) {
	select {
	case <-time.After(c.delay):
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	data, ok := c.content[id]
	switch {
	case c.err != nil:
		return 0, c.err
	case !ok:
		return 0, mattermost.ErrNotFound
	case int64(len(data)) > limit:
		return 0, mattermost.ErrTooLarge
	}
	n, err := io.WriteString(w, data)
	return int64(n), err
}

func (c *fakeChat) PostFiles(_ context.Context, post string) ([]mattermost.File, error) {
	return c.posts[post], c.err
}

func newStore(t testing.TB, c *fakeChat, limit int64) *Store {
	return New(Config{Chat: c, Dir: t.TempDir(), Limit: func() int64 { return limit }, Clock: clock.System{}, Log: slog.New(slog.DiscardHandler)})
}

// TestFetch covers FUN-07: what could be had is on disk and told, in order, and
// what could not is named with the reason.
func TestFetch(t *testing.T) {
	c := &fakeChat{content: map[string]string{"f1": "one", "f2": strings.Repeat("x", 11), "f4": "four"}}
	s := newStore(t, c, 10)
	got := s.Fetch(t.Context(), "s1", []pipeline.File{{ID: "f1", Name: "a.txt", Mime: "text/plain; charset=x"}, {ID: "f2", Name: "big"}, {ID: "f3", Name: "gone"}, {ID: "f4", Name: "a.txt"}})
	dir := filepath.Join(s.Dir, "s1", "files")
	want := Fetched{Folder: dir,
		Told:   Head + "\n- " + dir + "/a.txt (text/plain, 3 bytes)\n- " + dir + "/a-2.txt (application/octet-stream, 4 bytes)",
		Failed: "- `big`: it is larger than 10 bytes (`[limits] max_file_mb`)\n- `gone`: the chat server does not give it"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got\n%v\nwant\n%v", got, want)
	}
	if s.Folder("s1") != dir || s.Folder("s2") != "" {
		t.Errorf("folders %q, %q", s.Folder("s1"), s.Folder("s2"))
	}
	s.Drop("s1")
	if left, _ := os.ReadDir(s.Dir); len(left) != 0 || s.Folder("s1") != "" {
		t.Errorf("left behind: %v", left)
	}
}

// TestFetchWithoutFolder: where there is no place to save anything people learn
// it of each file. An id that is no folder's name has no folder.
func TestFetchWithoutFolder(t *testing.T) {
	s := newStore(t, &fakeChat{content: map[string]string{"f1": "one"}}, 0)
	for _, id := range []pipeline.SessionID{"", ".", "..", "a/b", `a\b`, "a\x00"} {
		got := s.Fetch(t.Context(), id, []pipeline.File{{ID: "f1", Name: "a"}, {ID: "f1", Name: "b"}})
		if got.Folder != "" || got.Told != "" || strings.Count(got.Failed, "there is no place to save it") != 2 {
			t.Errorf("%q: %+v", id, got)
		}
		s.Drop(id)
	}
	if left, err := os.ReadDir(s.Dir); err != nil || len(left) != 0 {
		t.Errorf("%v %v", left, err)
	}
}

// TestFetchIsSlow covers RACE-10: fetches of many messages wait for each other,
// and none for ever.
func TestFetchIsSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &fakeChat{content: map[string]string{"f1": "one"}, delay: 2 * time.Minute}
		s := newStore(t, c, 0)
		var got [fetchesMost + 1]Fetched
		done := make(chan struct{})
		for i := range got {
			go func() {
				got[i] = s.Fetch(t.Context(), "s1", []pipeline.File{{ID: "f1", Name: "a"}})
				done <- struct{}{}
			}()
		}
		for range got {
			<-done
		}
		slices.SortFunc(got[:], func(a, b Fetched) int { return strings.Compare(a.Failed, b.Failed) })
		if got[fetchesMost-1].Failed != "" || got[fetchesMost].Failed != "- `a`: the chat server took too long" {
			t.Errorf("%+v", got)
		}
	})
}

// TestFolderIsBounded covers F3: whatever is sent, a session's attachments take
// up no more than they may, and what is told is what is there.
func TestFolderIsBounded(t *testing.T) {
	const limit = 10
	rapid.Check(t, func(r *rapid.T) {
		c := &fakeChat{content: map[string]string{}}
		s := newStore(t, c, limit)
		var told int64
		for i, size := range rapid.SliceOfN(rapid.IntRange(0, limit+2), 1, 60).Draw(r, "sizes") {
			id := fmt.Sprint("f", i)
			c.content[id] = strings.Repeat("x", size)
			got := s.Fetch(t.Context(), "s1", []pipeline.File{{ID: id, Name: rapid.SampledFrom([]string{"a", "b.txt", "../a", ""}).Draw(r, "name")}})
			if (got.Told == "") == (got.Failed == "") {
				r.Fatalf("neither told nor failed, or both: %+v", got)
			}
			if got.Told != "" {
				told += int64(size)
			}
		}
		entries, err := os.ReadDir(filepath.Join(s.Dir, "s1", "files"))
		if err != nil {
			r.Fatal(err)
		}
		var there int64
		for _, e := range entries {
			info, err := e.Info()
			if err != nil || !info.Mode().IsRegular() || info.Mode().Perm() != 0o600 {
				r.Fatalf("%v %v", info, err)
			}
			there += info.Size()
		}
		if there != told || there >= (folderMost+1)*limit {
			r.Fatalf("%d bytes are there, %d were told", there, told)
		}
	})
}

// TestDescribe covers NET-14: the server is asked only where the post does not
// say, and what nobody knows is a file without a name.
func TestDescribe(t *testing.T) {
	known := []mattermost.File{{ID: "f1", Name: "a", Size: 3, MimeType: "text/plain"}}
	for name, c := range map[string]struct {
		post mattermost.Post
		err  error
		want []pipeline.File
	}{
		"none":      {mattermost.Post{ID: "p"}, nil, []pipeline.File{}},
		"described": {mattermost.Post{ID: "p", FileIDs: []string{"f1"}, Metadata: mattermost.PostMetadata{Files: known}}, errors.New("asked"), []pipeline.File{{ID: "f1", Name: "a", Size: 3, Mime: "text/plain"}}},
		"asked for": {mattermost.Post{ID: "p", FileIDs: []string{"f1", "f2"}}, nil, []pipeline.File{{ID: "f1", Name: "a", Size: 3, Mime: "text/plain"}, {ID: "f2"}}},
		"down":      {mattermost.Post{ID: "p", FileIDs: []string{"f1"}}, errors.New("down"), []pipeline.File{{ID: "f1"}}},
	} {
		s := newStore(t, &fakeChat{posts: map[string][]mattermost.File{"p": known}, err: c.err}, 0)
		if got := s.Describe(t.Context(), c.post); !slices.Equal(got, c.want) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// TestSweep: what ended sessions left behind goes; what is alive or young stays,
// and everything does where nobody knows what is alive.
func TestSweep(t *testing.T) {
	s := newStore(t, &fakeChat{}, 0)
	for name, age := range map[string]time.Duration{"alive": 2 * leftFor, "young": 0, "left": 2 * leftFor, "..sly": 2 * leftFor} {
		at := s.Clock.Now().Add(-age)
		dir := filepath.Join(s.Dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Join(dir, "files"), 0o700), os.Chtimes(dir, at, at)); err != nil {
			t.Fatal(err)
		}
	}
	there := func(n int) {
		t.Helper()
		if left, _ := os.ReadDir(s.Dir); len(left) != n {
			t.Errorf("%v", left)
		}
	}
	alive := func(context.Context) ([]pipeline.SessionID, error) { return []pipeline.SessionID{"alive"}, nil }
	s.Sweep(t.Context(), func(context.Context) ([]pipeline.SessionID, error) { return nil, errors.New("down") })
	there(4)
	s.Sweep(t.Context(), alive)
	there(2)
}
