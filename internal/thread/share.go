package thread

import (
	"context"
	"ctpipe/internal/desk"
	"ctpipe/pipeline"
)

// share shows a block that people let be shown: it passes the show chain like
// any other, under the rules in force now, with the asks answered by them. That
// happens in the show lane, so that no newer form of the block comes in between.
func (t answering) share(p desk.Prompt, people []pipeline.User) {
	err := t.conf.Lanes.Enqueue(string(t.ID)+"/show", func(ctx context.Context) {
		if !t.Finish(p.ID, "✅ **Shared** by "+desk.Names(people)) {
			return
		}
		t.Lock()
		t.Desk.Share(p.Held.Block, people)
		s := t.session
		t.Unlock()
		if s != nil {
			s.ShowHeld(ctx, p.Held.Block)
		}
	})
	if err != nil {
		t.log.Warn("a block is not shared yet; its card stays open", "card", p.ID, "err", err)
	}
}
