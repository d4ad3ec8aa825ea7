package policy

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"ctpipe/internal/journal"
	"ctpipe/internal/rules"
	"ctpipe/pipeline"
	"ctpipe/stages"
)

// Explanation says how a policy comes to its verdict on one event.
type Explanation struct {
	ID      pipeline.EventID `json:"id"`
	Kind    pipeline.Kind    `json:"kind"`
	Verdict pipeline.Verdict `json:"verdict"`
	By      string           `json:"by"`
	Why     string           `json:"why"`
	Rev     pipeline.Rev     `json:"rev"`
	Facts   *pipeline.Event  `json:"facts"`
	Steps   []ExplainedStep  `json:"steps"`
	// NearestMiss says what else would have given another verdict; it is a hint.
	NearestMiss []string `json:"nearest_miss,omitempty"`
	// Recorded is what was said at the time, where the event comes from the
	// journal.
	Recorded *Verdict `json:"recorded,omitempty"`
	TookUS   int64    `json:"took_us"`
}

// Verdict is a verdict with who gave it, and under which revision.
type Verdict struct {
	Verdict pipeline.Verdict `json:"verdict"`
	By      string           `json:"by"`
	Rev     pipeline.Rev     `json:"rev"`
}

// ExplainedStep is one stage's part; of the rules stage also that of each rule.
type ExplainedStep struct {
	Stage  string           `json:"stage"`
	TookUS int64            `json:"took_us"`
	Err    string           `json:"err,omitempty"`
	Votes  []pipeline.Vote  `json:"votes,omitempty"`
	Rules  []rules.RuleStep `json:"rules,omitempty"`
	Hooks  []ExplainedHook  `json:"hooks,omitempty"`
	// Did is what settle made of the verdict, in words.
	Did string `json:"did,omitempty"`
}

// ExplainRun explains a run of p.
func (p *Policy) ExplainRun(r *pipeline.Run) Explanation {
	verdict, top := r.Verdict()
	x := Explanation{ID: r.Event.ID, Kind: r.Event.Kind, Verdict: verdict, By: pipeline.Names(top), Why: pipeline.Reasons(top),
		Rev: p.Snapshot.Rev, Facts: r.Event, TookUS: r.Trace.Took.Microseconds()}
	for _, s := range r.Trace.Steps {
		step := ExplainedStep{Stage: s.Stage, TookUS: s.Took.Microseconds(), Err: s.Err, Votes: s.Votes, Hooks: hooksOf(s)}
		switch s.Stage {
		case "rules":
			step.Rules = p.Rules.Explain(r.Event)
			x.NearestMiss = nearest(step.Rules, verdict, top)
		case "settle":
			step.Did = settled(r.Effects())
		}
		x.Steps = append(x.Steps, step)
	}
	if without := withoutTop(r, verdict, top); without != "" {
		x.NearestMiss = append(x.NearestMiss, without)
	}
	return x
}

// ExplainEvent judges an event anew, facts included.
func (p *Policy) ExplainEvent(ctx context.Context, ev *pipeline.Event) Explanation {
	return p.ExplainRun(p.Snapshot.Judge(ctx, ev))
}

// ExplainRecord judges a recorded event under p, with the facts of then.
func (p *Policy) ExplainRecord(ctx context.Context, rec *journal.Record) Explanation {
	ev := rec.Event
	ev.Unknown = slices.Clone(ev.Unknown)
	x := p.ExplainRun(p.Snapshot.Rejudge(stages.WithReads(ctx, rec.Reads), &ev))
	was := Recorded(rec)
	x.Recorded = &Verdict{Verdict: was.Verdict, By: pipeline.Names(was.Votes), Rev: rec.Rev}
	return x
}

// nearest collects what the rules say would have changed their opinion, of
// those that matter: the ones that gave the verdict, or, where it is the
// default, the allow rules that nearly were true or that nobody could judge.
func nearest(steps []rules.RuleStep, verdict pipeline.Verdict, top []pipeline.Vote) []string {
	var out []string
	for _, s := range steps {
		won := slices.ContainsFunc(top, func(v pipeline.Vote) bool { return v.Source == pipeline.SourceRule && v.By == s.ID })
		missed := verdict >= pipeline.Ask && isDefault(top) && s.Then == pipeline.Allow
		switch {
		case s.NearestMiss != "" && (won || missed):
			out = append(out, s.ID+": "+s.NearestMiss)
		case missed && s.Result == rules.ResultUnknown:
			out = append(out, s.ID+": would allow it, or not: "+s.Err)
		}
	}
	return out
}

// withoutTop says what the verdict would be if those who gave it had kept
// silent.
func withoutTop(r *pipeline.Run, verdict pipeline.Verdict, top []pipeline.Vote) string {
	if isDefault(top) || verdict == pipeline.Allow {
		return ""
	}
	rest := slices.DeleteFunc(slices.Clone(r.Votes()), func(v pipeline.Vote) bool { return v.Verdict == verdict && !v.Shadow })
	other, by := pipeline.Top(rest)
	if other == pipeline.Abstain {
		other, by = r.Snapshot.Default[r.Event.Kind], []pipeline.Vote{{Source: pipeline.SourceDefault, By: "default"}}
	}
	return fmt.Sprintf("without %s this would be %s (%s)", pipeline.Names(top), other, pipeline.Names(by))
}

// Tree is the explanation as people read it.
func (x Explanation) Tree() pipeline.Branch {
	root := pipeline.Branch{Cells: []string{string(x.ID), subject(x.Facts), fmt.Sprintf("%s · rev %s · %s", x.verdict(), pipeline.ShortRev(x.Rev), milli(x.TookUS))}}
	if x.Recorded != nil {
		root.Kids = append(root.Kids, pipeline.Branch{Cells: []string{"recorded",
			fmt.Sprintf("%s by %s under rev %s", x.Recorded.Verdict, x.Recorded.By, pipeline.ShortRev(x.Recorded.Rev))}})
	}
	for _, s := range x.Steps {
		root.Kids = append(root.Kids, x.branch(s))
	}
	if x.Kind.Judged() {
		root.Kids = append(root.Kids, pipeline.Branch{Cells: []string{"verdict", x.Verdict.String(), x.By, x.Why}})
	}
	for _, miss := range x.NearestMiss {
		root.Kids = append(root.Kids, pipeline.Branch{Cells: []string{"nearest miss", miss}})
	}
	return root
}

// verdict is the verdict as people read it: a notice has none.
func (x Explanation) verdict() string {
	if !x.Kind.Judged() {
		return "noted"
	}
	return x.Verdict.String()
}

func (x Explanation) branch(s ExplainedStep) pipeline.Branch {
	b := pipeline.Branch{Cells: []string{s.Stage, x.about(s), milli(s.TookUS)}}
	if more := cmp.Or(hooksInWords(s.Hooks), s.Did); more != "" {
		b.Cells = append(b.Cells, more)
	}
	if s.Err != "" {
		b.Kids = append(b.Kids, pipeline.Branch{Cells: []string{"error", s.Err}})
	}
	if s.Rules != nil {
		for _, r := range s.Rules {
			if near(r) {
				b.Kids = append(b.Kids, ruleBranch(r, s.Votes))
			}
		}
		return b
	}
	for _, v := range s.Votes {
		b.Kids = append(b.Kids, pipeline.Branch{Cells: []string{v.By, v.At, v.Verdict.String(), v.Why}})
	}
	return b
}

// near reports a rule that had an opinion, or of which something was true.
func near(r rules.RuleStep) bool {
	switch r.Result {
	case rules.ResultOff:
		return false
	case rules.ResultNot:
		return slices.ContainsFunc(r.Values, func(v rules.Value) bool { return v.Holds })
	}
	return true
}

// about is what a stage did, in a few words.
func (x Explanation) about(s ExplainedStep) string {
	t := &x.Facts.Tool
	switch {
	case s.Rules != nil:
		return fmt.Sprintf("%d judged, %d voted", len(s.Rules), len(s.Votes))
	case s.Stage == "shell" && x.Kind == pipeline.KindTool:
		out := fmt.Sprintf("%d commands", len(t.Commands))
		if slices.Contains(x.Facts.Unknown, "tool.commands") {
			out = "commands unknown"
		}
		if t.Opaque {
			out += ", opaque: " + t.Why
		}
		return out
	case s.Stage == "paths" && x.Kind == pipeline.KindTool:
		out := fmt.Sprintf("%d paths", len(t.Paths))
		if slices.Contains(x.Facts.Unknown, "tool.paths") {
			out += ", not all known"
		}
		return out
	case len(s.Votes) > 0:
		return fmt.Sprintf("%d voted", len(s.Votes))
	}
	return ""
}

func ruleBranch(r rules.RuleStep, votes []pipeline.Vote) pipeline.Branch {
	opinion := "abstain"
	for _, v := range votes {
		if v.By == r.ID {
			opinion = v.Verdict.String()
		}
	}
	if r.Shadow {
		opinion += " (shadow)"
	}
	if r.Result == rules.ResultExcepted {
		opinion += " (unless)"
	}
	b := pipeline.Branch{Cells: []string{r.ID, r.At, opinion, decisive(r)}}
	for _, v := range r.Values {
		text := fmt.Sprintf("%v", v.Holds)
		if v.Saw != "" {
			text += ": " + v.Saw
		}
		b.Kids = append(b.Kids, pipeline.Branch{Cells: []string{v.Text, text}})
	}
	return b
}

// decisive is the sub-expression that made the rule's result: the last one that
// was reached, since evaluation ends once the result is known.
func decisive(r rules.RuleStep) string {
	if r.Err != "" {
		return r.Err
	}
	part := "when"
	if r.Result == rules.ResultExcepted {
		part = "unless"
	}
	for i := len(r.Values) - 1; i >= 0; i-- {
		if v := r.Values[i]; v.Part == part {
			return fmt.Sprintf("%s %v", v.Text, v.Holds)
		}
	}
	return ""
}

// subject is the event in a few words.
func subject(ev *pipeline.Event) string {
	quote := func(s string) string {
		if r := []rune(s); len(r) > 80 {
			s = string(r[:80]) + "…"
		}
		return `"` + s + `"`
	}
	switch ev.Kind {
	case pipeline.KindTool:
		for _, key := range []string{"command", "file_path", "url", "pattern", "notebook_path"} {
			if s, ok := ev.Tool.Input[key].(string); ok {
				return "tool " + ev.Tool.Name + " " + quote(s)
			}
		}
		return "tool " + ev.Tool.Name
	case pipeline.KindPost:
		return "post by " + whose(ev) + " " + quote(ev.Post.Text)
	case pipeline.KindStart:
		return "start by " + whose(ev) + " " + quote(ev.Start.Prompt)
	case pipeline.KindCommand:
		return "command !" + ev.Command.Name + " by " + whose(ev)
	case pipeline.KindReaction:
		return "reaction " + ev.Reaction.Emoji + " (" + ev.Reaction.Meaning + ") by " + whose(ev)
	case pipeline.KindShow:
		return "show " + ev.Show.What
	case pipeline.KindSession, pipeline.KindPolicy:
		return string(ev.Kind) + " " + ev.Notice.What + " " + quote(ev.Notice.Text)
	}
	return string(ev.Kind)
}

func milli(us int64) string {
	return fmt.Sprintf("%.2f ms", float64(us)*float64(time.Microsecond)/float64(time.Millisecond))
}
