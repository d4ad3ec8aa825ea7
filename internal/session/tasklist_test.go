package session

import (
	"strings"
	"testing"

	"ctpipe/internal/mattermost"
	"ctpipe/internal/mattermost/chattest"
	"ctpipe/internal/transcript"
)

// todo has Claude write its list, with the first task in a state.
func (a *fakeAgent) todo(t *testing.T, id, state string) {
	list := `{"todos":[{"content":"first","activeForm":"doing first","status":"` + state + `"},{"content":"second","activeForm":"doing second","status":"pending"}]}`
	a.uses(t, id, "", "TodoWrite", list)
	a.gets(t, id, "ok", strings.Replace(list, "todos", "newTodos", 1))
}

// theList is the one list of a thread.
func (w *world) theList(root string) mattermost.Post {
	w.Helper()
	w.settle()
	lists := w.chat.OfKind(root, "tasks")
	if len(lists) != 1 {
		w.Fatalf("%d lists: %q", len(lists), chattest.Messages(w.chat.Said(root)))
	}
	return lists[0]
}

// takes is somebody taking a reaction back.
func (w *world) takes(name, post, emoji string) {
	w.host.ears().receive(mattermost.ReactionRemoved{Reaction: mattermost.Reaction{UserID: "u-" + name, PostID: post, Emoji: emoji}, ChannelID: chattest.ChannelID})
	w.settle()
}

// TestListFolds covers STR-10: 🔽 on the list folds it where it is, and again
// unfolds it; a list that is posted again carries the reaction and stays folded;
// a stranger's reaction, or one on another post, changes nothing.
func TestListFolds(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root, a := w.opened()
		a.todo(t, "t1", "in_progress")
		first := w.theList(root)
		if got := w.chat.Marks(first.ID); len(got) != 1 || got[0] != transcript.FoldEmoji {
			t.Errorf("seeds %v", got)
		}
		const open = "⬜ second"
		w.reacts("mallory", first.ID, transcript.FoldEmoji)
		w.reacts("alice", w.chat.OfKind(root, "header")[0].ID, transcript.FoldEmoji)
		if got := w.theList(root); !strings.Contains(got.Message, open) {
			t.Errorf("folded by nobody: %q", got.Message)
		}
		w.says("bob", root, "a word")
		a.ends(t)
		second := w.theList(root)
		w.says("bob", root, "another") // the list is not the newest post any more
		w.reacts("alice", second.ID, transcript.FoldEmoji)
		if got := w.theList(root); got.ID != second.ID || !strings.HasPrefix(got.Message, "---\n📋 **Tasks** (0/2 · 0%) · 🔄 doing first") || strings.Contains(got.Message, open) {
			t.Errorf("in another post, or not folded: %q", got.Message)
		}
		a.ends(t)
		third := w.theList(root)
		if third.ID == second.ID || strings.Contains(third.Message, open) || len(w.chat.Marks(third.ID)) != 1 {
			t.Errorf("posted again: %q with %v", third.Message, w.chat.Marks(third.ID))
		}
		w.reacts("alice", second.ID, transcript.FoldEmoji) // an old one
		w.takes("alice", third.ID, transcript.FoldEmoji)
		if got := w.theList(root); !strings.Contains(got.Message, open) {
			t.Errorf("not unfolded: %q", got.Message)
		}
	})
}

// TestListAfterRestart covers STR-10: the list's post is known again, also to a
// reaction, its folded state stays, and there is never a second one.
func TestListAfterRestart(t *testing.T) {
	inKept(t, func(w *world) {
		root, a := w.opened()
		a.todo(t, "t1", "in_progress")
		first := w.theList(root)
		w.reacts("alice", first.ID, transcript.FoldEmoji)
		a.replies(t, "m1", "here")
		before := w.theList(root)
		w.closed()
		w.restarted()
		w.reacts("bob", before.ID, transcript.FoldEmoji)
		if got := w.theList(root); got.ID != before.ID || !strings.Contains(got.Message, "⬜ second") {
			t.Errorf("%q", got.Message)
		}
		w.reacts("bob", before.ID, "small_red_triangle_down")
		w.says("alice", root, "go on")
		w.latest().todo(t, "t2", "in_progress")
		if got := w.theList(root); strings.Contains(got.Message, "⬜ second") {
			t.Errorf("the folded state is lost: %q", got.Message)
		}
	})
}

// TestListTarget: a reaction on the list has the target "tasks" for rules.
func TestListTarget(t *testing.T) {
	inWorld(t, "[[rule]]\nid='nofold'\non='reaction'\nwhen='reaction.target == \"tasks\" and reaction.meaning == \"fold\"'\nthen='deny'\nwhy='no'\n", func(w *world) {
		root, a := w.opened()
		a.todo(t, "t1", "in_progress")
		w.reacts("alice", w.theList(root).ID, transcript.FoldEmoji)
		if got := w.theList(root); !strings.Contains(got.Message, "⬜ second") {
			t.Errorf("folded though no rule let it: %q", got.Message)
		}
	})
}

// TestListParallel covers STR-10 and STR-11: tasks that are created at once are
// one update; a create that failed leaves nothing.
func TestListParallel(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root, a := w.opened()
		for _, id := range []string{"1", "2", "3"} {
			a.uses(t, "c"+id, "", "TaskCreate", `{"subject":"task `+id+`","activeForm":"doing"}`)
		}
		for _, id := range []string{"3", "1"} {
			a.gets(t, "c"+id, "Task #"+id+" created", `{"task":{"id":"`+id+`","subject":"task `+id+`"}}`)
		}
		a.says(t, `{"type":"user","message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"c2","is_error":true,"content":"no"}]},"tool_use_result":"Error: no"}`)
		list := w.theList(root)
		if !strings.HasSuffix(strings.TrimSpace(list.Message), "⬜ task 1\n⬜ task 3") {
			t.Errorf("%q", list.Message)
		}
		if n := len(w.chat.Texts[list.ID]); n != 1 {
			t.Errorf("%d texts: %q", n, w.chat.Texts[list.ID])
		}
	})
}

// TestFinishedListFolds covers STR-10: a list whose tasks are all done stays
// where it is, and folds and unfolds there, also after a restart; the next list
// is another post.
func TestFinishedListFolds(t *testing.T) {
	inKept(t, func(w *world) {
		root, a := w.opened()
		a.todo(t, "t1", "in_progress")
		open := w.theList(root)
		done := `{"todos":[{"content":"first","activeForm":"f","status":"completed"},{"content":"second","activeForm":"s","status":"completed"}]}`
		a.uses(t, "t2", "", "TodoWrite", done)
		a.gets(t, "t2", "ok", strings.Replace(done, "todos", "newTodos", 1))
		list := w.theList(root)
		if list.ID != open.ID || !strings.Contains(list.Message, "✅ ~~second~~") {
			t.Fatalf("%q", list.Message)
		}
		folds := func(when string) {
			t.Helper()
			w.reacts("alice", list.ID, transcript.FoldEmoji)
			if got := w.theList(root); got.ID != list.ID || strings.TrimSpace(got.Message) != "---\n📋 **Tasks** (2/2 · 100%) 🔽" {
				t.Errorf("%s: not folded: %q", when, got.Message)
			}
			w.reacts("mallory", list.ID, transcript.FoldEmoji)
			w.takes("alice", list.ID, transcript.FoldEmoji)
			if got := w.theList(root); got.ID != list.ID || !strings.Contains(got.Message, "✅ ~~second~~") {
				t.Errorf("%s: not unfolded: %q", when, got.Message)
			}
		}
		folds("at once")
		a.replies(t, "m1", "all is done")
		folds("below an answer")
		w.closed()
		w.restarted()
		folds("after a restart")
		w.says("alice", root, "more")
		w.latest().todo(t, "t3", "in_progress")
		w.settle()
		if all := w.chat.OfKind(root, "tasks"); len(all) != 2 || !strings.Contains(all[0].Message, "✅ ~~second~~") || !strings.Contains(all[1].Message, "⬜ second") {
			t.Errorf("%q", chattest.Messages(all))
		}
		w.reacts("alice", list.ID, transcript.FoldEmoji) // it is not the list any more
		if all := w.chat.OfKind(root, "tasks"); !strings.Contains(all[0].Message, "✅ ~~second~~") {
			t.Errorf("%q", chattest.Messages(all))
		}
	})
}
