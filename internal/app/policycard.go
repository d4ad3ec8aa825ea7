package app

import (
	"context"
	"fmt"
	"strings"
	"time"

	"ctpipe/internal/board"
	"ctpipe/internal/markdown"
	"ctpipe/internal/policy"
	"ctpipe/pipeline"
)

// What a card about a held save shows at most: the log has the whole.
const cardReasons = 20

// askOwners puts a held save before the owners, on every platform.
func (s *server) askOwners(ctx context.Context, q *policy.Question) {
	name := s.announceIn()
	for _, p := range s.posters {
		p.in(name, func(channel string) {
			p.host.AskPolicy(board.PolicyCard{
				Rev:     q.New,
				Channel: channel,
				Text:    s.screen.Hide(heldText(q, s.opts.Rules)),
				Owners:  q.Owners,
				Answer:  func(_ context.Context, by pipeline.User, yes bool) string { return s.answered(ctx, q, by, yes) },
			})
		})
	}
}

// voidCards ends the cards about a save of which something else became.
func (s *server) voidCards(rev pipeline.Rev, outcome string) {
	for _, p := range s.posters {
		p.in("", func(string) { p.host.ClosePolicy(rev, "ℹ️ **Rules rev "+pipeline.ShortRev(rev)+":** "+outcome) })
	}
}

// heldText says what people are asked.
func heldText(q *policy.Question, file string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "🔒 **A save of %s lets more through, and waits for a policy owner**\n\n", markdown.CodeSpan(file))
	fmt.Fprintf(&b, "rev %s → **%s**", pipeline.ShortRev(q.Old), pipeline.ShortRev(q.New))
	if !q.Modified.IsZero() {
		fmt.Fprintf(&b, " · saved %s", q.Modified.UTC().Format("2006-01-02 15:04:05 UTC"))
	}
	b.WriteString("\n\n**What it loosens:**\n")
	for i, reason := range q.Loosens {
		if i == cardReasons {
			fmt.Fprintf(&b, "- … and %d more, which the log names\n", len(q.Loosens)-i)
			break
		}
		b.WriteString("- " + markdown.CodeSpan(reason) + "\n")
	}
	if q.Changes != "" {
		b.WriteString("\n**On recorded events:** " + markdown.Plain(q.Changes) + "\n")
	}
	fmt.Fprintf(&b, "\n**Who may answer:** %s, by the rules in force · or `ctpipe rules accept %s`", markdown.Plain(strings.Join(q.Owners, " or ")), q.New)
	return b.String()
}

// answered does what an owner says, records it, and gives what then stands on
// the card.
func (s *server) answered(ctx context.Context, q *policy.Question, by pipeline.User, yes bool) string {
	who, rev := markdown.Name(by.Name), pipeline.ShortRev(q.New)
	var err error
	text, outcome := "", ""
	if yes {
		err = s.live.Accept(q.New)
		text = fmt.Sprintf("rev %s is put in force by @%s", q.New, by.Name)
		outcome = fmt.Sprintf("✅ **Rules rev %s put in force** by %s", rev, who)
	} else {
		err = s.live.Decline(q.New, by.Name)
		text = fmt.Sprintf("rev %s is kept out of force by @%s", q.New, by.Name)
		outcome = fmt.Sprintf("👎 **Rules rev %s refused** by %s; rev %s stays in force", rev, who, pipeline.ShortRev(q.Old))
	}
	if err != nil {
		s.log.Warn("an answer about the held rules came to nothing", "rev", q.New, "user", by.ID, "err", err)
		return "⚠️ **The answer of " + who + " came to nothing:** " + markdown.Plain(err.Error())
	}
	s.notice(ctx, "answered", text, by)
	for _, p := range s.posters {
		p.host.ClosePolicy(q.New, outcome)
	}
	return outcome + " · " + time.Now().UTC().Format("15:04 UTC")
}
