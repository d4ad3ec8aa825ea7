package desk

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"ctpipe/internal/facts"
	"ctpipe/internal/outbox"
	"ctpipe/pipeline"

	"pgregory.net/rapid"
)

var epoch = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

const room = 4000

func paper() Paper {
	return Paper{Prefix: "x", Runes: room, Home: "/home/u", Redact: func(s string) string { return strings.ReplaceAll(s, "hunter2", "[redacted]") }}
}

// random runs f on thousands of random sequences: a hundred are one run of
// rapid, which prints how to repeat the one that failed.
func random(t *testing.T, sequences int, f func(*rapid.T)) {
	t.Helper()
	switch {
	case testing.Short():
		sequences /= 20
	case os.Getenv("CTPIPE_SOAK") != "":
		sequences *= 20
	case underRace:
		sequences /= 10
	}
	for range max(sequences/100, 1) {
		if rapid.Check(t, f); t.Failed() {
			return
		}
	}
}

// people have long names too: a card grows with every vote.
var people = []pipeline.User{
	{ID: "u1", Name: "alice", Owner: true, Allowed: true},
	{ID: "u2", Name: "bob", Allowed: true},
	{ID: "u3", Name: "mallory"},
	{ID: "u4", Name: "x-" + strings.Repeat("long", 20)},
}

func anyone(t *rapid.T) pipeline.User { return rapid.SampledFrom(people).Draw(t, "who") }

// words are texts as people and Claude write them, now and then very long ones.
func words(t *rapid.T) string {
	switch long := rapid.IntRange(0, 12).Draw(t, "long"); {
	case long == 1: // a card that is about full
		return strings.Repeat("y", rapid.IntRange(room-700, room).Draw(t, "full"))
	case long > 1:
		return rapid.SampledFrom([]string{"", "x", "ls <a> & hunter2\n@all", "```\n字🙂"}).Draw(t, "word")
	}
	piece := rapid.SampledFrom([]string{"word ", "\n", "```", "`", "@all ", "hunter2 ", "<b>&amp;", "字", "🙂", "> q\n", "**", strings.Repeat("filled ", 60), strings.Repeat("y", 500) + "\n", strings.Repeat("long line ", 700)})
	return strings.Join(rapid.SliceOfN(piece, 0, 14).Draw(t, "words"), "")
}

func someAsks(t *rapid.T) []pipeline.Vote {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) pipeline.Vote {
		return pipeline.Vote{Verdict: pipeline.Ask, Source: rapid.SampledFrom([]pipeline.Source{pipeline.SourceDefault, pipeline.SourceRule, pipeline.SourceFloor, pipeline.SourceHook}).Draw(t, "source"),
			By: "by", Why: rapid.SampledFrom([]string{"", "since <so>", strings.Repeat("why ", 150)}).Draw(t, "why"), At: rapid.SampledFrom([]string{"", "rules.toml:1:2"}).Draw(t, "at"),
			Terms: pipeline.Terms{Quorum: rapid.IntRange(0, 2).Draw(t, "quorum"), TTL: time.Duration(rapid.SampledFrom([]int{0, 0, 30, 400, 3600}).Draw(t, "ttl")) * time.Second}}
	}), 0, 3).Draw(t, "asks")
}

var base = pipeline.Terms{Approvers: []string{"owner", "allowed"}, Quorum: 1, TTL: 10 * time.Minute}

func judged(t *rapid.T, tool string, in map[string]any) Judged {
	return Judged{Verdict: pipeline.Ask, Top: someAsks(t), Event: &pipeline.Event{ID: "e", Rev: "0123456789", Kind: pipeline.KindTool,
		Tool: pipeline.Tool{ID: "t", Name: tool, Input: in, Hash: "h", Requesters: []pipeline.User{anyone(t)}, Why: rapid.SampledFrom([]string{"", "`eval` <x>"}).Draw(t, "opaque")}}}
}

var calls int // of all runs: Claude's requests have ids of their own

func someCall(t *rapid.T, tool string, in map[string]any) *Call {
	calls++
	raw, err := json.Marshal(in)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return &Call{Request: fmt.Sprint("r", calls), Arrival: uint64(calls), ID: "t", Tool: tool, Cwd: "/w", Input: raw, Judged: judged(t, tool, in)}
}

func bashInput(t *rapid.T) map[string]any {
	return map[string]any{"command": words(t), "run_in_background": rapid.Bool().Draw(t, "background")}
}

func questionInput(t *rapid.T) map[string]any {
	var qs []any
	for i := range rapid.IntRange(1, 3).Draw(t, "questions") {
		var options []any
		for o := range rapid.IntRange(1, 4).Draw(t, "options") {
			options = append(options, map[string]any{"label": fmt.Sprint("L", o), "description": "d"})
		}
		qs = append(qs, map[string]any{"question": fmt.Sprint("q", i, "?"), "header": "H", "multiSelect": rapid.Bool().Draw(t, "several"), "options": options})
	}
	return map[string]any{"questions": qs}
}

// somePrompt is a prompt as a session opens it.
func somePrompt(t *rapid.T) *Prompt {
	kind := rapid.SampledFrom([]Kind{Tool, Tool, Question, Question, Question, Plan, Message, Start, Command, Share, Context, Worktree}).Draw(t, "kind")
	p := &Prompt{Kind: kind, Asks: someAsks(t)}
	switch kind {
	case Tool:
		switch rapid.SampledFrom([]string{"Bash", "Edit", "mcp__a__b"}).Draw(t, "tool") {
		case "Bash":
			p.Call = someCall(t, "Bash", bashInput(t))
			for i := range rapid.IntRange(0, 2).Draw(t, "scripts") {
				p.Scripts = append(p.Scripts, facts.Script{Path: fmt.Sprint("/w/s", i, ".sh"), Sum: "abc", Text: rapid.SampledFrom([]string{"", "echo hunter2 <x>"}).Draw(t, "script")})
			}
		case "Edit":
			p.Call = someCall(t, "Edit", map[string]any{"file_path": "/home/u/a", "old_string": words(t), "new_string": words(t)})
		default:
			p.Call = someCall(t, "mcp__a__b", map[string]any{"a": words(t), "n": 1.5, "list": []any{"x", 2.0, nil}})
		}
	case Question:
		in := questionInput(t)
		p.Call, p.Answers = someCall(t, "AskUserQuestion", in), ReadQuestions(in)
		if p.Answers == nil {
			t.Fatalf("no questions in %v", in)
		}
	case Plan:
		p.Call = someCall(t, "ExitPlanMode", map[string]any{"plan": words(t)})
	case Message, Start, Command:
		p.Pending = kind == Start
		p.Event, p.Text = &pipeline.Event{Kind: pipeline.KindPost, User: anyone(t), Start: pipeline.Start{Dir: "/w"}, Command: pipeline.ChatCommand{Name: "bug", Text: words(t)}}, words(t)
	case Share:
		p.Held = &Held{Block: fmt.Sprint("b", rapid.IntRange(0, 3).Draw(t, "block")), What: "text", Askers: []pipeline.User{anyone(t)}}
	case Context:
		return AskContext("m", []Earlier{{Name: "bob", Text: words(t), Stranger: true}, {Name: "x", Text: "y"}})
	case Worktree:
		return AskWorktree("/w", "why <so>", rapid.Bool().Draw(t, "required"), time.Minute)
	}
	return p
}

func someVote(t *rapid.T) Vote {
	return Vote{By: anyone(t), Meaning: rapid.SampledFrom([]string{"approve", "allow_all", "deny", "one", "two", "three", "four", "answer"}).Draw(t, "meaning"),
		Added: rapid.IntRange(0, 4).Draw(t, "added") > 0, Words: rapid.SampledFrom([]string{"1", "l1", "1, 2", "my own", ""}).Draw(t, "say"), Spoken: rapid.Bool().Draw(t, "spoken")}
}

// shown are the posts of a desk's thread, as its changes have made them.
type shown struct {
	text   map[string]string
	files  map[string][]outbox.Attachment
	sealed map[string]bool
	gone   map[string]bool
}

func nothingShown() shown {
	return shown{map[string]string{}, map[string][]outbox.Attachment{}, map[string]bool{}, map[string]bool{}}
}

// apply does changes, and fails where one touches a post that is not to change.
func (s shown) apply(t *rapid.T, changes []outbox.Change) {
	for _, c := range changes {
		if s.sealed[c.Key] || s.gone[c.Key] {
			t.Fatalf("%q changes after its end (sealed %v, removed %v): %+v", c.Key, s.sealed[c.Key], s.gone[c.Key], c)
		}
		if c.Put != nil {
			if _, made := s.text[c.Key]; !made {
				s.files[c.Key] = c.Put.Files
			}
			if s.text[c.Key] = c.Put.Text; within(c.Put.Text, room) == false || c.Put.Text == "" {
				t.Fatalf("%q has %d runes:\n%s", c.Key, runes(c.Put.Text), c.Put.Text)
			}
			if strings.Contains(c.Put.Text, "hunter2") {
				t.Fatalf("a credential is in %q", c.Put.Text)
			}
		} else if _, made := s.text[c.Key]; !made {
			t.Fatalf("%q was never made: %+v", c.Key, c)
		}
		s.sealed[c.Key], s.gone[c.Key] = c.Seal, c.Remove
	}
}

// open are the cards that can still change.
func (s shown) open() (keys []string) {
	for key := range s.text {
		if !s.sealed[key] && !s.gone[key] {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

func names(files []outbox.Attachment) (out []string) {
	for _, f := range files {
		out = append(out, f.Name)
	}
	return out
}
