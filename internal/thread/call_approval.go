package thread

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"

	"ctpipe/internal/claude"
	"ctpipe/internal/desk"
	"ctpipe/internal/facts"
	"ctpipe/pipeline"
)

// AskCall puts a call before people: as a card, a question or a plan.
func (t *Thread) AskCall(call desk.Call) {
	s := t.Session()
	if s == nil {
		return
	}
	p := &desk.Prompt{Kind: desk.Tool, Call: &call}
	if call.Judged.Verdict == pipeline.Ask {
		p.Asks = call.Judged.Top
	}
	switch call.Tool {
	case "AskUserQuestion":
		p.Kind, p.Answers = desk.Question, desk.ReadQuestions(p.Input())
		if p.Answers == nil {
			s.Answer(call.Request, claude.AskAnswer{Message: "the question has no options to choose from; ask in plain text instead"})
			return
		}
	case "ExitPlanMode":
		p.Kind = desk.Plan
	default:
		p.Scripts = facts.Scripts(call.Judged.Event)
	}
	if t.Full((*desk.Prompt).HoldsClaude) {
		s.Refused(call.ID, "ctpipe", "too many cards are open")
		s.Answer(call.Request, claude.AskAnswer{Message: "too many of your calls are waiting for people already; wait for their answers before you ask for more"})
		return
	}
	t.Lock()
	s.ParkLocked(call.Arrival, true)
	t.Unlock()
	t.Ask(p)
}

// Full reports that no more cards of this sort may be opened.
func (t *Thread) Full(sort func(*desk.Prompt) bool) bool {
	most := t.conf.Host.Asking().Cards
	t.Lock()
	defer t.Unlock()
	return most > 0 && t.Desk.Count(sort) >= most
}

// rejudged puts a newer judgement of a call in the place of an older one.
func (t answering) rejudged(call *desk.Call, run *pipeline.Run) {
	t.Lock()
	defer t.Unlock()
	if t.session != nil {
		t.session.JudgedLocked(call.Arrival, run)
	}
}

// allowCall answers a call with the very input that was judged.
func (d *decision) allowCall() {
	p := &d.p
	granted := p.Edit == nil && desk.Grantable(p.Asks) && desk.Grantable(AsksOf(d.run)) && d.allForAll()
	word := "✅ **Allowed** by "
	if granted {
		word = "✅ **Allowed all** by "
	}
	word += desk.Names(d.people)
	if p.Edit != nil {
		word += ", as " + desk.Who(p.Edit.By) + " changed it:\n" + p.Edit.Diff
	}
	if !d.Finish(p.ID, word) {
		return
	}
	d.Lock()
	if granted {
		d.Desk.Grant(d.v.By.ID, d.now())
	}
	if s := d.session; s != nil {
		s.JudgedLocked(p.Call.Arrival, d.run)
		s.ParkLocked(p.Call.Arrival, false)
		s.RunsLocked(d.run.Event)
		if p.Edit != nil {
			s.WordedLocked(p.Edit.By)
		}
	}
	d.Unlock()
	d.log.Info("tool call allowed", "tool_use", p.Call.ID, "user", d.v.By.ID, "card", p.ID, "grant", granted, "edited", p.Edit != nil)
	d.answering().answerClaude(*p, d.allowing())
	if s := d.Session(); granted && s != nil {
		s.Granted()
	}
}

// beginPlan lets Claude do what its plan says.
func (d *decision) beginPlan() {
	p := &d.p
	outcome := "✅ **Plan approved** by " + desk.Who(d.v.By) + " - starting implementation..."
	if p.Edit != nil {
		outcome += "\n\n✏️ " + desk.Who(p.Edit.By) + " changed it:\n" + p.Edit.Diff
	}
	if !d.Finish(p.ID, outcome) {
		return
	}
	d.Lock()
	if s := d.session; s != nil {
		s.ParkLocked(p.Call.Arrival, false)
		if p.Edit != nil {
			s.WordedLocked(p.Edit.By)
		}
	}
	d.Unlock()
	d.answering().answerClaude(*p, d.allowing())
}

// askCallAnew asks on a new card about a call that has changed since it was shown.
func (d *decision) askCallAnew() {
	if !d.Finish(d.p.ID, "♻️ *What this call would do has changed since it was shown; it is asked again*") {
		return
	}
	d.answering().rejudged(d.p.Call, d.run)
	call := *d.p.Call
	call.Judged = desk.JudgedBy(d.run)
	d.AskCall(call)
}

// drifted reports that a call is no longer what was shown to people: its facts
// have changed, or a script that it would run.
func (d *decision) drifted() bool {
	return !sameFacts(d.p.Call.Judged.Event, d.run.Event) || d.p.Kind == desk.Tool && !facts.SameScripts(d.p.Scripts, facts.Scripts(d.run.Event))
}

// sameFacts reports that a call is still what was shown to people. What nobody
// knew then may be known now: they approved without it, and the rules have
// judged it since.
func sameFacts(shown, now *pipeline.Event) bool {
	x, y := shown.Tool, now.Tool
	for _, fact := range now.Unknown {
		if strings.HasPrefix(fact, "tool.") && !slices.Contains(shown.Unknown, fact) && fact != "tool.requesters" {
			return false
		}
	}
	known := func(fact string) bool { return !slices.Contains(shown.Unknown, fact) }
	return x.Hash == y.Hash && x.Cwd == y.Cwd && x.Opaque == y.Opaque &&
		(!known("tool.commands") || sameList(x.Commands, y.Commands)) &&
		(!known("tool.paths") || sameList(x.Paths, y.Paths)) &&
		(!known("tool.hosts") || sameList(x.Hosts, y.Hosts))
}

// sameList compares facts as a save keeps them, in which an empty list is none: a
// card that was restored was shown the same.
func sameList[T any](x, y []T) bool {
	return len(x) == len(y) && (len(x) == 0 || reflect.DeepEqual(asSaved(x), asSaved(y)))
}

func asSaved[T any](list []T) []T {
	var kept []T
	if raw, err := json.Marshal(list); err != nil || json.Unmarshal(raw, &kept) != nil {
		return list
	}
	return kept
}

// allowing allows the call with the very input that was judged now.
func (d *decision) allowing() claude.AskAnswer {
	call := *d.p.Call
	call.Judged = desk.JudgedBy(d.run)
	return Allowing(&call)
}

// Allowing allows a call with the very input that was judged.
func Allowing(call *desk.Call) claude.AskAnswer {
	if !call.Judged.Rewrote {
		return claude.AskAnswer{Allow: true, UpdatedInput: call.Input}
	}
	raw, err := json.Marshal(call.Judged.Event.Tool.Input)
	if err != nil {
		return claude.AskAnswer{Message: Broken}
	}
	return claude.AskAnswer{Allow: true, UpdatedInput: raw}
}
