package session

import (
	"context"
	"regexp"
	"strings"

	"ctpipe/internal/markdown"
	"ctpipe/pipeline"
	"ctpipe/stages"
)

// approveCommand is !approve [id] [other command]: 👍 on a card, in words, or a
// command that is to run in the place of Claude's (A12, A13).
func (s *Session) approveCommand(ctx context.Context, r *pipeline.Run, e pipeline.Control) {
	holder, p, v, words := s.inWords(ctx, r, e, "approve", "+1")
	if p == nil {
		return
	}
	switch words = unquoted(words); {
	case p.kind == "question":
		holder.notice("❓ " + p.id + " is a question: react on its card, or write your answer")
	case words == "":
		holder.mu.Lock()
		p.spoken = append(p.spoken, v.by.ID)
		holder.mu.Unlock()
		holder.answer(ctx, p, v)
	default:
		holder.approveEdited(ctx, p, v, words)
	}
}

// denyCommand is !deny [id] <reason>: 👎 on a card, and Claude reads the reason.
func (s *Session) denyCommand(ctx context.Context, r *pipeline.Run, e pipeline.Control) {
	holder, p, v, words := s.inWords(ctx, r, e, "deny", "-1")
	if p == nil {
		return
	}
	if v.words = words; words == "" && p.kind == "question" {
		v.words = "no reason given"
	}
	holder.answer(ctx, p, v)
}

// inWords is the prompt that a command answers, as what, and what else it says;
// p is nil where there is none, or where this person's answer does not count,
// which is said.
func (s *Session) inWords(ctx context.Context, r *pipeline.Run, e pipeline.Control, meaning, emoji string) (holder *Session, p *prompt, v vote, words string) {
	if holder, p, words = s.addressed(r, e); p == nil {
		return nil, nil, v, ""
	}
	v, why, ok := holder.counts(ctx, p, e.By, meaning, emoji)
	if !ok || !holder.mayAnswer(p, v.by) {
		holder.mayNot(p, e.By, why)
		return nil, nil, v, ""
	}
	return holder, p, v, words
}

var promptID = regexp.MustCompile(`(?i)^[cs][0-9]+$`)

// addressed finds the prompt that a command is about, by its id, or the only one
// that is open (A12), and what else the command says. Where there is none it
// says so.
func (s *Session) addressed(r *pipeline.Run, e pipeline.Control) (holder *Session, p *prompt, words string) {
	words = strings.TrimSpace(r.Event.Command.Text)
	id := ""
	if len(e.Args) > 0 && promptID.MatchString(e.Args[0]) {
		id = strings.ToLower(e.Args[0])
		words = strings.TrimSpace(strings.TrimPrefix(words, e.Args[0]))
	}
	type open struct {
		holder *Session
		p      *prompt
	}
	var all []open
	var ids []string
	for _, holder := range []*Session{s, s.host.parkedIn(s.thread)} {
		if holder == nil || holder == s && len(all) > 0 {
			continue
		}
		holder.mu.Lock()
		for _, p := range holder.prompts {
			if !p.queued && p.choice == nil {
				all, ids = append(all, open{holder, p}), append(ids, "`"+p.id+"`")
			}
		}
		holder.mu.Unlock()
	}
	if len(all) == 1 && id == "" && e.What == "approve" && all[0].holder.unsure(e.By.ID) {
		s.notice("ℹ️ Another card was closed just now: say which, " + ids[0])
		return nil, nil, ""
	}
	for _, o := range all {
		if o.p.id == id || id == "" && len(all) == 1 {
			return o.holder, o.p, words
		}
	}
	switch {
	case len(all) == 0:
		s.notice("ℹ️ Nothing is waiting for an answer")
	case id != "":
		s.notice("ℹ️ " + markdown.CodeSpan(id) + " is not open; waiting: " + strings.Join(ids, ", "))
	default:
		s.notice("ℹ️ Several are waiting: say which, " + strings.Join(ids, ", "))
	}
	return nil, nil, ""
}

// counts asks the reaction rules whether somebody's answer counts, as if they
// had reacted on the card: one set of rules says who decides, however it is said.
// Where it does not count, why is what the rules say.
func (s *Session) counts(ctx context.Context, p *prompt, by pipeline.User, meaning, emoji string) (v vote, why string, ok bool) {
	ev := s.host.event(pipeline.KindReaction, s.root)
	s.mu.Lock()
	ev.Post.ID = p.post
	s.mu.Unlock()
	var err error
	if ev.User, err = s.host.person(ctx, by.ID, s.standsIn(), decisionFor); err != nil {
		s.log.Warn("nobody can say who answered; it does not count", "user", by.ID, "err", err)
	}
	ev.Reaction = pipeline.Reaction{Emoji: emoji, Meaning: meaning, Added: true, Target: p.kind}
	run := s.host.Engine.Judge(ctx, ev)
	for _, e := range run.Effects() {
		if c, ok := e.(pipeline.Count); ok && c.Meaning == meaning {
			return vote{by: c.User, meaning: meaning, added: true}, "", true
		}
	}
	_, top := run.Verdict()
	if top[0].Source == pipeline.SourceRule || top[0].Source == pipeline.SourceHook {
		why = stages.Reasons(top)
	}
	return vote{}, why, false
}

func (s *Session) mayNot(p *prompt, by pipeline.User, why string) {
	s.log.Info("an answer does not count", "user", by.ID, "prompt", p.id, "kind", p.kind)
	s.mu.Lock()
	asks := p.counted(p.asks)
	s.mu.Unlock()
	text := "⛔ " + s.who(by) + " may not answer " + p.id + reasonSuffix(why)
	if len(asks) > 0 {
		text += "; who may: " + markdown.Plain(whoMay(asks, s.host.settings().Approval))
	}
	s.notice(text)
}

// unquoted takes the code marks off a command that somebody wrote as code.
func unquoted(words string) string {
	for _, mark := range []string{"```", "`"} {
		inner, begins := strings.CutPrefix(words, mark)
		inner, ends := strings.CutSuffix(inner, mark)
		if !begins || !ends || inner == "" || strings.Contains(inner, mark) {
			continue
		}
		if first, rest, many := strings.Cut(inner, "\n"); mark == "```" && many && !strings.ContainsAny(strings.TrimSpace(first), " \t") {
			inner = rest // the language of the fence
		}
		return strings.TrimSpace(inner)
	}
	return words
}
