package session

import (
	"fmt"

	"ctpipe/internal/about"
	"ctpipe/internal/command"
	"ctpipe/internal/markdown"
	"ctpipe/internal/process"
	"ctpipe/internal/worktree"
)

// branchFirst finds the directory of a session's branch and starts Claude in
// it. The session has its slot meanwhile, and its messages wait.
func (s launcher) branchFirst(branch string) {
	s.Lock()
	dir := s.about.Dir
	s.about.Pending = &about.PendingWorkdir{Branch: branch}
	s.Unlock()
	begun := s.beside("making a worktree", func() {
		tree, at, made, err := worktree.ForBranch(s.host.starts, dir, branch, shortPath)
		if err == nil && tree.Main {
			err = fmt.Errorf("the branch %s is checked out in %s itself; start without naming a branch to work there", branch, shortPath(tree.Path))
		}
		if err != nil {
			s.noBranch(branch, err)
			return
		}
		s.Lock()
		moved := s.about.Dir != dir // by !cd, which has started Claude there
		over := s.process.Phase != process.Starting && !moved
		if !over && !moved {
			s.about.Dir = at
		}
		s.Unlock()
		switch {
		case over:
			s.noBranch(branch, errStopping) // else the next message would start it in the repository
			return
		case moved:
			return
		}
		word := "🌿 **Working in the worktree** of branch "
		if made {
			word = "✅ **Created worktree** for branch "
		}
		s.Notice(word + markdown.CodeSpan(branch) + "\n📁 Working directory: " + markdown.CodeSpan(shortPath(at)))
		s.headline().refreshHeader()
		s.spawn(false)
	}, func() { s.noBranch(branch, errBroken) })
	if !begun {
		s.noBranch(branch, errStopping)
	}
}

const errBroken command.UserError = "something is wrong inside ctpipe; its log says more"

// noBranch ends a session that has no place to work in.
func (s launcher) noBranch(branch string, err error) {
	s.log.Warn("no worktree", "branch", branch, "err", err)
	s.end("❌ Cannot work on branch " + markdown.CodeSpan(branch) + ": " + markdown.Plain(err.Error()) + "\n\nNothing was started, so that nothing runs in the main repository.")
}
