package thread

import (
	"context"
	"errors"

	"ctpipe/internal/desk"
	"ctpipe/internal/mattermost"
	"ctpipe/pipeline"
)

// decision is an approval that may be enough: the prompt as it stands, the
// people who approved it, with the rights they have now, and what the rules in
// force now find.
type decision struct {
	*Thread
	ctx    context.Context
	p      desk.Prompt
	v      desk.Vote // the last one
	people []pipeline.User
	run    *pipeline.Run
}

// decide looks whether the approvals so far are enough. If so, what was asked is
// judged again under the rules in force now: a denial wins, what is no longer
// what was shown needs a new card, and what asks more waits on.
func (t answering) decide(ctx context.Context, id string, v desk.Vote) {
	p, open := t.Prompt(id)
	if !open {
		return
	}
	d := decision{Thread: t.Thread, ctx: ctx, p: p, v: v}
	d.people = d.approvers()
	switch {
	case !d.met(p.Asks):
		t.refreshCard(id)
	case p.Kind == desk.Share:
		t.share(p, d.people)
	default:
		d.run = d.reconsider()
		d.conclude()
	}
}

func (d *decision) conclude() {
	verdict, top := d.run.Verdict()
	switch {
	case verdict == pipeline.Deny:
		d.deniedNow(top)
	case d.p.HoldsClaude() && d.drifted():
		d.askCallAnew()
	case !d.met(AsksOf(d.run)):
		d.askMore()
	case d.p.Event != nil && d.run.Text() != d.p.Text:
		d.askTextAnew()
	default:
		d.pass()
	}
}

// met reports whether the people satisfy asks.
func (d *decision) met(asks []pipeline.Vote) bool { return d.satisfied(asks, d.people) }

func (d *decision) satisfied(asks []pipeline.Vote, people []pipeline.User) bool {
	return len(people) > 0 && len(pipeline.Unmet(d.p.Counted(asks), d.Approval(), people, d.p.Requesters())) == 0
}

// allForAll reports that enough of those who approved said ✅: where it takes two
// to let something pass once, it takes two to let more pass.
func (d *decision) allForAll() bool {
	return d.v.Meaning == "allow_all" && d.satisfied(d.p.Asks, d.p.ForAll(d.people))
}

// AsksOf are the asks of a run that people have to satisfy.
func AsksOf(run *pipeline.Run) []pipeline.Vote {
	verdict, top := run.Verdict()
	if verdict != pipeline.Ask {
		return nil
	}
	return top
}

// reconsider judges once more what a prompt asks about, with facts gathered anew
// and with what people have said.
func (d *decision) reconsider() *pipeline.Run {
	return d.conf.Engine.Reconsider(d.ctx, d.eventAgain(), func(r *pipeline.Run, _ []pipeline.Vote) bool {
		return d.met(AsksOf(r))
	})
}

// eventAgain is the event of a prompt as it would happen now.
func (d *decision) eventAgain() *pipeline.Event {
	if d.p.HoldsClaude() {
		return d.callEvent()
	}
	ev := d.conf.Host.Event(d.p.Event.Kind, d.Root)
	ev.Post, ev.Start, ev.Command = d.p.Event.Post, d.p.Event.Start, d.p.Event.Command
	var err error
	if ev.User, err = d.conf.Host.Person(d.ctx, d.p.Event.User.ID, d.standing, DecisionFor); err != nil {
		d.log.Warn("nobody can say who wanted this; it is refused", "user", d.p.Event.User.ID, "err", err)
	}
	d.conf.Host.Locate(d.ctx, ev, d.Thread)
	return ev
}

// callEvent is the event of a call as it would happen now. Without a session
// nobody waits for it any more: its prompts end with the session.
func (d *decision) callEvent() *pipeline.Event {
	if s := d.Session(); s != nil {
		return s.CallEvent(d.ctx, d.p.Call)
	}
	return d.conf.Host.Event(pipeline.KindTool, d.Root)
}

// approvers are the people who approved, with the rights they have now: who left
// the channel, or cannot be looked up, does not count.
func (d *decision) approvers() []pipeline.User {
	var users []pipeline.User
	for _, id := range d.p.Approvers() {
		u, err := d.answering().present(d.ctx, id)
		switch {
		case err == nil:
			users = append(users, u)
		case errors.Is(err, mattermost.ErrNotFound):
			d.answering().unvote(d.p.ID, id)
		}
	}
	return users
}

// present is somebody with the rights they have now; an error says that their
// Approval does not count.
func (t answering) present(ctx context.Context, id pipeline.UserID) (pipeline.User, error) {
	u, err := t.conf.Host.Person(ctx, id, t.standing, 0)
	if err == nil {
		err = t.conf.Host.Member(ctx, id)
	}
	if err != nil {
		t.log.Warn("an approval does not count", "user", id, "err", err)
	}
	return u, err
}

// askMore keeps a card open because the rules in force now ask for more.
func (d *decision) askMore() {
	var judged *desk.Judged
	if d.p.HoldsClaude() {
		j := desk.JudgedBy(d.run)
		judged = &j
		d.answering().rejudged(d.p.Call, d.run)
	}
	base := d.Approval()
	d.Lock()
	defer d.Unlock()
	d.Out.Apply(d.Desk.AskMore(d.p.ID, AsksOf(d.run), judged, base, d.now())...)
}

// askTextAnew asks about a message or start that the hooks in force now make
// another one: nobody approved that.
func (d *decision) askTextAnew() {
	if d.Finish(d.p.ID, "♻️ *Hooks have changed this since it was shown; it is asked again*") {
		d.Ask(&desk.Prompt{Kind: d.p.Kind, Pending: d.p.Pending, Event: d.p.Event, Text: d.run.Text(), Asks: AsksOf(d.run)})
	}
}

// pass lets happen what was asked.
func (d *decision) pass() {
	switch d.p.Kind {
	case desk.Tool:
		d.allowCall()
	case desk.Plan:
		d.beginPlan()
	default:
		d.admit()
	}
}

// deniedNow ends a prompt that the rules in force now deny.
func (d *decision) deniedNow(top []pipeline.Vote) {
	by, why := pipeline.Names(top), pipeline.Reasons(top)
	if !d.Finish(d.p.ID, "🚫 **Denied** by "+by+", which is in force now"+ReasonSuffix(why)) {
		return
	}
	if d.p.HoldsClaude() {
		d.answering().tellClaudeNo(d.p, by, why)
		return
	}
	d.answering().tellAuthor(d.p, "⛔ "+refusedWord[d.p.Kind]+ReasonSuffix(why))
	d.answering().settled()
}
