package thread

import (
	"context"
	"encoding/json"
	"maps"
	"strings"

	"ctpipe/internal/desk"
	"ctpipe/internal/facts"
	"ctpipe/internal/markdown"
	"ctpipe/pipeline"

	"github.com/aymanbagabas/go-udiff"
)

// editable is the key of the input that a person may write anew, by tool.
var editable = map[string]string{"Bash": "command", "ExitPlanMode": "plan"}

// ApproveEdited puts words in the place of a call's command, or of a plan. It
// goes through all gates like any other call: what they deny does not run, and
// the card stays as it was; what asks for more people becomes a new card, on
// which only who changed it has approved. What was judged is what runs.
func (t *Thread) ApproveEdited(ctx context.Context, p desk.Prompt, v desk.Vote, words string) {
	if !p.HoldsClaude() || editable[p.Call.Tool] == "" {
		t.Notice("⛔ " + p.ID + " cannot be changed: only a command or a plan can. Use `!approve " + p.ID + "`, or `!deny " + p.ID + " <what you want instead>`")
		return
	}
	was, _ := p.Input()[editable[p.Call.Tool]].(string)
	if strings.TrimSpace(was) == words {
		t.Vote(ctx, p, v)
		return
	}
	call, err := rewritten(p, words)
	if err != nil {
		t.log.Error("encoding a changed call", "tool_use", p.Call.ID, "err", err)
		return
	}
	v.Edit = &desk.Edit{By: v.By, Diff: markdown.Fence("diff", markdown.Visible(changed(was, words)))}
	d := decision{Thread: t, ctx: ctx, p: p, v: v}
	d.p.Call, d.p.Edit = &call, v.Edit
	if u, err := t.answering().present(ctx, v.By.ID); err == nil {
		d.people = []pipeline.User{u}
	}
	d.run = d.reconsider()
	d.concludeEdit()
}

func (d *decision) concludeEdit() {
	verdict, top := d.run.Verdict()
	if verdict == pipeline.Deny {
		d.Notice("🚫 What " + desk.Who(d.v.By) + " put in the place of " + d.p.ID + " is denied by " + markdown.Plain(pipeline.Names(top)) + ReasonSuffix(pipeline.Reasons(top)) +
			"; the call is still waiting\n" + d.v.Edit.Diff)
		return
	}
	asks := AsksOf(d.run)
	d.p.Call.Judged, d.p.Asks = desk.JudgedBy(d.run), asks
	if d.p.Scripts = nil; d.p.Kind == desk.Tool {
		d.p.Scripts = facts.Scripts(d.run.Event)
	}
	d.Lock()
	open := d.Desk.Replace(d.p.ID, *d.p.Call, asks, d.v, d.p.Scripts)
	d.Unlock()
	if !open {
		return
	}
	d.answering().rejudged(d.p.Call, d.run)
	if d.met(asks) {
		d.pass()
		return
	}
	base := d.Approval()
	d.Lock()
	defer d.Unlock()
	d.ApplyLocked(d.Desk.Repost(d.p.ID, "✏️ "+d.p.ID+" was changed by "+desk.Who(d.v.By)+"; it is asked again below", base, d.now()))
}

// rewritten is the call of a prompt with another command or plan.
func rewritten(p desk.Prompt, words string) (desk.Call, error) {
	fields := maps.Clone(p.Input())
	if fields == nil {
		fields = map[string]any{}
	}
	fields[editable[p.Call.Tool]] = words
	raw, err := json.Marshal(fields)
	call := *p.Call
	call.Input = raw
	return call, err
}

// changed is what somebody changed, line by line.
func changed(was, now string) string {
	diff := udiff.Unified("", "", strings.TrimRight(was, "\n")+"\n", strings.TrimRight(now, "\n")+"\n")
	_, lines, _ := strings.Cut(diff, "@@\n") // without the names of files and the first place
	return strings.TrimRight(lines, "\n")
}
