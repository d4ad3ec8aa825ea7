package stages

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"ctpipe/internal/command"
	"ctpipe/pipeline"
)

// A6, SEC-04: aliases and skin tones are one meaning, unknown emoji none.
func TestMeaning(t *testing.T) {
	for emoji, want := range map[string]string{
		"+1": "approve", "thumbsup": "approve", "+1_medium_skin_tone": "approve", "thumbsup_medium_light_skin_tone": "approve",
		"-1_dark_skin_tone": "deny", "thumbsdown": "deny", "white_check_mark": "allow_all", "heavy_check_mark": "allow_all",
		"one": "one", "four": "four", "x": "stop", "octagonal_sign": "stop", "double_vertical_bar": "interrupt",
		"arrows_counterclockwise": "resume", "question": "why", "arrow_down_small": "fold",
		"eyes": "other", "": "other", "_dark_skin_tone": "other", "plus1": "other", "+1_": "other", "five": "other",
	} {
		if got := Meaning(emoji); got != want {
			t.Errorf(":%s: means %s, want %s", emoji, got, want)
		}
	}
}

func TestApprove(t *testing.T) {
	for _, c := range []struct {
		meaning, target string
		added           bool
		want            pipeline.Effect
	}{
		{"approve", "tool", true, pipeline.Count{User: ana, Meaning: "approve", Added: true}},
		{"approve", "tool", false, pipeline.Count{User: ana, Meaning: "approve"}},
		{"stop", "header", true, pipeline.Control{What: "stop", By: ana}},
		{"stop", "header", false, nil},
		{"interrupt", "bot_post", true, pipeline.Control{What: "escape", By: ana}},
		{"stop", "tool", true, pipeline.Count{User: ana, Meaning: "stop", Added: true}},
		{"stop", "message", true, pipeline.Count{User: ana, Meaning: "stop", Added: true}},
		{"stop", "question", true, pipeline.Count{User: ana, Meaning: "stop", Added: true}},
		{"other", "tool", true, nil},
	} {
		ev := pipeline.Event{Kind: pipeline.KindReaction, User: ana, Reaction: pipeline.Reaction{Meaning: c.meaning, Target: c.target, Added: c.added}}
		var want []pipeline.Effect
		if c.want != nil {
			want = []pipeline.Effect{c.want}
		}
		if got := runOf(t, &Build{}, ev, []pipeline.Vote{{Verdict: pipeline.Allow}}, "approve").Effects(); len(got) != len(want) || len(got) > 0 && !reflect.DeepEqual(got, want) {
			t.Errorf("%s on %s: %+v, want %+v", c.meaning, c.target, got, want)
		}
		for _, v := range []pipeline.Verdict{pipeline.Ask, pipeline.Deny} {
			if got := runOf(t, &Build{}, ev, []pipeline.Vote{{Verdict: v}}, "approve").Effects(); len(got) != 0 {
				t.Errorf("%s on %s, %v: %+v", c.meaning, c.target, v, got)
			}
		}
	}
}

// A11: a grant or a mode lifts the default ask of people who could have
// allowed the call, and nothing else.
func TestSettleLifts(t *testing.T) {
	b := &Build{Approval: pipeline.Terms{Approvers: []string{"allowed"}}}
	ask := func(s pipeline.Source) []pipeline.Vote {
		return []pipeline.Vote{{Verdict: pipeline.Ask, Source: s, By: "x"}}
	}
	for _, c := range []struct {
		name, tool string
		votes      []pipeline.Vote
		asked      []pipeline.User
		want       [3]pipeline.Verdict // with a grant, in bypass mode, in auto mode
	}{
		{"default ask", "Bash", nil, []pipeline.User{ana}, [3]pipeline.Verdict{pipeline.Allow, pipeline.Allow, pipeline.Abstain}},
		{"only a shadow asks", "Bash", []pipeline.Vote{{Verdict: pipeline.Deny, Shadow: true}}, []pipeline.User{ana}, [3]pipeline.Verdict{pipeline.Allow, pipeline.Allow, pipeline.Abstain}},
		{"a rule asks", "Bash", ask(pipeline.SourceRule), []pipeline.User{ana}, [3]pipeline.Verdict{pipeline.Ask, pipeline.Ask, pipeline.Ask}},
		{"a hook asks", "Bash", ask(pipeline.SourceHook), []pipeline.User{ana}, [3]pipeline.Verdict{pipeline.Ask, pipeline.Ask, pipeline.Ask}},
		{"the floor asks", "Bash", ask(pipeline.SourceFloor), []pipeline.User{ana}, [3]pipeline.Verdict{pipeline.Ask, pipeline.Ask, pipeline.Ask}},
		{"a stage failed", "Bash", ask(pipeline.SourceStage), []pipeline.User{ana}, [3]pipeline.Verdict{pipeline.Ask, pipeline.Ask, pipeline.Ask}},
		{"claude asks itself", "Sleep", []pipeline.Vote{{Verdict: pipeline.Allow, Source: pipeline.SourceRule}}, []pipeline.User{ana}, [3]pipeline.Verdict{pipeline.Ask, pipeline.Ask, pipeline.Ask}},
		{"denied", "Bash", []pipeline.Vote{{Verdict: pipeline.Deny, Source: pipeline.SourceRule}}, []pipeline.User{ana}, [3]pipeline.Verdict{pipeline.Deny, pipeline.Deny, pipeline.Deny}},
		{"a guest asked too", "Bash", nil, []pipeline.User{ana, mallory}, [3]pipeline.Verdict{pipeline.Ask, pipeline.Ask, pipeline.Ask}},
		{"nobody knows who asked", "Bash", nil, nil, [3]pipeline.Verdict{pipeline.Ask, pipeline.Ask, pipeline.Ask}},
		{"a question", "AskUserQuestion", nil, []pipeline.User{ana}, [3]pipeline.Verdict{pipeline.Ask, pipeline.Ask, pipeline.Ask}},
		{"an allowed plan", "ExitPlanMode", []pipeline.Vote{{Verdict: pipeline.Allow, Source: pipeline.SourceRule}}, []pipeline.User{ana}, [3]pipeline.Verdict{pipeline.Ask, pipeline.Ask, pipeline.Ask}},
	} {
		for i, s := range []pipeline.Session{{Grants: []string{"g1"}}, {Mode: pipeline.ModeBypass}, {Mode: pipeline.ModeAuto}} {
			ev := pipeline.Event{Kind: pipeline.KindTool, Session: s, Tool: pipeline.Tool{Name: c.tool, Requesters: c.asked}}
			if c.tool == "Sleep" {
				ev.Tool.ClaudeAsks = "it says so"
			}
			r := runOf(t, b, ev, c.votes, "floor", "settle")
			if a := r.Effects()[0].(pipeline.AnswerTool); a.Verdict != c.want[i] {
				t.Errorf("%s, %+v: %+v", c.name, s, a)
			}
		}
	}
	r := runOf(t, b, pipeline.Event{Kind: pipeline.KindTool, Session: pipeline.Session{Mode: "weird"}, Tool: pipeline.Tool{Name: "Bash", Requesters: []pipeline.User{ana}}}, nil, "settle")
	if a := r.Effects()[0].(pipeline.AnswerTool); a.Verdict != pipeline.Ask || a.By != "default" {
		t.Errorf("an unknown mode: %+v", a)
	}
}

// One wording, 1.5: who is refused learns why where somebody gave a reason.
func TestRefuse(t *testing.T) {
	deny := func(s pipeline.Source, why string) pipeline.Vote {
		return pipeline.Vote{Verdict: pipeline.Deny, Source: s, By: "x", Why: why, Err: map[bool]string{true: "secret detail"}[s == pipeline.SourceStage]}
	}
	for _, c := range []struct {
		kind  pipeline.Kind
		votes []pipeline.Vote
		want  string
	}{
		{"start", nil, "⚠️ @mallory is not authorized"},
		{"start", []pipeline.Vote{deny("rule", "not on Fridays")}, "⛔ not on Fridays"},
		{"command", []pipeline.Vote{deny("rule", "Only authorized users can use `!kill`"), deny("hook", "ask @all"), deny("hook", "ask @all")}, "⛔ Only authorized users can use `!kill`; ask @\u200ball"},
		{"command", nil, ""}, {"post", nil, ""},
		{"post", []pipeline.Vote{deny("stage", "stage hooks could not judge")}, "⛔ stage hooks could not judge"},
		{"start", []pipeline.Vote{deny("floor", "not a person"), deny("rule", "no")}, ""},
		{"start", []pipeline.Vote{{Verdict: pipeline.Allow}}, ""},
	} {
		got := ""
		for _, e := range runOf(t, &Build{}, pipeline.Event{Kind: c.kind, User: mallory}, c.votes, "settle").Effects() {
			got += e.(pipeline.Reply).Text
		}
		if got != c.want {
			t.Errorf("%s %+v: %q, want %q", c.kind, c.votes, got, c.want)
		}
	}
	r := runOf(t, &Build{}, pipeline.Event{Kind: "post", User: mallory, Post: pipeline.Post{Text: "hi"}}, []pipeline.Vote{{Verdict: pipeline.Ask}}, "settle", "prompt")
	if h, ok := r.Effects()[0].(pipeline.Hold); !ok || h.Prompt.Text != "hi" || len(r.Effects()) != 1 {
		t.Errorf("a stranger's post: %+v", r.Effects())
	}
}

const noAt = "⚠️ A command for Claude may not hold an `@`: it would read a file that nobody judged"

// FUN-09: incomplete and unknown commands answer; they never reach Claude.
func TestAnswer(t *testing.T) {
	say := func(text string) []pipeline.Effect {
		c, ok := command.Split(text)
		if !ok {
			t.Fatalf("%q is no command", text)
		}
		return runOf(t, &Build{}, pipeline.Event{Kind: pipeline.KindCommand, User: ana, Command: c}, []pipeline.Vote{{Verdict: pipeline.Allow}}, "answer").Effects()
	}
	for text, want := range map[string]pipeline.Effect{
		"!cancel": pipeline.Control{What: "stop", Args: []string{}, By: ana}, "!kill": pipeline.Control{What: "kill", Args: []string{}, By: ana},
		"!kill the job on port 8080": pipeline.Reply{Text: "Usage: `!kill`"}, "!stop that": pipeline.Reply{Text: "Usage: `!stop`"},
		"!stpo":      pipeline.Reply{Text: "❓ `!stpo` is no command. Did you mean `!stop`? `!help` lists them all."},
		"!help stop": pipeline.Reply{Text: "`!stop` — end the session (also `!cancel`, or just `stop`)"}, "!help a b": pipeline.Reply{Text: "Usage: `!help [command]`"},
		"!cd": pipeline.Reply{Text: "Usage: `!cd <path>`"}, "!invite": pipeline.Reply{Text: "Usage: `!invite @user`"}, "!permissions": pipeline.Reply{Text: "Usage: `!permissions interactive`"},
		"!context": pipeline.Prompt{Text: "/context", From: ana, Slash: true}, "!COMPACT keep the plan": pipeline.Prompt{Text: "/compact keep the plan", From: ana, Slash: true},
		"!cd my dir": pipeline.Control{What: "cd", Args: []string{"my", "dir"}, Text: "my dir", By: ana}, "!compact @/etc/passwd": pipeline.Reply{Text: noAt}, "/cost @x": pipeline.Reply{Text: noAt},
		"/cost now": pipeline.Prompt{Text: "/cost now", From: ana, Slash: true},
	} {
		if got := say(text); len(got) != 1 || !reflect.DeepEqual(got[0], want) {
			t.Errorf("%s: %+v, want %+v", text, got, want)
		}
	}
	help := say("!help")[0].(pipeline.Reply).Text
	for _, part := range []string{"**Available commands** — **Commands:**", "| `!stop` |", "| `!kill` |", "👍 Approve action · ✅ Approve all · 👎 Deny"} {
		if !strings.Contains(help, part) {
			t.Errorf("help lacks %q", part)
		}
	}
	if long := say("!" + strings.Repeat("a", 9000))[0].(pipeline.Reply).Text; len(long) > 200 {
		t.Errorf("%d bytes about an unknown command", len(long))
	}
	c, _ := command.Split("!kill")
	for _, v := range []pipeline.Verdict{pipeline.Ask, pipeline.Deny} {
		if got := runOf(t, &Build{}, pipeline.Event{Kind: pipeline.KindCommand, Command: c}, []pipeline.Vote{{Verdict: v}}, "answer").Effects(); len(got) != 0 {
			t.Errorf("%v: %+v", v, got)
		}
	}
}

func TestLaunch(t *testing.T) {
	allow := []pipeline.Vote{{Verdict: pipeline.Allow}}
	ev := pipeline.Event{Kind: pipeline.KindStart, User: ana, Start: pipeline.Start{Dir: "/w", Mode: pipeline.ModeAuto}}
	if got := runOf(t, &Build{}, ev, allow, "launch").Effects(); len(got) != 1 || got[0].(pipeline.Reply).Text != "Mention me with your request" {
		t.Errorf("empty: %+v", got)
	}
	ev.Post.Files = []pipeline.File{{ID: "f"}}
	if got := runOf(t, &Build{}, ev, allow, "launch").Effects(); len(got[0].(pipeline.Launch).Prompt.Files) != 1 {
		t.Errorf("a file alone: %+v", got)
	}
	ev.Start.Prompt = "hi"
	if l := runOf(t, &Build{}, ev, allow, "launch").Effects()[0].(pipeline.Launch); l.Prompt.Text != "hi" || l.Set.Dir != "/w" || l.Set.Mode != pipeline.ModeAuto {
		t.Errorf("%+v", l)
	}
	if got := runOf(t, &Build{}, ev, []pipeline.Vote{{Verdict: pipeline.Ask}}, "launch").Effects(); len(got) != 0 {
		t.Errorf("not allowed: %+v", got)
	}
}

func TestShow(t *testing.T) {
	ev := pipeline.Event{Kind: pipeline.KindShow, Show: pipeline.Show{What: "text", Text: "@all\nb\nc", Block: "k", Final: true}}
	if d := runOf(t, &Build{}, ev, nil, "format", "deliver").Effects()[0].(pipeline.Deliver); d.Text != "@\u200ball\nb\nc" || !d.Final || d.Block != "k" {
		t.Errorf("%+v", d)
	}
	for _, v := range []pipeline.Verdict{pipeline.Ask, pipeline.Deny} {
		w := runOf(t, &Build{}, ev, []pipeline.Vote{{Verdict: v, Source: pipeline.SourceRule, By: "r", Why: "no"}}, "format", "deliver").Effects()
		if want := (pipeline.Withhold{Block: "k", Reason: "no", By: "rule r", Ask: v == pipeline.Ask}); !slices.Equal(w, []pipeline.Effect{want}) {
			t.Errorf("%v: %+v", v, w)
		}
	}
	for want, set := range map[string]pipeline.Settings{
		"a\n```\nb\nc\n```": {Style: "full"}, "": {Style: "hidden"}, "a\n*… 4 more lines*": {Style: "line"},
		"a\n```\nb\n```\n*… 2 more lines*": {MaxLines: 3}, "> a\n```\nb\nc\n``` <": {Template: "> {text} <"},
	} {
		if got := shape("a\n```\nb\nc\n```", set); got != want {
			t.Errorf("%+v: %q, want %q", set, got, want)
		}
	}
}

func TestReasonsAndNames(t *testing.T) {
	votes := []pipeline.Vote{{Source: "rule", By: "a", Why: "x"}, {Source: "hook", By: "b", Why: "x"}, {Source: "stage", By: "stage c", Err: "e"}, {Source: "floor", By: "d", Why: "y", Err: "z"}}
	if got := pipeline.Reasons(votes); got != "x; (e); y (z)" {
		t.Error(got)
	}
	if got := pipeline.Names(votes); got != "rule a, hook b, stage c, floor d" {
		t.Error(got)
	}
}

// TestFoldShowsTheBeginning: style "fold" has a length of its own, which
// max_lines overrides.
func TestFoldShowsTheBeginning(t *testing.T) {
	text := strings.Repeat("line\n", 30)
	for max, want := range map[int]int{0: foldLines, 3: 3} {
		got := shape(text, pipeline.Settings{Style: "fold", MaxLines: max})
		if n := strings.Count(got, "line\n"); n != want || !strings.Contains(got, "more lines") {
			t.Errorf("max_lines %d shows %d lines:\n%s", max, n, got)
		}
	}
}
