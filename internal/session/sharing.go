package session

import (
	"context"

	"ctpipe/internal/desk"
	"ctpipe/internal/transcript"
	"ctpipe/pipeline"
)

// holdBack asks people whether a block that is withheld may be shown, and
// reports whether they are asked. Until they share it nothing more of it is
// judged.
func (s *Session) holdBack(ctx context.Context, block string, run *pipeline.Run) bool {
	if s.full(func(p *desk.Prompt) bool { return p.Kind == desk.Share }) {
		return false
	}
	sh := run.Event.Show
	s.ask(&desk.Prompt{Kind: desk.Share, Asks: asksOf(run),
		Held: &desk.Held{Block: block, What: sh.What, Tool: sh.Tool, Askers: s.askers(ctx)}})
	return true
}

// share shows a block that people let be shown: it passes the show chain like
// any other, under the rules in force now, with the asks answered by them. That
// happens in the show lane, so that no newer form of the block comes in between.
func (t *thread) share(p desk.Prompt, people []pipeline.User) {
	err := t.host.Lanes.Enqueue(string(t.id)+"/show", func(ctx context.Context) {
		if !t.finish(p.ID, "✅ **Shared** by "+desk.Names(people)) {
			return
		}
		t.mu.Lock()
		t.desk.Share(p.Held.Block, people)
		s := t.session
		t.mu.Unlock()
		if s != nil {
			s.showHeld(ctx, p.Held.Block)
		}
	})
	if err != nil {
		t.log.Warn("a block is not shared yet; its card stays open", "card", p.ID, "err", err)
	}
}

// sharedBy is how a block is judged that people let be shown: what they answered
// is answered, and a denial wins. It is nil for any other block.
func (s *Session) sharedBy(ctx context.Context, block string) pipeline.ApprovalsMet {
	s.mu.Lock()
	people := s.desk.SharedBy(block)
	s.mu.Unlock()
	if people == nil {
		return nil
	}
	base, askers := s.approval(), s.askers(ctx)
	return func(_ *pipeline.Run, asks []pipeline.Vote) bool {
		return len(pipeline.Unmet(asks, base, people, askers)) == 0
	}
}

// keepHeld keeps the newest form of a block that is held. One that comes again
// under another id needs nobody any more.
func (s *Session) keepHeld(u transcript.Update) {
	s.mu.Lock()
	p := s.desk.Holding(u.Block)
	if p != nil {
		s.words.Hold(u)
	}
	if u.Gone || u.Final {
		s.desk.Shown(u.Block)
	}
	s.mu.Unlock()
	if p != nil && u.Gone {
		s.finish(p.ID, "↩️ *Claude took this back*")
	}
}

// showHeld shows the newest form of a block that people share, below what has
// been said meanwhile.
func (s *Session) showHeld(ctx context.Context, block string) {
	s.mu.Lock()
	u, ok := s.words.Share(block)
	s.mu.Unlock()
	if ok {
		s.showOne(ctx, u)
	}
}
