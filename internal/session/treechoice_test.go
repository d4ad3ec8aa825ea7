package session

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ctpipe/internal/mattermost/chattest"
	"ctpipe/internal/worktree"
)

// untilCard waits for the question where to work; git runs outside of the
// bubble's time.
func (w *world) untilCard(root, words string) string {
	w.Helper()
	for range 600 {
		w.settle()
		for _, p := range w.chat.OfKind(root, "card") {
			if strings.Contains(p.Message, words) {
				return p.ID
			}
		}
	}
	w.shows(root, words)
	return ""
}

// untilAgent waits for the n-th agent.
func (w *world) untilAgent(n int) *fakeAgent {
	w.Helper()
	for range 600 {
		w.settle()
		if len(w.agents.all) >= n {
			return w.agents.all[n-1]
		}
	}
	w.Fatalf("%d agents, want %d", len(w.agents.all), n)
	return nil
}

func dirtyRepo(w *world, mode string) {
	w.Helper()
	inRepo(w)
	w.set.Worktrees = mode
	if err := os.WriteFile(filepath.Join(w.set.Dir, "new.txt"), []byte("x"), 0o600); err != nil {
		w.Fatal(err)
	}
}

// A repository with uncommitted work is asked about before Claude starts; what
// people write meanwhile waits, in order, and commands still work (RACE-10).
func TestUncommittedWorkIsAskedAbout(t *testing.T) {
	inWorld(t, "", func(w *world) {
		dirtyRepo(w, "prompt")
		root := w.says("alice", "", "@claude-code one")
		card := w.untilCard(root, "🌿 **This repo has uncommitted changes.**")
		w.says("bob", root, "two, and more words")
		w.says("alice", root, "!help")
		w.shows(root, "Available commands")
		if len(w.agents.all) != 0 {
			t.Fatal("Claude started before anybody chose")
		}
		w.reacts("alice", card, "x")
		a := w.untilAgent(1)
		w.shows(root, "✅ Continuing in main repo (skipped by @")
		if a.spec.Dir != w.set.Dir {
			t.Errorf("Claude works in %s", a.spec.Dir)
		}
		if got := a.sent(); len(got) != 2 || !strings.Contains(got[0], "one") || !strings.Contains(got[1], "two") {
			t.Errorf("sent %q (RACE-03)", got)
		}
	})
}

// A reply of one word is the branch; Claude never starts in the main
// repository first (FUN-05).
func TestABranchIsReplied(t *testing.T) {
	inWorld(t, "", func(w *world) {
		dirtyRepo(w, "prompt")
		root := w.says("alice", "", "@claude-code one")
		w.untilCard(root, "Reply with a branch name")
		w.says("alice", root, "-b")
		w.shows(root, "❌ Invalid branch name: `-b`")
		w.says("alice", root, "Fix/Login")
		a := w.untilAgent(1)
		w.shows(root, "✅ Working on branch `Fix/Login` (chosen by @")
		place, err := worktree.Look(a.spec.Dir)
		if err != nil || !place.Linked || place.Branch != "Fix/Login" {
			t.Errorf("Claude works in %s: %+v %v", a.spec.Dir, place, err)
		}
		if got := a.sent(); len(got) != 1 || got[0] != "one" {
			t.Errorf("sent %q", got)
		}
	})
}

// Where a worktree is required ❌ is no way round it (FUN-06), and nobody's
// answer starts nothing.
func TestARequiredWorktreeIsNotSkipped(t *testing.T) {
	inWorld(t, "", func(w *world) {
		inRepo(w)
		w.set.Worktrees = "require"
		root := w.says("alice", "", "@claude-code one")
		card := w.untilCard(root, "requires working in a worktree")
		w.reacts("alice", card, "x")
		w.reacts("alice", card, "-1")
		if len(w.agents.all) != 0 {
			t.Fatal("Claude started")
		}
		w.says("alice", root, "!stop")
		w.shows(root, "Session cancelled")
	})
}

// A clean repository that nobody works in is not asked about, a worktree
// neither; a second session in it is.
func TestNothingIsAskedWithoutNeed(t *testing.T) {
	inWorld(t, "", func(w *world) {
		inRepo(w)
		w.set.Worktrees = "prompt"
		one := w.says("alice", "", "@claude-code one")
		w.untilAgent(1)
		if len(w.chat.OfKind(one, "card")) != 0 {
			t.Error("a clean repository is asked about")
		}
		two := w.says("alice", "", "@claude-code two")
		w.untilCard(two, "⚠️ **Another session is already using this repo.**")
	})
}

// TestWhereToWorkIsAskedAfterARestart covers FUN-06 and DATA-08: a session that
// was stopped while people were asked where it works does not go on in the
// repository; they are asked again, and the branch that they choose is where it
// works.
func TestWhereToWorkIsAskedAfterARestart(t *testing.T) {
	inKept(t, func(w *world) {
		dirtyRepo(w, "require")
		root := w.says("alice", "", "@claude-code one")
		first := w.untilCard(root, "requires working in a worktree")
		w.closed()
		w.restarted()
		w.says("alice", root, "go on with it")
		for range 600 {
			w.settle()
			if len(w.chat.OfKind(root, "card")) > 1 || len(w.agents.all) > 0 {
				break
			}
		}
		if len(w.agents.all) > 0 {
			t.Fatalf("Claude was started in %s", w.agents.all[0].spec.Dir)
		}
		if all := w.chat.OfKind(root, "card"); len(all) != 2 || all[0].ID != first || strings.Contains(all[0].Message, "Please reply") {
			t.Errorf("cards %q", chattest.Messages(all))
		}
		w.says("alice", root, "fix/x")
		if a := w.untilAgent(1); !strings.HasSuffix(a.spec.Dir, filepath.Join("app-worktrees", "fix", "x")) || a.spec.Resume {
			t.Errorf("Claude works in %s, resumed %v", a.spec.Dir, a.spec.Resume)
		}
	})
}

// What somebody wrote before the thread had the question where to work is no
// branch: it waits for Claude (RACE-01, RACE-10).
func TestAWordBeforeTheQuestionIsNoBranch(t *testing.T) {
	inWorld(t, "", func(w *world) {
		dirtyRepo(w, "prompt")
		root := w.says("alice", "", "@claude-code one")
		card := w.untilCard(root, "🌿 **This repo has uncommitted changes.**")
		s := w.host.session(w.host.threadID("p1"))
		s.Lock()
		p := s.Desk.Prompts()[0]
		key := p.Key
		p.Key = "not posted yet"
		s.Unlock()
		w.says("bob", root, "status")
		s.Lock()
		p.Key = key
		s.Unlock()
		w.reacts("alice", card, "x")
		if got := w.untilAgent(1).sent(); len(got) != 2 || !strings.Contains(got[1], "status") {
			t.Errorf("sent %q", got)
		}
	})
}
