package outbox

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ctpipe/internal/mattermost/chattest"
)

// TestOutboxFiles: a post comes with its files, once, whatever is drafted
// meanwhile; one that was deleted comes again with them (STR-06).
func TestOutboxFiles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, chat, root := box(t)
		fails := 2
		chat.Fate = func(op string) chattest.Fate {
			if op == "upload" && fails > 0 {
				fails--
				return chattest.Fate{Err: chattest.Refusal(503, "down")}
			}
			return chattest.Fate{Delay: 20 * time.Millisecond}
		}
		files := []Attachment{{Name: "a.txt", Content: []byte("one")}, {Name: "b.txt", Content: []byte("two")}}
		o.Put("card", Draft{Text: "card", Files: files})
		o.Put("next", Draft{Text: "next"})
		synctest.Wait()
		o.Put("card", Draft{Text: "card, edited"})
		o.Wait(t.Context())
		chattest.Want(t, chattest.Messages(chat.Said(root)), "card, edited", "next")
		first := chat.Said(root)[0].ID
		chattest.Want(t, chat.Contents(first), "one", "two")
		if n := len(chat.Files); n != 2 {
			t.Errorf("%d files uploaded", n)
		}
		chat.Deletes(first)
		o.Put("card", Draft{Text: "card, again"})
		o.Wait(t.Context())
		chattest.Want(t, chattest.Messages(chat.Said(root)), "next", "card, again")
		chattest.Want(t, chat.Contents(chat.Said(root)[1].ID), "one", "two")
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
				chat.Fate = func(op string) chattest.Fate {
					if op == "upload" {
						return chattest.Fate{Err: chattest.Refusal(status, "no")}
					}
					return chattest.Fate{}
				}
				file := []Attachment{{Name: "a`.txt", Content: []byte("one")}}
				const mark = "\n\n⚠️ *The chat server did not take ``a`.txt``; it is not attached.*"
				o.Put("card", Draft{Text: "card", Files: file, Unsent: "folded"})
				o.Put("next", Draft{Text: "next"})
				o.Wait(t.Context())
				chattest.Want(t, chattest.Messages(chat.Said(root)), "folded"+mark, "next")
				o.Put("card", Draft{Text: "answered"})
				o.Wait(t.Context())
				chattest.Want(t, chattest.Messages(chat.Said(root)), "answered"+mark, "next")
				o.Put("card", Draft{Text: strings.Repeat("long ", 100)})
				o.Wait(t.Context())
				if got := chat.Said(root)[0].Message; !strings.HasSuffix(got, mark) || len([]rune(got)) > 200 {
					t.Errorf("%d runes: %s", len([]rune(got)), got)
				}
			})
		})
	}
}
