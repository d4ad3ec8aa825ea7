package rules

import "ctpipe/pipeline"

// Outcome is what a rule set says about one event. The verdict is not its
// business: votes of hooks and stages join these.
type Outcome struct {
	Votes    []pipeline.Vote // shadow votes included, marked
	Settings Settings
	Judged   int      // rules evaluated
	Matched  []string // ids of the rules that applied, in file order, shadow rules included
	Notes    []Note   // what could not be judged and cast no vote
	Replies  []Reply  // of rules on notices, in file order
	Labels   []Label  // of rules on notices, in file order
}

// Note is a rule's remark for the trace.
type Note struct{ Rule, At, Text string }

// Settings are what rules set beside verdicts; zero values are not set.
type Settings struct {
	Style    string // show
	MaxLines int    // show
	Template string // show
	Start    Start  // start
	Raise    pipeline.Mode
	By       map[string]string // key ("style", "set.dir", "raise") → id of the rule that gave it
}

// Judge asks every rule that could apply to the event. It is a pure function
// of the Set and the event and may be called from any goroutine.
func (s *Set) Judge(ev *pipeline.Event) Outcome { return s.judge(ev, true) }

func (s *Set) judge(ev *pipeline.Event, indexed bool) Outcome {
	kind := s.kinds[ev.Kind]
	if kind == nil {
		return Outcome{}
	}
	j := s.begin(ev)
	if indexed && kind.index != nil {
		kind.index.each(ev, j.reached, j.rule)
	} else {
		for _, r := range kind.rules {
			j.rule(r)
		}
	}
	out := j.out
	out.Votes, out.Matched = kept(j.votes), kept(j.matched)
	j.end()
	return out
}

// kept is a list of its own with what was gathered in one that is used again.
func kept[T any](list []T) []T {
	if len(list) == 0 {
		return nil
	}
	return append(make([]T, 0, len(list)), list...)
}

func (j *judgement) rule(r *rule) {
	if r.Mode == "off" {
		return
	}
	j.out.Judged++
	when, err := j.judge(r.when)
	if err != nil {
		j.unknownWhen(r, err)
		return
	}
	if !when {
		return
	}
	var unlessErr error
	if r.unless != nil {
		var excepted bool
		if excepted, unlessErr = j.judge(r.unless); unlessErr == nil && excepted {
			return
		}
	}
	if unlessErr != nil && (!r.HasThen || r.Then == pipeline.Allow) {
		j.note(r, "unless: "+j.reason(unlessErr))
		return
	}
	j.matched = append(j.matched, r.ID)
	if r.HasThen {
		j.votes = append(j.votes, r.vote)
		if unlessErr != nil {
			j.votes[len(j.votes)-1].Err = "unless: " + j.reason(unlessErr)
		}
	}
	if unlessErr == nil && r.Mode != "shadow" {
		j.out.Settings.take(r)
		if !j.ev.Kind.Judged() {
			j.out.tells(r, j.ev)
		}
	}
}

// unknownWhen is the vote of a rule whose condition could not be judged: an
// allow rule keeps silent, an ask rule asks, and a deny rule becomes what
// on_error says, with somebody other than the requester.
func (j *judgement) unknownWhen(r *rule, err error) {
	if !r.HasThen || r.Then == pipeline.Allow {
		j.note(r, j.reason(err))
		return
	}
	j.votes = append(j.votes, r.vote)
	v := &j.votes[len(j.votes)-1]
	v.Err = j.reason(err)
	if r.Then == pipeline.Deny {
		v.Verdict = j.set.file.onError(r.On)
		v.Terms.Other = true
	}
}

// onError is what stands for a deny that could not be judged; never allow.
func (f *File) onError(k pipeline.Kind) pipeline.Verdict {
	if v := f.OnError.Kind[k]; v == pipeline.Ask || v == pipeline.Deny {
		return v
	}
	return pipeline.Deny
}

func (j *judgement) note(r *rule, text string) {
	j.out.Notes = append(j.out.Notes, Note{Rule: r.ID, At: r.at, Text: text})
}

// take keeps what the rule sets and no earlier rule has set; of modes the most
// careful wins.
func (s *Settings) take(r *rule) {
	text(s, &s.Style, r.Style, "style", r.ID)
	text(s, &s.Template, r.Template, "template", r.ID)
	text(s, &s.Start.Dir, r.Set.Dir, "set.dir", r.ID)
	text(s, &s.Start.Model, r.Set.Model, "set.model", r.ID)
	text(s, &s.Raise, r.Raise, "raise", r.ID)
	if r.MaxLines > 0 && s.MaxLines == 0 {
		s.MaxLines = r.MaxLines
		s.note("max_lines", r.ID)
	}
	if m := r.Set.Mode; m != "" && (s.Start.Mode == "" || m.Rank() < s.Start.Mode.Rank()) {
		s.Start.Mode = m
		s.note("set.mode", r.ID)
	}
}

func text[T ~string](s *Settings, into *T, value T, key, id string) {
	if value != "" && *into == "" {
		*into = value
		s.note(key, id)
	}
}

func (s *Settings) note(key, id string) {
	if s.By == nil {
		s.By = map[string]string{}
	}
	s.By[key] = id
}
