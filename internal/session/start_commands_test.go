package session

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ctpipe/internal/command"
	"ctpipe/internal/mattermost/chattest"
	"ctpipe/pipeline"
)

// TestStackedStart covers FUN-09: what stands in front of the request shapes the
// session, once, and Claude gets the request alone.
func TestStackedStart(t *testing.T) {
	inWorld(t, "", func(w *world) {
		w.set.Dir, w.set.Mode = realDir(t), pipeline.ModeAuto
		if err := os.Mkdir(filepath.Join(w.set.Dir, "sub"), 0o700); err != nil {
			t.Fatal(err)
		}
		root := w.says("alice", "", "@claude-code !cd sub !model opus !permissions interactive !verbosity hidden do y")
		a := w.latest()
		s := w.host.session(w.host.threadID(pipeline.PostID(root)))
		if a.spec.Dir != filepath.Join(w.set.Dir, "sub") || a.spec.Model != "opus" || s.about.Mode != pipeline.ModeDefault || s.words.Style() != "hidden" {
			t.Errorf("%+v, mode %s, style %s", a.spec, s.about.Mode, s.words.Style())
		}
		chattest.Want(t, a.sent(), "do y")
	})
}

func realDir(t *testing.T) string {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestStackedIsWhole covers FUN-09, SEC-29 and SEC-18: a command that is denied
// or fails stops the start with its reason, and nothing of it is done.
func TestStackedIsWhole(t *testing.T) {
	more := `
[[rule]]
id = "no-models"
on = "command"
when = 'command.name == "model" and command.text == "huge"'
then = "deny"
why = "too dear"
[[rule]]
id = "ask-verbosity"
on = "command"
when = 'command.name == "verbosity"'
then = "ask"
`
	for text, says := range map[string]string{
		"!cd . !model huge do y":                  "⛔ `!model` is refused: too dear. Nothing was started.",
		"!model opus !cd nowhere do y":            "Directory does not exist",
		"!cd . !verbosity line do y":              "⛔ `!verbosity` needs somebody's yes",
		"!cd . !permissions auto do y":            "Cannot upgrade to auto permissions",
		"!permissions bypass do y":                "Cannot upgrade to bypass permissions",
		"!permissions sometimes do y":             "Usage: `!permissions interactive`",
		"!worktree --upload-pack=touch do y":      "Invalid branch name",
		"!worktree a..b do y":                     "Invalid branch name",
		"!model --dangerously-skip-permissions x": "is no model's name",
		"!cd . !frobnicate x do y":                "is no command",
		"!cd":                                     "Usage: `!cd <path>`",
	} {
		inWorld(t, more, func(w *world) {
			root := w.says("alice", "", "@claude-code "+text)
			w.shows(root, says)
			w.shows(root, "Nothing was started.")
			if n := len(w.agents.all); n != 0 || w.host.slots().active() != 0 || len(w.chat.Said(root)) != 1 {
				t.Errorf("%q: %d agents, %d slots, %q", text, n, w.host.slots().active(), chattest.Messages(w.chat.Said(root)))
			}
		})
	}
}

// TestStackedStranger: somebody without rights learns that, and no more; what is
// no person's gets no word at all.
func TestStackedStranger(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root := w.says("mallory", "", "@claude-code !cd /etc do y")
		w.shows(root, "⚠️ @mallory is not authorized")
		if text := strings.Join(chattest.Messages(w.chat.Said(root)), ""); strings.Contains(text, "/etc") || len(w.agents.all) != 0 {
			t.Errorf("%q", text)
		}
		w.chat.Mu.Lock()
		hook := *w.chat.Add("u-alice", "", "@claude-code !cd", map[string]any{"from_webhook": "true"})
		w.chat.Mu.Unlock()
		w.receives(hook)
		if got := w.chat.Said(hook.ID); len(got) != 0 {
			t.Errorf("a webhook got %q", chattest.Messages(got))
		}
	})
}

// TestStackedTwice covers NET-03: a start that is delivered twice is one, and is
// refused with one word.
func TestStackedTwice(t *testing.T) {
	inWorld(t, "", func(w *world) {
		for _, text := range []string{"@claude-code !model opus do y", "@claude-code !cd nowhere x"} {
			w.chat.Mu.Lock()
			p := *w.chat.Add("u-alice", "", text, nil)
			w.chat.Mu.Unlock()
			w.receives(p)
			before := len(w.chat.Said(p.ID))
			w.receives(p)
			if got := w.chat.Said(p.ID); len(got) != before || before == 0 {
				t.Errorf("%q: %q", text, chattest.Messages(got))
			}
		}
		if len(w.agents.all) != 1 || len(w.latest().sent()) != 1 {
			t.Errorf("%d agents", len(w.agents.all))
		}
	})
}

// TestFirstCommands covers FUN-09: commands that need no session answer to a
// mention without one; those that do say so, and nothing is started.
func TestFirstCommands(t *testing.T) {
	inWorld(t, "", func(w *world) {
		for text, says := range map[string]string{
			"!help": "**Commands:**", "!HELP": "**Commands:**", "!stop": command.NoSession, "!frobnicate": "is no command", "!hepl": "Did you mean `!help`?",
		} {
			w.shows(w.says("alice", "", "@claude-code "+text), says)
		}
		w.shows(w.says("alice", "", "@claude-code"), "Mention me with your request")
		w.shows(w.says("alice", "", "@claude-code !model opus"), "Mention me with your request")
		if n := len(w.agents.all); n != 0 {
			t.Errorf("%d agents", n)
		}
	})
}

// TestShapesAreCommands: what may stand before a request is a command of ours,
// but for those that come with worktrees.
func TestStackedInSession(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root, a := w.opened()
		w.says("alice", root, "@claude-code !frobnicate x do y")
		w.shows(root, "is no command")
		chattest.Want(t, a.sent(), "hello")
	})
}
