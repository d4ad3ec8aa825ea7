package playground

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestOldestThreadsAreDropped(t *testing.T) {
	s := started(t)
	bot := listen(t, s, s.BotToken())
	bot.until("status_change")
	first, err := s.PostAs("alice", "", "the first")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.PostAs("bob", first.ID, "its reply"); err != nil {
		t.Fatal(err)
	}
	text := strings.Repeat("x", maxPostRunes)
	s.DropSockets() // nobody listens to the flood
	for range maxTextBytes/maxPostRunes + 5 {
		if _, err := s.PostAs("alice", "", text); err != nil {
			t.Fatal(err)
		}
	}
	if a := as(t, s, s.BotToken(), "GET", "/api/v4/posts/"+first.ID, nil); a.status != 404 {
		t.Errorf("the oldest thread is still there: %d", a.status)
	}
	// One endless thread gives up its oldest replies, never its root.
	root, err := s.PostAs("alice", "", "endless")
	if err != nil {
		t.Fatal(err)
	}
	for range maxTextBytes/maxPostRunes + 5 {
		if _, err := s.PostAs(botName, root.ID, text); err != nil {
			t.Fatal(err)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.store.bytes > maxTextBytes || len(s.store.posts) > maxPosts || len(s.store.tombstones) > maxTombstones {
		t.Errorf("%d bytes, %d posts, %d tombstones", s.store.bytes, len(s.store.posts), len(s.store.tombstones))
	}
	if s.store.posts[root.ID] == nil {
		t.Error("the root of the busy thread is gone")
	}
}

func TestOldestFilesAreDropped(t *testing.T) {
	s := started(t)
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.accountByName("alice")
	first := s.addFile(a, "../../etc/a.bin", make([]byte, maxFileBytes))
	if first.Name != "a.bin" {
		t.Errorf("file name %q", first.Name)
	}
	for i := range 5 {
		s.addFile(a, fmt.Sprint(i), make([]byte, maxFileBytes))
	}
	if s.store.fileBytes > maxAllFiles || s.store.files[first.ID] != nil || len(s.store.files) != len(s.store.fileOrder) {
		t.Errorf("%d bytes in %d files", s.store.fileBytes, len(s.store.files))
	}
}

// Whatever happens, the store's books balance.
func TestStoreBooksBalance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, err := New(Config{})
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		names := []string{"alice", "bob", botName}
		t.Repeat(map[string]func(*rapid.T){
			"create": func(t *rapid.T) {
				root := ""
				if len(ids) > 0 && rapid.Bool().Draw(t, "reply") {
					root = rapid.SampledFrom(ids).Draw(t, "root")
				}
				if p, err := s.PostAs(rapid.SampledFrom(names).Draw(t, "who"), root, rapid.String().Draw(t, "text")); err == nil {
					ids = append(ids, p.ID)
				}
			},
			"patch": func(t *rapid.T) {
				if len(ids) > 0 {
					m := rapid.String().Draw(t, "text")
					s.mu.Lock()
					_, _ = s.patchPost(s.accountByName(rapid.SampledFrom(names).Draw(t, "who")), rapid.SampledFrom(ids).Draw(t, "id"), patch{Message: &m})
					s.mu.Unlock()
				}
			},
			"react": func(t *rapid.T) {
				if len(ids) > 0 {
					_ = s.React(rapid.SampledFrom(names).Draw(t, "who"), rapid.SampledFrom(ids).Draw(t, "id"), "+1")
				}
			},
			"delete": func(t *rapid.T) {
				if len(ids) > 0 {
					s.mu.Lock()
					if e := s.store.posts[rapid.SampledFrom(ids).Draw(t, "id")]; e != nil {
						s.deletePost(e)
					}
					s.mu.Unlock()
				}
			},
			"": func(t *rapid.T) {
				size, n := 0, 0
				for _, th := range s.store.threads {
					n += 1 + len(th.replies)
				}
				for id, e := range s.store.posts {
					size += e.size()
					if e.ID != id || s.store.thread(e) == nil {
						t.Fatalf("post %s has no thread", id)
					}
				}
				if size != s.store.bytes || n != len(s.store.posts) {
					t.Fatalf("%d bytes booked, %d there; %d in threads, %d by id", s.store.bytes, size, n, len(s.store.posts))
				}
			},
		})
	})
}

// A catch-up lists new, edited, reacted and deleted posts, old versions, and the
// root of a thread that got a reply.
func TestCatchUp(t *testing.T) {
	s := started(t)
	oldRoot, edited, deleted := post(t, s, "alice", "", "old root"), post(t, s, "alice", "", "before"), post(t, s, "alice", "", "bye")
	untouched := post(t, s, "alice", "", "untouched")
	since := s.Posts()[3].UpdateAt
	alice := s.tokenFor("alice")
	as(t, s, alice, "PUT", "/api/v4/posts/"+edited+"/patch", map[string]any{"message": "after"})
	as(t, s, alice, "DELETE", "/api/v4/posts/"+deleted, nil)
	late := post(t, s, "bob", oldRoot, "late reply")
	a := as(t, s, alice, "GET", fmt.Sprintf("/api/v4/channels/%s/posts?since=%d", s.ChannelID(), since), nil)
	var list wirePostList
	if err := json.Unmarshal(a.raw, &list); err != nil {
		t.Fatal(err)
	}
	versions := 0
	for _, p := range list.Posts {
		if p.OriginalID == edited && p.DeleteAt > 0 && p.Message == "" {
			versions++
		}
	}
	if len(list.Order) != 5 || list.Order[0] != late || versions != 1 || list.Posts[edited].Message != "after" ||
		list.Posts[deleted].DeleteAt == 0 || list.Posts[deleted].Message != "" || list.Posts[oldRoot].ID == "" || list.Posts[untouched].ID != "" {
		t.Errorf("catch-up: %s", a.raw)
	}
}

func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		s, err := New(Config{Listen: "127.0.0.1:0"})
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Start(); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		_ = s.Close(ctx)
		cancel()
		b.StartTimer()
	}
}

func BenchmarkEditInALongThread(b *testing.B) {
	s := started(b)
	root, _ := s.PostAs("alice", "", "root")
	var last Post
	for range 350 {
		last, _ = s.PostAs(botName, root.ID, "reply")
	}
	text := strings.Repeat("x", 2000)
	for i := 0; b.Loop(); i++ {
		as(b, s, s.BotToken(), "PUT", "/api/v4/posts/"+last.ID+"/patch", map[string]any{"message": fmt.Sprint(text, i)})
	}
}
