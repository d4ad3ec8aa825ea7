package session

import (
	"context"
	"encoding/json"
	"maps"
	"strings"

	"ctpipe/internal/claude"
	"ctpipe/internal/facts"
	"ctpipe/internal/markdown"
	"ctpipe/internal/outbox"
	"ctpipe/pipeline"
	"ctpipe/stages"

	"github.com/aymanbagabas/go-udiff"
)

// edit is what a person put in the place of what Claude sent.
type edit struct {
	by   pipeline.User
	diff string // as the thread sees it
}

// editable is the key of the input that a person may write anew, by tool.
var editable = map[string]string{"Bash": "command", "ExitPlanMode": "plan"}

// approveEdited puts words in the place of a call's command, or of a plan. It
// goes through all gates like any other call: what they deny does not run, and
// the card stays as it was; what asks for more people becomes a new card, on
// which only who changed it has approved (A13). What was judged is what runs.
func (s *Session) approveEdited(ctx context.Context, p *prompt, v vote, words string) {
	key := editable[p.call.ToolName]
	if key == "" || !p.holdsClaude() {
		s.notice("⛔ " + p.id + " cannot be changed: only a command or a plan can. Use `!approve " + p.id + "`, or `!deny " + p.id + " <what you want instead>`")
		return
	}
	was, _ := p.input()[key].(string)
	if strings.TrimSpace(was) == words {
		s.answer(ctx, p, v)
		return
	}
	call, err := rewritten(p.call, p.input(), key, words)
	if err != nil {
		s.log.Error("encoding a changed call", "tool_use", p.call.ToolUseID, "err", err)
		return
	}
	v.edit = &edit{by: v.by, diff: markdown.Fence("diff", markdown.Visible(changed(was, words)))}
	people := s.present1(ctx, v.by)
	s.mu.Lock()
	tried := *p
	s.mu.Unlock()
	tried.call, tried.edit = call, v.edit
	ev := s.askEvent(ctx, call, p.open)
	run := s.host.Engine.Reconsider(ctx, ev, func(r *pipeline.Run, _ []pipeline.Vote) bool {
		return s.met(&tried, s.asksNow(&tried, r), people)
	})
	verdict, top := run.Verdict()
	if verdict == pipeline.Deny {
		s.notice("🚫 What " + s.who(v.by) + " put in the place of " + p.id + " is denied by " + markdown.Plain(stages.Names(top)) + reasonSuffix(stages.Reasons(top)) +
			"; the call is still waiting\n" + v.edit.diff)
		return
	}
	asks := s.asksNow(p, run)
	if !s.replaced(p, call, run, asks, v) {
		return
	}
	if s.met(p, asks, people) {
		s.pass(ctx, p, run, v, people)
		return
	}
	s.mu.Lock()
	old := p.key
	s.out.Put(old, outbox.Draft{Text: s.host.fit("✏️ " + p.id + " was changed by " + s.who(v.by) + "; it is asked again below")})
	s.out.Seal(old)
	s.putCard(p, s.host.settings().Approval)
	s.mu.Unlock()
}

// replaced puts the changed call in the place of Claude's; false if the prompt
// has ended meanwhile.
func (s *Session) replaced(p *prompt, call claude.AskCall, run *pipeline.Run, asks []pipeline.Vote, v vote) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.done {
		return false
	}
	p.call, p.asks, p.edit, p.approve = call, asks, v.edit, []pipeline.UserID{v.by.ID}
	p.spoken, p.forAll = []pipeline.UserID{v.by.ID}, nil
	p.open.run, p.open.reads = run, facts.OnlyReads(run.Event)
	p.scripts = nil
	if p.kind == "tool" {
		p.scripts = facts.Scripts(run.Event)
	}
	return true
}

// rewritten is a call with another command or plan.
func rewritten(c claude.AskCall, input map[string]any, key, words string) (claude.AskCall, error) {
	fields := maps.Clone(input)
	if fields == nil {
		fields = map[string]any{}
	}
	fields[key] = words
	raw, err := json.Marshal(fields)
	c.Fields, c.Input = fields, raw
	return c, err
}

// present1 is somebody with the rights they have now, nobody if they have left.
func (s *Session) present1(ctx context.Context, u pipeline.User) []pipeline.User {
	now, err := s.host.person(ctx, u.ID, s.standsIn(), 0)
	if err == nil {
		err = s.host.member(ctx, u.ID)
	}
	if err != nil {
		s.log.Warn("an approval does not count", "user", u.ID, "err", err)
		return nil
	}
	return []pipeline.User{now}
}

// changed is what somebody changed, line by line.
func changed(was, now string) string {
	diff := udiff.Unified("", "", strings.TrimRight(was, "\n")+"\n", strings.TrimRight(now, "\n")+"\n")
	_, lines, _ := strings.Cut(diff, "@@\n") // without the names of files and the first place
	return strings.TrimRight(lines, "\n")
}
