package session

import (
	"context"
	"strings"
	"time"

	"ctpipe/internal/command"
	"ctpipe/internal/desk"
	"ctpipe/internal/markdown"
	"ctpipe/internal/process"
	"ctpipe/internal/worktree"
	"ctpipe/pipeline"
)

// treeLook bounds the look for uncommitted work before a session starts.
const treeLook = 10 * time.Second

// whereFirst finds out where a new session works, and starts Claude there. The
// policy may want people asked, or a worktree made in any case.
func (s launcher) whereFirst() {
	set := s.host.settings()
	s.Lock()
	dir, off := s.about.Dir, s.about.NoWorktreePrompt
	s.Unlock()
	if set.Worktrees == "off" || set.Worktrees == "" || off && set.Worktrees != "require" {
		s.spawn(false)
		return
	}
	s.beside("looking at the repository", func() {
		p, err := s.worktreePrompt(dir, set.Worktrees == "require")
		switch {
		case !s.startsIn(dir): // it went elsewhere, or ended, meanwhile
		case err != nil && set.Worktrees == "require":
			s.noWorkdir(err)
		case err != nil:
			s.log.Warn("whether to ask for a worktree is not known", "dir", dir, "err", err)
			s.spawn(false)
		case p == nil:
			s.spawn(false)
		case !s.Ask(p):
			s.noWorkdir(errStopping)
		}
	}, func() { s.noWorkdir(errBroken) })
}

// worktreePrompt is what to ask about a directory, nil if nothing: it is in no
// repository, or in a worktree already, or nobody else's work is in the way.
func (s launcher) worktreePrompt(dir string, required bool) (*desk.Prompt, error) {
	ttl := s.Approval().TTL
	place, err := worktree.Look(dir)
	if err != nil || place.Top == "" || place.Linked {
		return nil, err
	}
	if required {
		return desk.AskWorktree(dir, "⚠️ **This deployment requires working in a worktree.**\nPlease reply with a branch name to continue.", true, ttl), nil
	}
	const reply = "\nReply with a branch name to work in an isolated worktree, or react with ❌ to continue "
	if s.host.slots().works(place.Top, s.Session) {
		return desk.AskWorktree(dir, "⚠️ **Another session is already using this repo.**"+reply+"anyway.", false, ttl), nil
	}
	ctx, cancel := context.WithTimeout(s.host.starts, treeLook)
	defer cancel()
	dirty, err := worktree.Dirty(ctx, place.Top)
	if err != nil || !dirty {
		return nil, err
	}
	return desk.AskWorktree(dir, "🌿 **This repo has uncommitted changes.**"+reply+"in the main repo.", false, ttl), nil
}

// works reports whether another session works in the same worktree.
func (h slots) works(top string, but *Session) bool {
	for _, s := range h.all() {
		s.Lock()
		dir, over := s.about.Dir, s.process.Phase == process.Ended || s.process.Phase == process.Paused
		s.Unlock()
		if s == but || over {
			continue
		}
		if place, err := worktree.Look(dir); err == nil && place.Top == top {
			return true
		}
	}
	return false
}

// startsIn reports that Claude is still to be started in a directory.
func (s launcher) startsIn(dir string) bool {
	s.Lock()
	defer s.Unlock()
	return s.process.Phase == process.Starting && s.about.Dir == dir
}

// noWorkdir ends a session that has no place to work in.
func (s launcher) noWorkdir(err error) {
	s.log.Warn("nowhere to work", "err", err)
	s.end("❌ " + markdown.Plain(err.Error()) + ". Nothing was started; mention me again.")
}

// branchByText takes a message of one word as the branch that is asked for, and
// reports whether it was one. Everything else waits for Claude.
func (s mail) branchByText(p pipeline.Prompt) bool {
	name := strings.TrimSpace(p.Text)
	open, ok := s.Shown(desk.Worktree, s.host.delivered.Written(p.Post))
	if !ok || p.Slash || len(p.Files) > 0 || name == "" || strings.ContainsAny(name, " \t\n") {
		return false
	}
	v, _, ok := s.Counts(s.host.ctx, open, p.From, "answer", "")
	if !ok {
		return false
	}
	if worktree.ValidBranch(name) != nil {
		s.Notice(command.NoBranchName(name, "."))
		return true
	}
	v.Words = name
	s.Vote(s.host.ctx, open, v)
	return true
}
