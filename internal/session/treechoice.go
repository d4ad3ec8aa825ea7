package session

import (
	"context"
	"strings"
	"time"

	"ctpipe/internal/command"
	"ctpipe/internal/markdown"
	"ctpipe/internal/worktree"
	"ctpipe/pipeline"
)

// treeLook bounds the look for uncommitted work before a session starts.
const treeLook = 10 * time.Second

// treeChoice asks, before Claude starts, whether a session works in a worktree
// of its own.
type treeChoice struct {
	dir      string // where it works otherwise
	why      string
	required bool // there is no otherwise
}

// whereFirst finds out where a new session works, and starts Claude there. The
// policy may want people asked, or a worktree made in any case.
func (s *Session) whereFirst() {
	set := s.host.settings()
	s.mu.Lock()
	dir, off := s.dir, s.treesOff
	s.mu.Unlock()
	if set.Worktrees == "off" || set.Worktrees == "" || off && set.Worktrees != "require" {
		s.spawn(false)
		return
	}
	s.beside("looking at the repository", func() {
		c, err := s.treeChoice(dir, set.Worktrees == "require")
		switch {
		case !s.startsIn(dir): // it went elsewhere, or ended, meanwhile
		case err != nil && set.Worktrees == "require":
			s.noTree(err)
		case err != nil:
			s.log.Warn("whether to ask for a worktree is not known", "dir", dir, "err", err)
			s.spawn(false)
		case c == nil:
			s.spawn(false)
		default:
			ttl := s.host.settings().Approval.TTL
			if !s.openPrompt(&prompt{kind: "worktree", ttl: ttl, choice: c}) {
				s.noTree(errStopping)
			}
		}
	}, func() { s.noTree(errBroken) })
}

// treeChoice is what to ask about a directory, nil if nothing: it is in no
// repository, or in a worktree already, or nobody else's work is in the way.
func (s *Session) treeChoice(dir string, required bool) (*treeChoice, error) {
	place, err := worktree.Look(dir)
	if err != nil || place.Top == "" || place.Linked {
		return nil, err
	}
	c := &treeChoice{dir: dir, required: required}
	if required {
		c.why = "⚠️ **This deployment requires working in a worktree.**\nPlease reply with a branch name to continue."
		return c, nil
	}
	const reply = "\nReply with a branch name to work in an isolated worktree, or react with ❌ to continue "
	if s.host.works(place.Top, s) {
		c.why = "⚠️ **Another session is already using this repo.**" + reply + "anyway."
		return c, nil
	}
	ctx, cancel := context.WithTimeout(s.host.starts, treeLook)
	defer cancel()
	dirty, err := worktree.Dirty(ctx, place.Top)
	if err != nil || !dirty {
		return nil, err
	}
	c.why = "🌿 **This repo has uncommitted changes.**" + reply + "in the main repo."
	return c, nil
}

// works reports whether another session works in the same worktree.
func (h *Host) works(top string, but *Session) bool {
	h.mu.Lock()
	all := h.all()
	h.mu.Unlock()
	for _, s := range all {
		s.mu.Lock()
		dir, over := s.dir, s.phase == ended || s.phase == paused
		s.mu.Unlock()
		if s == but || over {
			continue
		}
		if place, err := worktree.Look(dir); err == nil && place.Top == top {
			return true
		}
	}
	return false
}

func (c *treeChoice) card() string { return c.why }

func (c *treeChoice) seeds() []string {
	if c.required {
		return nil
	}
	return []string{"x"}
}

// take is ❌, or the name of a branch. Where a worktree is required ❌ is no
// way round it (FUN-06).
func (c *treeChoice) take(s *Session, p *prompt, v vote) {
	switch {
	case !v.added:
	case v.meaning == "answer":
		if s.finish(p, "✅ Working on branch "+markdown.CodeSpan(v.words)+" (chosen by "+s.who(v.by)+")") {
			s.branchFirst(v.words)
		}
	case (v.meaning == "stop" || v.meaning == "deny") && !c.required:
		if s.finish(p, "✅ Continuing in main repo (skipped by "+s.who(v.by)+")") {
			s.startIn(c.dir)
		}
	}
}

// lapse starts nothing: nobody said where Claude may write.
func (c *treeChoice) lapse(s *Session, p *prompt) {
	if s.finish(p, "⏱️ **Timed out** - nobody said where to work") {
		s.noTree(command.UserError("nobody said where to work within " + spoken(p.ttl)))
	}
}

// closeTree ends the question where to work, if it is open.
func (s *Session) closeTree(outcome string) {
	if p := s.openOf("worktree"); p != nil {
		s.finish(p, outcome)
	}
}

// startIn starts Claude, unless the session has gone elsewhere meanwhile.
func (s *Session) startIn(dir string) {
	if s.startsIn(dir) {
		s.spawn(false)
	}
}

// startsIn reports that Claude is still to be started in a directory.
func (s *Session) startsIn(dir string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.phase == starting && s.dir == dir
}

// noTree ends a session that has no place to work in.
func (s *Session) noTree(err error) {
	s.log.Warn("nowhere to work", "err", err)
	s.end("❌ " + markdown.Plain(err.Error()) + ". Nothing was started; mention me again.")
}

// branchByText takes a message of one word as the branch that is asked for, and
// reports whether it was one. Everything else waits for Claude (RACE-10).
func (s *Session) branchByText(p pipeline.Prompt) bool {
	name := strings.TrimSpace(p.Text)
	open := s.seenOf("worktree")
	if open == nil || p.Slash || len(p.Files) > 0 || name == "" || strings.ContainsAny(name, " \t\n") {
		return false
	}
	v, _, ok := s.counts(s.host.ctx, open, p.From, "answer", "")
	if !ok {
		return false
	}
	if worktree.ValidBranch(name) != nil {
		s.notice(command.NoBranchName(name, "."))
		return true
	}
	v.words = name
	s.answer(s.host.ctx, open, v)
	return true
}
