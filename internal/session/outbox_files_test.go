package session

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestOutboxFiles: a post comes with its files, once, whatever is drafted
// meanwhile; one that was deleted comes again with them (STR-06).
func TestOutboxFiles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, chat, root := box(t)
		fails := 2
		chat.fate = func(op string) fate {
			if op == "upload" && fails > 0 {
				fails--
				return fate{err: refusal(503, "down")}
			}
			return fate{delay: 20 * time.Millisecond}
		}
		files := []Attachment{{Name: "a.txt", Content: []byte("one")}, {Name: "b.txt", Content: []byte("two")}}
		o.Put("card", Draft{Text: "card", Files: files})
		o.Put("next", Draft{Text: "next"})
		synctest.Wait()
		o.Put("card", Draft{Text: "card, edited"})
		o.Wait(t.Context())
		want(t, messages(chat.thread(root)), "card, edited", "next")
		first := chat.thread(root)[0].ID
		want(t, chat.contents(first), "one", "two")
		if n := len(chat.files); n != 2 {
			t.Errorf("%d files uploaded", n)
		}
		chat.deletes(first)
		o.Put("card", Draft{Text: "card, again"})
		o.Wait(t.Context())
		want(t, messages(chat.thread(root)), "next", "card, again")
		want(t, chat.contents(chat.thread(root)[1].ID), "one", "two")
	})
}

// TestOutboxFileRefused: a file that the server does not take leaves a mark on
// its post, which every later text of the post keeps, and holds nothing up; so
// does a file store that is down for good.
func TestOutboxFileRefused(t *testing.T) {
	for name, status := range map[string]int{"for good": 413, "down": 500} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o, chat, root := box(t)
				o.limit = 200
				chat.fate = func(op string) fate {
					if op == "upload" {
						return fate{err: refusal(status, "no")}
					}
					return fate{}
				}
				file := []Attachment{{Name: "a`.txt", Content: []byte("one")}}
				const mark = "\n\n⚠️ *The chat server did not take ``a`.txt``; it is not attached.*"
				o.Put("card", Draft{Text: "card", Files: file, Unsent: "folded"})
				o.Put("next", Draft{Text: "next"})
				o.Wait(t.Context())
				want(t, messages(chat.thread(root)), "folded"+mark, "next")
				o.Put("card", Draft{Text: "answered"})
				o.Wait(t.Context())
				want(t, messages(chat.thread(root)), "answered"+mark, "next")
				o.Put("card", Draft{Text: strings.Repeat("long ", 100)})
				o.Wait(t.Context())
				if got := chat.thread(root)[0].Message; !strings.HasSuffix(got, mark) || len([]rune(got)) > 200 {
					t.Errorf("%d runes: %s", len([]rune(got)), got)
				}
			})
		})
	}
}

// contents are the files of a post.
func (c *fakeChat) contents(post string) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var got []string
	for _, id := range c.attached[post] {
		got = append(got, c.content[id])
	}
	return got
}
