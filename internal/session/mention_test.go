package session

import (
	"errors"
	"strings"
	"testing"

	"ctpipe/internal/mattermost/chattest"
)

// TestAside: a message to somebody else is for nobody here, even if it names
// the bot further on. Words that look like names and are nobody's are text.
func TestAside(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root, a := w.opened()
		for _, text := range []string{"@bob what do you think of @claude-code?", "@Bob.", "@bob", "  @bob: hm"} {
			w.says("alice", root, text)
		}
		chattest.Want(t, a.sent(), "hello")
		for _, text := range []string{"@todo remove this", "@here look", "@all of it", "@channel x", "@claude-code and @bob: go on", "ask @bob", "@bob2"} {
			w.says("alice", root, text)
		}
		chattest.Want(t, a.sent(), "hello", "@todo remove this", "@here look", "@all of it", "@channel x", "and @bob: go on", "ask @bob", "@bob2")
	})
}

// TestAsideInDoubt: while the server does not say whether a name is somebody's,
// what may be meant for them is not given to Claude.
func TestAsideInDoubt(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root, a := w.opened()
		w.chat.Fate = func(op string) chattest.Fate {
			if op == "users" {
				return chattest.Fate{Err: errors.New("down")}
			}
			return chattest.Fate{}
		}
		w.says("alice", root, "@carol a word in private")
		chattest.Want(t, a.sent(), "hello")
	})
}

// TestBareWords covers FUN-15: stop, cancel and help need no mark where they are
// the whole message in a session's thread; everywhere else they are words.
func TestBareWords(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root, a := w.opened()
		w.says("alice", root, "stop the server")
		chattest.Want(t, a.sent(), "hello", "stop the server")
		w.says("alice", root, "HELP")
		w.shows(root, "**Commands:**")
		w.says("mallory", root, "stop")
		if a.stopped {
			t.Fatal("somebody without rights stopped it")
		}
		w.says("alice", root, " Cancel ")
		w.shows(root, "Session cancelled")
		if n := len(w.agents.all); n != 1 {
			t.Errorf("%d agents", n)
		}
		other := w.says("alice", "", "stop")
		if got := w.chat.Said(other); len(got) != 0 {
			t.Errorf("outside a session: %q", chattest.Messages(got))
		}
	})
}

// TestMentionKeepsLines: the text of a message is otherwise as it was typed.
func TestMentionKeepsLines(t *testing.T) {
	inWorld(t, "", func(w *world) {
		text := "  keep\n\n    these  spaces\n```\n@nobody\n```"
		w.says("alice", "", "@claude-code"+text)
		chattest.Want(t, w.agents.all[0].sent(), strings.TrimSpace(text))
	})
}
