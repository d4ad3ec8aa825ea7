package session

import (
	"context"

	"ctpipe/internal/state"
	"ctpipe/pipeline"
)

// hold asks somebody who may decide whether a stranger's message is given to
// Claude. Each message has a card of its own (RACE-14).
func (s *Session) hold(m pipeline.Prompt, post pipeline.PostID, asks []pipeline.Vote) {
	most := s.host.settings().Parked
	s.mu.Lock()
	n := 0
	for _, p := range s.prompts {
		if !p.holdsClaude() && p.message.From.ID == m.From.ID {
			n++
		}
	}
	s.mu.Unlock()
	if most > 0 && n >= most {
		s.log.Warn("too many posts of one stranger wait; one is not run", "user", m.From.ID, "post", post)
		s.out.React(post, tooMuch)
		return
	}
	s.openPrompt(&prompt{kind: "message", message: m, asks: asks})
}

// messageText is the card of a stranger's message.
func messageText(p *prompt) string {
	return "🔒 **@" + zeroWidth + p.message.From.Name + " wants to send a message** – needs approval:\n" +
		quote(p.message.Text, inputRunes) + "\n\nReact: 👍 Allow once | ✅ Invite to session | 👎 Deny"
}

// answerMessage decides about a stranger's message; who may is said by the
// rule that asked.
func (s *Session) answerMessage(p *prompt, e pipeline.Count) {
	if !e.Added || !pipeline.MayAnswer(p.asks, s.host.settings().Approval, e.User, []pipeline.User{p.message.From}) {
		return
	}
	guest := "@" + zeroWidth + p.message.From.Name
	switch e.Meaning {
	case "approve":
		if s.finish(p, "✅ Message from "+guest+" approved by "+s.who(e.User)) {
			m := p.message
			m.Text = "[Message from @" + m.From.Name + ", approved by @" + e.User.Name + "]\n" + m.Text
			s.prompt(m)
		}
	case "allow_all":
		if s.finish(p, "✅ "+guest+" invited to session by "+s.who(e.User)) {
			s.invite(p.message.From.ID, e.User.ID)
			s.prompt(p.message)
		}
	case "deny":
		s.finish(p, "❌ Message from "+guest+" denied by "+s.who(e.User))
	}
}

// invite lets somebody talk in this session, also after a restart.
func (s *Session) invite(id, by pipeline.UserID) {
	s.mu.Lock()
	s.invited[id] = true
	s.mu.Unlock()
	if s.host.Store == nil {
		return
	}
	s.save() // an invitation needs the session's record
	err := s.host.Lanes.Enqueue(string(s.thread)+"/state", func(ctx context.Context) {
		v := state.Invited{Session: s.id, User: id, By: by, At: s.host.Clock.Now()}
		if err := s.host.Store.Invite(context.WithoutCancel(ctx), v); err != nil {
			s.log.Warn("an invitation is not kept", "user", id, "err", err)
		}
	})
	if err != nil {
		s.log.Warn("an invitation is not kept", "user", id, "err", err)
	}
}
