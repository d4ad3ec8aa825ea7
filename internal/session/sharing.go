package session

import (
	"context"

	"ctpipe/internal/markdown"
	"ctpipe/pipeline"
)

// holdBack asks people whether a block that is withheld may be shown, and
// reports whether they are asked. Until they share it nothing more of it is
// judged.
func (s *Session) holdBack(ctx context.Context, block string, run *pipeline.Run) bool {
	if s.full(func(p *prompt) bool { return p.kind == "share" }) {
		return false
	}
	_, asks := run.Verdict()
	sh := run.Event.Show
	s.openPrompt(&prompt{kind: "share", asks: asks, askers: s.askers(ctx),
		block: piece{block: block, what: sh.What, tool: sh.Tool, text: sh.Text, final: sh.Final}})
	return true
}

// shareText says what is held, without a word of it.
func shareText(p *prompt) string {
	what := map[string]string{"text": "what it says", "thinking": "what it thinks", "tool": "a tool call", "result": "a tool's result",
		"diff": "a change", "tasks": "its task list", "plan": "a plan"}[p.block.what]
	if what == "" {
		what = "something"
	}
	if p.block.tool != "" {
		what += " (" + markdown.CodeSpan(p.block.tool) + ")"
	}
	return "🔒 **Claude wants to show " + what + "** – held until a person shares it"
}

// keepHeld keeps the newest form of a block that is held. One that comes again
// under another id needs nobody any more.
func (s *Session) keepHeld(n piece) {
	s.mu.Lock()
	var void []*prompt
	for _, p := range s.prompts {
		if p.kind != "share" || p.block.block != n.block {
			continue
		}
		if p.block = n; n.gone {
			void = append(void, p)
		}
	}
	if n.gone || n.final {
		delete(s.shared, n.block)
	}
	s.mu.Unlock()
	for _, p := range void {
		s.finish(p, "↩️ *Claude took this back*")
	}
}

// share shows a block that people let be shown: it passes the show chain like
// any other, under the rules in force now, with the asks answered by them. That
// happens in the show lane, so that no newer form of the block comes in between.
func (s *Session) share(p *prompt, people []pipeline.User) {
	err := s.host.Lanes.Enqueue(string(s.thread)+"/show", func(ctx context.Context) {
		if !s.finish(p, "✅ **Shared** by "+s.names(people)) {
			return
		}
		s.mu.Lock()
		held := p.block
		delete(s.latched, held.block)
		if s.shared == nil {
			s.shared = map[string][]pipeline.User{}
		}
		s.shared[held.block] = people
		s.pages.seal()
		held.era = s.pages.era
		s.mu.Unlock()
		s.showOne(ctx, held)
	})
	if err != nil {
		s.log.Warn("a block is not shared yet; its card stays open", "card", p.id, "err", err)
	}
}

// sharedBy is how a block is judged that people let be shown: what they answered
// is answered, and a denial wins. It is nil for any other block.
func (s *Session) sharedBy(ctx context.Context, block string) pipeline.ApprovalsMet {
	s.mu.Lock()
	people := s.shared[block]
	s.mu.Unlock()
	if people == nil {
		return nil
	}
	base, askers := s.host.settings().Approval, s.askers(ctx)
	return func(_ *pipeline.Run, asks []pipeline.Vote) bool {
		return len(pipeline.Unmet(asks, base, people, askers)) == 0
	}
}
