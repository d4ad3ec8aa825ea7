package desk

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"ctpipe/internal/facts"
	"ctpipe/pipeline"
)

// toolPrompt asks about a Bash command because of the default.
func toolPrompt(command string) *Prompt {
	return &Prompt{Kind: Tool, Asks: []pipeline.Vote{{Verdict: pipeline.Ask, Source: pipeline.SourceDefault, By: "default"}},
		Call: &Call{Request: "r", Tool: "Bash", Judged: Judged{Event: &pipeline.Event{Rev: "abcdef123", Tool: pipeline.Tool{Name: "Bash", Input: map[string]any{"command": command}}}}}}
}

func messagePrompt(text string) *Prompt {
	return &Prompt{Kind: Message, Text: text, Event: &pipeline.Event{User: people[2], Post: pipeline.Post{Files: []pipeline.File{{Name: "a`b.txt", Size: 12}}}},
		Asks: []pipeline.Vote{{Verdict: pipeline.Ask, Source: pipeline.SourceRule, By: "strangers", Why: "a stranger", At: "rules.toml:7:1"}}}
}

func planPrompt(plan string) *Prompt {
	return &Prompt{Kind: Plan, Call: &Call{Tool: "ExitPlanMode", Judged: Judged{Event: &pipeline.Event{Tool: pipeline.Tool{Input: map[string]any{"plan": plan}}}}}}
}

// TestCards covers A6, A9 and SEC-15: a card says what is asked, why, who may
// answer, how long is left and how to answer; what it cuts it says and attaches.
func TestCards(t *testing.T) {
	huge := strings.Repeat("z", 9000)
	tests := []struct {
		name   string
		prompt *Prompt
		has    []string // in this order
		hasNot []string
		files  []string
	}{
		{name: "a command", prompt: toolPrompt("ls <x>\n"), has: []string{"⚠️ **Permission requested**", "💻 **Bash**\n```bash\nls <x>\n", "**Why:** no rule allows this\n", "**Who may answer:** owner or allowed", "⏳ 10 min left", " · c1", " · rev abcdef", "\n\n👍 Allow | ✅ Allow all | 👎 Deny"}, hasNot: []string{"📎", "cut:"}},
		{name: "a command with a credential", prompt: toolPrompt("curl -u x:hunter2"), has: []string{"[redacted]"}, hasNot: []string{"hunter2"}},
		{name: "a huge command", prompt: toolPrompt(huge), has: []string{"zzz", "```\n", "more characters are not shown**", "📎 attached whole: `c1-command.sh`, 8.8 kB, sha256 `", "**Who may answer:**", "👍 Allow | ✅ Allow all | 👎 Deny"}, files: []string{huge}},
		{name: "a huge command that a rule asks about", prompt: func() *Prompt {
			p := toolPrompt(huge)
			p.Asks = []pipeline.Vote{{Verdict: pipeline.Ask, Source: pipeline.SourceRule, By: "r", Why: strings.Repeat("why ", 900), Terms: pipeline.Terms{Quorum: 2, TTL: 90 * time.Second}}}
			return p
		}(), has: []string{"cut:", "**Why:** rule r: why", "cut:", "**Who may answer:** 2 of owner or allowed", "⏳ 2 min left", "👍 Allow | 👎 Deny"}, hasNot: []string{"Allow all"}, files: []string{huge}},
		{name: "a command that runs a script", prompt: func() *Prompt {
			p := toolPrompt("sh a.sh")
			p.Scripts = []facts.Script{{Path: "/w/a.sh", Sum: "feed", Text: "echo hunter2"}, {Path: "/w/b.sh", Err: "it cannot be read"}}
			return p
		}(), has: []string{"📎 attached whole: `c1-a.sh`", "📜 runs `/w/a.sh`, on disk sha256 `feed`", "📜 runs `/w/b.sh`: it cannot be read"}, files: []string{"echo [redacted]"}},
		{name: "a message", prompt: messagePrompt("hi @all\n```\nx"), has: []string{"🔒 **", "mallory", "wants to send a message** – needs approval:", "\n> hi ", "\n> ", "📎 ``a`b.txt`` (12 bytes)", "**Why:** rule strangers (rules.toml:7:1): a stranger", "React: 👍 Allow once | ✅ Invite to session | 👎 Deny"}, hasNot: []string{"@all"}},
		{name: "a huge message", prompt: messagePrompt(huge), has: []string{"> zzz", "cut:", "📎 attached whole: `c1-message.txt`", "React: 👍 Allow once"}, files: []string{huge}},
		{name: "a plan", prompt: planPrompt("1. do\n2. done\n"), has: []string{planHead, "> 1. do\n> 2. done", "**Who may answer:** as the reaction rules say", planFoot}, hasNot: []string{"left"}},
		{name: "no plan", prompt: planPrompt(" \n"), has: []string{planHead, noPlan, planFoot}},
		{name: "a huge plan", prompt: planPrompt(huge), has: []string{planHead, "cut:", "📎 attached whole: `c1-plan.md`", planFoot}, files: []string{huge}},
		{name: "a start", prompt: &Prompt{Kind: Start, Pending: true, Text: "go", Event: &pipeline.Event{User: people[2], Start: pipeline.Start{Dir: "/w", Branch: "b", Mode: pipeline.ModeAuto}}, Asks: messagePrompt("").Asks}, has: []string{"wants to start a session** – needs approval:", "> go", "in `/w` on branch `b` in mode `auto`", " · s1", "👍 Allow | 👎 Deny"}},
		{name: "a command of ctpipe's", prompt: &Prompt{Kind: Command, Event: &pipeline.Event{User: people[2], Command: pipeline.ChatCommand{Name: "cd", Text: "/etc"}}, Asks: messagePrompt("").Asks}, has: []string{"wants to run** `!cd` – needs approval:", "!cd /etc", "👍 Allow | 👎 Deny"}},
		{name: "a block held back", prompt: &Prompt{Kind: Share, Held: &Held{Block: "b", What: "result", Tool: "Read"}, Asks: messagePrompt("").Asks}, has: []string{"🔒 **Claude wants to show a tool's result (`Read`)** – held until a person shares it", "👍 Share | 👎 Keep it back"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := New(paper())
			done := d.Open(tt.prompt, base, epoch)
			if len(done.Changes) != 1 || !done.Opened || done.Changes[0].Put == nil {
				t.Fatalf("%+v", done)
			}
			text, rest := done.Changes[0].Put.Text, done.Changes[0].Put.Text
			for _, want := range tt.has {
				_, after, found := strings.Cut(rest, want)
				if !found {
					t.Errorf("%q is missing, or not in its place:\n%s", want, text)
					continue
				}
				rest = after
			}
			if runes(text) > room || rest != "" && !strings.HasSuffix(text, tt.prompt.choices()) {
				t.Errorf("%d runes, ends with %q", runes(text), rest)
			}
			for _, not := range tt.hasNot {
				if strings.Contains(text, not) {
					t.Errorf("%q is in\n%s", not, text)
				}
			}
			var files []string
			for _, f := range done.Changes[0].Put.Files {
				files = append(files, string(f.Content))
			}
			if fmt.Sprint(files) != fmt.Sprint(tt.files) {
				t.Errorf("%d files %.80q, want %d", len(files), files, len(tt.files))
			}
		})
	}
}

// TestCardGrows covers A6: a card that was just not cut is cut when its votes
// make it longer, says so, and names no file that its post does not have; one
// that has a file goes on to name it.
func TestCardGrows(t *testing.T) {
	for n := room - 700; n < room; n++ {
		d := New(paper())
		p := toolPrompt(strings.Repeat("z", n))
		first := d.Open(p, base, epoch).Changes[0].Put
		for _, u := range people {
			d.Approve(p.ID, Vote{By: u, Meaning: "approve"})
		}
		later := d.Refresh(p.ID, base, epoch)[0].Put
		if named := strings.Contains(later.Text, "attached whole"); named != (len(first.Files) > 0) || later.Files != nil {
			t.Fatalf("%d: named %v, files %d:\n%s", n, named, len(first.Files), later.Text)
		}
		whole := strings.Contains(later.Text, strings.Repeat("z", n))
		if said := strings.Contains(later.Text, "more characters are not shown"); said == whole || runes(later.Text) > room || !strings.HasSuffix(later.Text, "👍 Allow | ✅ Allow all | 👎 Deny") {
			t.Fatalf("%d: whole %v, says it is cut %v, %d runes:\n%s", n, whole, said, runes(later.Text), later.Text)
		}
	}
}

// TestClosedCards covers A9: a closed card says who ended it, when, and which
// rule had asked, and keeps what was asked about as far as it fits.
func TestClosedCards(t *testing.T) {
	edited := toolPrompt("rm y")
	edited.Edit = &Edit{By: people[1], Diff: "```diff\n-rm x\n+rm y\n```"}
	tests := []struct {
		name, outcome string
		prompt        *Prompt
		has, hasNot   []string
	}{
		{name: "a command", prompt: toolPrompt("ls"), outcome: "✅ **Allowed** by bob", has: []string{"✅ **Allowed** by bob\n\n💻 **Bash**\n```bash\nls", "\n*2026-03-04 05:06 UTC · c1 · asked by default*"}, hasNot: []string{"Permission requested", "👍", "left"}},
		{name: "a changed command names the change once", prompt: edited, outcome: "✅ **Allowed** by bob, as bob changed it:\n" + edited.Edit.Diff, has: []string{"+rm y"}, hasNot: []string{"✏️"}},
		{name: "a changed command that is denied", prompt: edited, outcome: "👎 **Denied** by bob", has: []string{"👎 **Denied** by bob", "✏️", "+rm y"}},
		{name: "a huge command", prompt: toolPrompt(strings.Repeat("z", 9000)), outcome: "no", has: []string{"no\n\n💻", "cut:", "*2026-03-04 05:06 UTC · c1 · asked by default*"}},
		{name: "a message is short then", prompt: messagePrompt(strings.Repeat("z", 900)), outcome: "👎 **Denied**", has: []string{"> zzz", "cut: 500 more", "asked by rule strangers (rules.toml:7:1)"}},
		{name: "a choice is its outcome", prompt: AskWorktree("/w", "where?", false, 0), outcome: "🌿 in hunter2", has: []string{"🌿 in [redacted]"}, hasNot: []string{"where?", "UTC"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := New(paper())
			p := *tt.prompt
			d.Open(&p, base, epoch)
			_, done, ok := d.Finish(p.ID, tt.outcome, base, epoch)
			if !ok || len(done.Changes) != 1 || !done.Changes[0].Seal || len(done.Closed) != 1 {
				t.Fatalf("%v %+v", ok, done)
			}
			text := done.Changes[0].Put.Text
			if head, _, _ := strings.Cut(tt.outcome, "\n"); runes(text) > room || done.Closed[0].Outcome != strings.TrimSuffix(head, ":") {
				t.Errorf("%d runes, outcome %q", runes(text), done.Closed[0].Outcome)
			}
			for _, want := range tt.has {
				if !strings.Contains(text, want) {
					t.Errorf("%q is missing:\n%s", want, text)
				}
			}
			for _, not := range tt.hasNot {
				if strings.Contains(text, not) {
					t.Errorf("%q is in\n%s", not, text)
				}
			}
		})
	}
}
