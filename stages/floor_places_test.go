package stages

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"ctpipe/internal/command"
	"ctpipe/pipeline"
)

// TestFloorPlaces (SEC-23, FUN-06, G3): whatever votes, nothing goes outside of
// the roots or into a repository itself; whoever could go otherwise is told why,
// and nobody else gets another word than where the directory is none of these.
func TestFloorPlaces(t *testing.T) {
	vote := func(v pipeline.Verdict, s pipeline.Source, why string) pipeline.Vote {
		return pipeline.Vote{Verdict: v, Source: s, By: "r", Why: why}
	}
	allow, ask, deny := vote(pipeline.Allow, pipeline.SourceRule, ""), vote(pipeline.Ask, pipeline.SourceRule, "late"), vote(pipeline.Deny, pipeline.SourceRule, "not you")
	outside := pipeline.ChatCommand{Name: "cd", Args: []string{"/etc"}, Text: "/etc", Dir: "/etc", Outside: true}
	repo := pipeline.ChatCommand{Name: "cd", Args: []string{"/srv/app"}, Text: "/srv/app", Dir: "/srv/app", NeedsWorktree: true}
	inside := pipeline.ChatCommand{Name: "cd", Args: []string{"/srv/app"}, Text: "/srv/app", Dir: "/srv/app"}
	const out, tree = "outside-roots", "worktree-required"
	shadow := allow
	shadow.Shadow = true
	for name, c := range map[string]struct {
		command pipeline.ChatCommand
		start   pipeline.Start
		origin  string
		votes   []pipeline.Vote
		by      string
		said    string
	}{
		"inside":                   {command: inside, votes: []pipeline.Vote{allow}},
		"outside":                  {command: outside, votes: []pipeline.Vote{allow}, by: out, said: command.OutsideRoots("/etc")},
		"outside, by a hook":       {command: outside, votes: []pipeline.Vote{vote(pipeline.Allow, pipeline.SourceHook, "")}, by: out, said: command.OutsideRoots("/etc")},
		"outside, on trial":        {command: outside, votes: []pipeline.Vote{shadow}, by: out},
		"outside, nobody votes":    {command: outside, by: out},
		"outside, denied":          {command: outside, votes: []pipeline.Vote{deny}, by: out, said: "⛔ not you"},
		"outside, denied anyway":   {command: outside, votes: []pipeline.Vote{allow, deny}, by: out, said: "⛔ not you"},
		"outside, asked":           {command: outside, votes: []pipeline.Vote{ask}, by: out},
		"outside, asked, allowed":  {command: outside, votes: []pipeline.Vote{ask, allow}, by: out, said: command.OutsideRoots("/etc")},
		"outside, a webhook":       {command: outside, origin: "webhook", votes: []pipeline.Vote{allow}, by: "not-a-person " + out},
		"repository":               {command: repo, votes: []pipeline.Vote{allow}, by: tree, said: command.WorktreeRequired},
		"repository, denied":       {command: repo, votes: []pipeline.Vote{deny}, by: tree, said: "⛔ not you"},
		"repository, nobody votes": {command: repo, by: tree},
		"a start":                  {start: pipeline.Start{Prompt: "x", Dir: "/srv/app", NeedsBranch: true}, votes: []pipeline.Vote{allow}},
		"a start outside":          {start: pipeline.Start{Prompt: "x", Dir: "/etc", Outside: true}, votes: []pipeline.Vote{allow}, by: out, said: command.OutsideRoots("/etc")},
		"a stranger's start":       {start: pipeline.Start{Prompt: "x", Dir: "/etc", Outside: true}, by: out, said: "⚠️ @ana is not authorized"},
		"a start outside, denied":  {start: pipeline.Start{Prompt: "x", Dir: "/etc", Outside: true}, votes: []pipeline.Vote{deny}, by: out, said: "⛔ not you"},
	} {
		origin := c.origin
		if origin == "" {
			origin = "person"
		}
		ev := pipeline.Event{Kind: pipeline.KindCommand, User: ana, Command: c.command, Start: c.start, Post: pipeline.Post{ID: "p", Origin: origin}}
		names := []string{"floor", "settle", "answer"}
		if c.start.Prompt != "" {
			ev.Kind, names = pipeline.KindStart, []string{"floor", "settle", "launch"}
		}
		r := runOf(t, &Build{}, ev, c.votes, names...)
		said, did := "", 0
		for _, e := range r.Effects() {
			if reply, ok := e.(pipeline.Reply); ok {
				said += reply.Text
			} else {
				did++
			}
		}
		if by(r) != c.by || said != c.said || r.Allowed() != (c.by == "") || (did > 0) != (c.by == "") {
			t.Errorf("%s: by %q, said %q, allowed %v, effects %v", name, by(r), said, r.Allowed(), r.Effects())
		}
		if got, want := again(t, r, c.votes, names...), r.Votes(); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: what is recorded is judged otherwise: %v, it was %v", name, got, want)
		}
	}
}

// again are the votes on a run's event as the journal has it.
func again(t *testing.T, r *pipeline.Run, votes []pipeline.Vote, names ...string) []pipeline.Vote {
	t.Helper()
	raw, err := json.Marshal(r.Event)
	if err != nil {
		t.Fatal(err)
	}
	var ev pipeline.Event
	if err := json.Unmarshal(raw, &ev); err != nil {
		t.Fatal(err)
	}
	return runOf(t, &Build{}, ev, votes, names...).Votes()
}

// TestPlacesTellNobodyElse (SEC-23): whatever was voted, nothing that is outside
// or needs a worktree is allowed, and where no rule and no hook allows it what
// people see is what they see of a directory that is in order, or nothing.
func TestPlacesTellNobodyElse(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var votes []pipeline.Vote
		for i := range rapid.IntRange(0, 3).Draw(rt, "votes") {
			votes = append(votes, pipeline.Vote{Verdict: rapid.SampledFrom([]pipeline.Verdict{pipeline.Abstain, pipeline.Allow, pipeline.Ask, pipeline.Deny}).Draw(rt, "verdict"),
				Source: rapid.SampledFrom([]pipeline.Source{pipeline.SourceRule, pipeline.SourceHook, pipeline.SourceStage}).Draw(rt, "source"),
				By:     fmt.Sprint(i), Why: rapid.SampledFrom([]string{"", "no", "late"}).Draw(rt, "why"), Shadow: rapid.Bool().Draw(rt, "shadow")})
		}
		c := pipeline.ChatCommand{Name: "cd", Args: []string{"x"}, Text: "x", Dir: "/x"}
		ev := pipeline.Event{Kind: pipeline.KindCommand, User: ana, Command: c, Post: pipeline.Post{ID: "p", Origin: "person"}}
		fine := runOf(t, &Build{}, ev, votes, "floor", "settle", "answer")
		ev.Command.Outside = rapid.Bool().Draw(rt, "outside")
		ev.Command.NeedsWorktree = !ev.Command.Outside
		r := runOf(t, &Build{}, ev, votes, "floor", "settle", "answer")
		mayOtherwise := slices.ContainsFunc(votes, allows)
		verdict, _ := fine.Verdict()
		switch told := fmt.Sprint(r.Effects()); {
		case r.Allowed():
			rt.Fatalf("allowed with %v", votes)
		case verdict == pipeline.Deny && told != fmt.Sprint(fine.Effects()):
			rt.Fatalf("somebody who is denied sees %s, and of another directory %v", told, fine.Effects())
		case verdict == pipeline.Ask && !mayOtherwise && len(r.Effects()) > 0:
			rt.Fatalf("somebody who is to ask first is told %s", told)
		case verdict == pipeline.Allow && len(r.Effects()) != 1:
			rt.Fatalf("nobody is told: %s", told)
		}
	})
}
