package session

import (
	"context"

	"ctpipe/internal/desk"
	"ctpipe/internal/thread"
	"ctpipe/internal/transcript"
	"ctpipe/pipeline"
)

// holdBack asks people whether a block that is withheld may be shown, and
// reports whether they are asked. Until they share it nothing more of it is
// judged.
func (s speech) holdBack(ctx context.Context, block string, run *pipeline.Run) bool {
	if s.Full(func(p *desk.Prompt) bool { return p.Kind == desk.Share }) {
		return false
	}
	sh := run.Event.Show
	s.Ask(&desk.Prompt{Kind: desk.Share, Asks: thread.AsksOf(run),
		Held: &desk.Held{Block: block, What: sh.What, Tool: sh.Tool, Askers: s.gatekeeper().askers(ctx)}})
	return true
}

// sharedBy is how a block is judged that people let be shown: what they answered
// is answered, and a denial wins. It is nil for any other block.
func (s speech) sharedBy(ctx context.Context, block string) pipeline.ApprovalsMet {
	s.Lock()
	people := s.Desk.SharedBy(block)
	s.Unlock()
	if people == nil {
		return nil
	}
	base, askers := s.Approval(), s.gatekeeper().askers(ctx)
	return func(_ *pipeline.Run, asks []pipeline.Vote) bool {
		return len(pipeline.Unmet(asks, base, people, askers)) == 0
	}
}

// keepHeld keeps the newest form of a block that is held. One that comes again
// under another id needs nobody any more.
func (s speech) keepHeld(u transcript.Update) {
	s.Lock()
	p := s.Desk.Holding(u.Block)
	if p != nil {
		s.words.Hold(u)
	}
	if u.Gone || u.Final {
		s.Desk.Shown(u.Block)
	}
	s.Unlock()
	if p != nil && u.Gone {
		s.Finish(p.ID, "↩️ *Claude took this back*")
	}
}

// showHeld shows the newest form of a block that people share, below what has
// been said meanwhile.
func (s speech) showHeld(ctx context.Context, block string) {
	s.Lock()
	u, ok := s.words.Share(block)
	s.Unlock()
	if ok {
		s.showOne(ctx, u)
	}
}
