package main

import (
	"os"
	"os/exec"
	"testing"
)

// TestAccessChoices are the rows of the matrix about what is asked before Claude
// starts: how much of the thread it is told, and where it works. Whoever takes
// part chooses the context; an invited guest does not choose the place.
func TestAccessChoices(t *testing.T) {
	long(t, "waits for what must not happen, in six cells")
	s := newCast(t, "alice", "olga")
	for _, args := range [][]string{{"init", "-q", "-b", "main"},
		{"-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-q", "--allow-empty", "-m", "one"}} {
		git := exec.Command("git", args...)
		git.Dir, git.Env = s.work, append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null")
		if out, err := git.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	context := access{row: "context choice", emoji: "one", on: []string{"Include thread context"}, shows: []string{"Including last 3 messages"}}
	skip := access{row: "worktree prompt: ❌", emoji: "x", on: []string{"This repo has uncommitted changes"}, shows: []string{"Continuing in main repo"}}
	branch := access{row: "worktree prompt: branch", does: "fix-it", shows: []string{"Working on branch `fix-it`"}}
	var threads []string
	for _, chooser := range []string{"I", "G", "O"} { // olga is listed until below: a card waits 30 s only
		root := s.says("alice", "", "one")
		s.says("alice", root, "two")
		s.says("alice", root, "three")
		s.says("olga", root, "@claude-code hello")
		waitPost(t, s.srv, root, context.on...)
		waitPost(t, s.srv, root, skip.on...)
		s.says("olga", root, "!invite @ian")
		waitPost(t, s.srv, root, "ian can now participate")
		s.check(t, context, "S", silent, root)
		s.check(t, context, chooser, yes, root)
		threads = append(threads, root)
		skip.on = []string{"Another session is already using this repo"} // from the second on
	}
	s.relist(t, "alice") // olga keeps her sessions, and nothing else
	skip.on = []string{"or react with ❌ to continue"}
	for i, chooser := range []string{"O", "G"} {
		s.check(t, skip, "S", silent, threads[i])
		s.check(t, skip, "I", silent, threads[i])
		s.check(t, skip, chooser, yes, threads[i])
	}
	s.check(t, branch, "O", yes, threads[2])
	waitPost(t, s.srv, threads[2], "✅ **Created worktree** for branch `fix-it`")
}
