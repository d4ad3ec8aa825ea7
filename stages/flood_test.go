package stages

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"

	"ctpipe/pipeline"
)

// TestFlood: what is one too many is denied by the floor, whatever votes, and
// gets a turtle in place of words; what ends something is not stopped, and who
// may not use it is told nothing.
func TestFlood(t *testing.T) {
	allow := []pipeline.Vote{{Verdict: pipeline.Allow, Source: pipeline.SourceRule, By: "all"}}
	deny := []pipeline.Vote{{Verdict: pipeline.Deny, Source: pipeline.SourceRule, By: "none", Why: "no"}}
	ask := []pipeline.Vote{{Verdict: pipeline.Ask, Source: pipeline.SourceRule, By: "ask"}}
	turtle := []pipeline.Effect{pipeline.React{Emoji: "turtle"}}
	command := func(name string, slash bool) pipeline.ChatCommand {
		return pipeline.ChatCommand{Name: name, Slash: slash}
	}
	for name, c := range map[string]struct {
		kind    pipeline.Kind
		command pipeline.ChatCommand
		quiet   bool // no flood
		votes   []pipeline.Vote
		by      string
		verdict pipeline.Verdict
		effects []pipeline.Effect
	}{
		"a post":               {kind: pipeline.KindPost, votes: allow, by: "flood", verdict: pipeline.Deny, effects: turtle},
		"a start":              {kind: pipeline.KindStart, votes: ask, by: "flood", verdict: pipeline.Deny, effects: turtle},
		"a denied post":        {kind: pipeline.KindPost, votes: deny, by: "flood", verdict: pipeline.Deny, effects: turtle},
		"a command":            {kind: pipeline.KindCommand, command: command("status", false), votes: allow, by: "flood", verdict: pipeline.Deny, effects: turtle},
		"a command of Claude":  {kind: pipeline.KindCommand, command: command("stop", true), votes: allow, by: "flood", verdict: pipeline.Deny, effects: turtle},
		"no flood":             {kind: pipeline.KindCommand, command: command("status", false), quiet: true, votes: allow, verdict: pipeline.Allow},
		"!stop":                {kind: pipeline.KindCommand, command: command("stop", false), votes: allow, verdict: pipeline.Allow},
		"!escape":              {kind: pipeline.KindCommand, command: command("escape", false), votes: allow, verdict: pipeline.Allow},
		"!kill that is denied": {kind: pipeline.KindCommand, command: command("kill", false), votes: deny, verdict: pipeline.Deny},
		"!kill that is asked":  {kind: pipeline.KindCommand, command: command("kill", false), votes: ask, verdict: pipeline.Ask},
	} {
		ev := pipeline.Event{Kind: c.kind, User: ana, Command: c.command,
			Post: pipeline.Post{ID: "p1", Text: "x", Origin: "person", Flood: !c.quiet}, Start: pipeline.Start{Prompt: "x"}}
		r := runOf(t, &Build{}, ev, c.votes, "floor", "hooks", "settle")
		if verdict, _ := r.Verdict(); verdict != c.verdict || by(r) != c.by || fmt.Sprint(r.Effects()) != fmt.Sprint(c.effects) {
			t.Errorf("%s: %v by %q with %v", name, verdict, by(r), r.Effects())
		}
		raw, err := json.Marshal(r.Event)
		if err != nil {
			t.Fatal(err)
		}
		var again pipeline.Event
		if err := json.Unmarshal(raw, &again); err != nil {
			t.Fatal(err)
		}
		if r2 := runOf(t, &Build{}, again, c.votes, "floor", "hooks", "settle"); !reflect.DeepEqual(r.Votes(), r2.Votes()) {
			t.Errorf("%s: what is recorded is judged otherwise: %v", name, r2.Votes())
		}
	}
}

// TestFloodRunsNoHook: what is denied as a flood sets no hook off; a command
// that ends something is judged by them as always.
func TestFloodRunsNoHook(t *testing.T) {
	for name, c := range map[string]struct {
		event pipeline.Event
		runs  bool
	}{
		"a post":   {pipeline.Event{Kind: pipeline.KindPost}, false},
		"a start":  {pipeline.Event{Kind: pipeline.KindStart}, false},
		"!status":  {pipeline.Event{Kind: pipeline.KindCommand, Command: pipeline.ChatCommand{Name: "status"}}, false},
		"!stop":    {pipeline.Event{Kind: pipeline.KindCommand, Command: pipeline.ChatCommand{Name: "stop"}}, true},
		"no flood": {pipeline.Event{Kind: pipeline.KindPost}, true},
	} {
		h := withHooks(t, `{ post = function() return ct.deny("no") end, start = function() return ct.deny("no") end, command = function() return ct.deny("no") end }`)
		c.event.Post.Flood = name != "no flood"
		r := h.judge(c.event)
		if got := len(r.Votes()) > 0; got != c.runs {
			t.Errorf("%s: the hook ran: %v", name, got)
		}
	}
}
