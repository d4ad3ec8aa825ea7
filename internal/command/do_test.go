package command

import (
	"errors"
	"strings"
	"testing"
	"time"

	"ctpipe/pipeline"
)

const zw = "\u200b"

var (
	alice = pipeline.User{ID: "u-alice", Name: "alice", Owner: true, Active: true}
	carol = pipeline.User{ID: "u-carol", Name: "carol", Active: true}
)

// says runs commands one by one and holds what is said and done against want.
func says(t *testing.T, f *fake, by pipeline.User, want [][2]string) {
	t.Helper()
	for _, x := range want {
		if got := f.run(x[0], by, asSession{f}); got != x[1] {
			t.Errorf("%s:\n%s\nwant\n%s", x[0], got, x[1])
		}
	}
}

func TestEndings(t *testing.T) {
	f := &fake{ended: 2}
	says(t, f, alice, [][2]string{
		{"!stop", "end: 🛑 **Session cancelled** by @" + zw + "alice"},
		{"!cancel", "end: 🛑 **Session cancelled** by @" + zw + "alice"},
		{"!escape", "ℹ️ Session is idle, nothing to interrupt"},
		{"!kill", "end all: 🔴 **EMERGENCY SHUTDOWN** by @" + zw + "alice\n2 sessions ended; ctpipe stops. Nothing resumes.\nquit"},
	})
	f.busy = true
	says(t, f, alice, [][2]string{{"!interrupt", "interrupt: ⏸️ **Interrupted** by @" + zw + "alice"}})
}

// SEC-29: a mode is raised no further than a rule gives leave for; the fake's
// leave is auto.
func TestPermissions(t *testing.T) {
	says(t, &fake{mode: pipeline.ModeDefault}, alice, [][2]string{
		{"!permissions interactive", "ℹ️ Permissions are already interactive for this session"},
		{"!permissions bypass", "⚠️ Cannot upgrade to bypass permissions - can only downgrade to interactive"},
		{"!permissions sometimes", permissionsUsage},
		{"!permission AUTO", "mode auto: 🔐 **Permission mode: Auto** – Claude's own auto mode decides what to ask, by @" + zw + "alice"},
		{"!permissions auto", "ℹ️ The permission mode is already auto for this session"},
		{"!permissions default", "mode default: 🔐 **Permission mode: Default** – interactive permissions enabled for this session by @" + zw + "alice"},
	})
}

// I3, I4: who is invited is an account of the channel, found by its exact name.
func TestInvite(t *testing.T) {
	f := &fake{accounts: map[string]pipeline.User{
		"carol": carol, "away": {ID: "u-away", Name: "away", Active: true}, "robo": {ID: "u-robo", Name: "robo", Bot: true},
		"gone": {ID: "u-gone", Name: "gone"}, "bob": {ID: "u-bob", Name: "bob", Active: true}, "lost": {ID: "u-lost", Name: "lost", Active: true},
	}, people: map[pipeline.UserID]pipeline.User{"u-carol": carol, "u-away": {ID: "u-away"}, "u-bob": {ID: "u-bob", Allowed: true}},
		members: map[pipeline.UserID]bool{"u-carol": true}}
	says(t, f, alice, [][2]string{
		{"!invite @Carol", "invite u-carol by u-alice: ✅ @" + zw + "carol can now participate in this session (invited by @" + zw + "alice)"},
		{"!invite away", "⚠️ @" + zw + "away is not in this channel: add them to it first"},
		{"!invite robo", "⚠️ @" + zw + "robo is a bot; only people take part in a session"},
		{"!invite gone", "⚠️ @" + zw + "gone is deactivated"},
		{"!invite bob", "ℹ️ @" + zw + "bob takes part in this session already"},
		{"!invite lost", "❌ The chat server does not say who @" + zw + "lost is; try again in a moment"},
		{"!invite nobody", "⚠️ There is no user @" + zw + "nobody"},
		{"!invite @саrol", "⚠️ `@саrol` is no user name: user names have plain letters, and `с` is U+0441, `а` is U+0430"},
	})
	f.down = errors.New("down")
	says(t, f, alice, [][2]string{{"!invite carol", "❌ The chat server does not say who @" + zw + "carol is; try again in a moment"}})
}

// I8: an invitation ends, also of somebody whose name the server has forgotten.
func TestKick(t *testing.T) {
	f := &fake{accounts: map[string]pipeline.User{"carol": carol, "alice": alice, "bob": {ID: "u-bob", Name: "bob"}, "eve": {ID: "u-eve", Name: "eve"}},
		guests: map[string]pipeline.User{"dave": {ID: "u-dave", Name: "dave"}},
		people: map[pipeline.UserID]pipeline.User{"u-carol": {ID: "u-carol", Invited: true}, "u-alice": alice, "u-bob": {ID: "u-bob", Allowed: true},
			"u-eve": {ID: "u-eve"}, "u-dave": {ID: "u-dave", Invited: true}}}
	says(t, f, alice, [][2]string{
		{"!kick @carol", "uninvite u-carol: 🚫 @" + zw + "carol removed from this session by @" + zw + "alice"},
		{"!kick DAVE", "uninvite u-dave: 🚫 @" + zw + "dave removed from this session by @" + zw + "alice"},
		{"!kick alice", "⚠️ Cannot kick session owner @" + zw + "alice"},
		{"!kick bob", "⚠️ @" + zw + "bob is globally allowed and cannot be kicked from individual sessions"},
		{"!kick eve", "⚠️ @" + zw + "eve was not in this session"},
		{"!kick nobody", "⚠️ There is no user @" + zw + "nobody"},
	})
}

func TestModelAndVerbosity(t *testing.T) {
	f := &fake{}
	says(t, f, alice, [][2]string{
		{"!model", "🤖 The model is Claude's own default. Another one: `!model <name>`"},
		{"!model opus", "to Claude: /model opus"},
		{"!model @x", "❌ `@x` is no name of a model. Usage: `!model [name]`, like `!model sonnet`"},
		{"!verbosity", "🔉 The verbosity of this thread is `fold`. Usage: `!verbosity full|line|fold|file|hidden|default`"},
		{"!verbosity LINE", "style line: 🔉 The verbosity of this thread is now `line`, set by @" + zw + "alice; a style that a rule gives stays as it is"},
		{"!verbosity loud", "❌ There is no verbosity `loud`. Usage: `!verbosity full|line|fold|file|hidden|default`"},
	})
	f.asked = "opus"
	says(t, f, alice, [][2]string{{"!model", "🤖 The model will be `opus`. Another one: `!model <name>`"}})
	f.runs = "opus-9"
	says(t, f, alice, [][2]string{{"!model", "🤖 The model is `opus-9`. Another one: `!model <name>`"}})
}

// SEC-15: everybody revokes their own grants; others' only who is in charge.
func TestRevoke(t *testing.T) {
	f := &fake{grants: []Grant{{ID: "g1", By: "u-carol", Name: "carol", Since: base.Add(-time.Hour)}}}
	says(t, f, carol, [][2]string{
		{"!revoke", "revoke [g1]: 🔒 **Revoked** g1 by @" + zw + "carol; people are asked again."},
		{"!revoke g2", "Usage: `!revoke <id>` or `!revoke all`; `!grants` lists the ids"},
	})
	if got := f.run("!grants", carol, asSession{f}); !strings.Contains(got, "- `g1` by @"+zw+"carol since 11:00 UTC (1 h ago)") {
		t.Error(got)
	}
	f.grants = append(f.grants, Grant{ID: "g2", By: "u-alice"})
	says(t, f, carol, [][2]string{
		{"!revoke", "Usage: `!revoke <id>` or `!revoke all`; `!grants` lists the ids"},
		{"!revoke g2", "⛔ @" + zw + "carol may only revoke their own grants"},
		{"!revoke all", "revoke [g1]: 🔒 **Revoked** g1 by @" + zw + "carol; 1 left."},
	})
	says(t, f, alice, [][2]string{{"!revoke ALL", "revoke [g1 g2]: 🔒 **Revoked** g1, g2 by @" + zw + "alice; people are asked again."}})
	says(t, &fake{}, alice, [][2]string{{"!revoke", "ℹ️ There is no grant to revoke"}})
}

// A12, A13: an answer in words is to the card that is named, or to the only one.
func TestCards(t *testing.T) {
	f := &fake{}
	says(t, f, alice, [][2]string{{"!approve", "ℹ️ Nothing is waiting for an answer"}, {"!deny c1 no", "ℹ️ Nothing is waiting for an answer"}})
	f.cards = []Card{fakeCard{f: f, id: "c1"}}
	says(t, f, alice, [][2]string{
		{"!approve", "approve c1"},
		{"!approve C1", "approve c1"},
		{"!approve `touch y`", "approve c1 instead: touch y"},
		{"!approve c1 touch  y", "approve c1 instead: touch  y"},
		{"!approve c9", "ℹ️ `c9` is not open; waiting: `c1`"},
		{"!deny", "deny c1: "},
		{"!deny not now,\nlater", "deny c1: not now,\nlater"},
	})
	f.cards = []Card{fakeCard{f: f, id: "c1", other: true}}
	says(t, f, alice, [][2]string{
		{"!approve", "ℹ️ Another card was closed just now: say which, `c1`"},
		{"!approve c1", "approve c1"},
		{"!deny", "deny c1: "},
	})
	f.cards = []Card{fakeCard{f: f, id: "c1", question: true}, fakeCard{f: f, id: "s2", mute: true}}
	says(t, f, alice, [][2]string{
		{"!approve", "ℹ️ Several are waiting: say which, `c1`, `s2`"},
		{"!approve c1", "❓ c1 is a question: react on its card, or write your answer"},
		{"!deny c1", "deny c1: no reason given"},
		{"!approve s2", "alice may not approve s2"},
		{"!deny s2 no", "alice may not deny s2"},
	})
}

func TestCd(t *testing.T) {
	top := realDir(t)
	f := &fake{dir: top, places: Places{Dir: top}}
	says(t, f, alice, [][2]string{
		{"!cd .", "ℹ️ This session is in `" + shortPath(top) + "` already"},
		{"!cd none", "❌ Directory does not exist: `" + shortPath(top+"/none") + "`"},
		{"!worktree", "Usage: `!worktree <branch>|list|switch|remove|off`"},
		{"!worktree a b", worktreeUsage},
		{"!worktree switch", "❌ Usage: `!worktree switch <branch>`"},
		{"!worktree OFF", "no prompts: ✅ Worktree prompts disabled for this session"},
		{"!worktree list", "❌ Current directory is not a git repository"},
	})
	f.dir = "/elsewhere"
	says(t, f, alice, [][2]string{{"!cd " + top, "go to " + top + ": 📂 **Working directory changed** to `" + shortPath(top) + "` (*Claude Code restarted in new directory*)"}})
	if got := f.run("!worktree fix", alice, nil); got != NoSession {
		t.Errorf("a worktree without a session: %q", got)
	}
}

func TestWhyStatusRules(t *testing.T) {
	f := &fake{status: HostStatus{Version: "1.2", Agents: "claude", Rev: "abcdef123", Sessions: 1, Most: 5, Timeout: time.Hour, Heard: true, Link: time.Minute},
		session: SessionStatus{State: "idle", Model: "o|p", Dir: "/a|b", Used: 50_000, Size: 200_000, Cost: 1.5, Turns: 1, Idle: 5 * time.Second}}
	says(t, f, alice, [][2]string{
		{"!why", `explain ""`}, {"!why LAST", `explain ""`}, {"!why 01AB", `explain "01AB"`},
		{"!rules", "📜 Rules `abcdef` are in force"},
		{"!status", "📊 **ctpipe v1.2** · claude · rules `abcdef`\n\n| | |\n|:--|:--|\n" +
			"| **State** | idle · mode default · verbosity default |\n| **Directory** | `/a\\|b` |\n| **Model** | o\\|p |\n" +
			"| **Context** | 25 % of 200k tokens |\n| **Cost** | $1.50 in 1 turn |\n| **Waiting** | 0 messages · 0 open cards · 0 tasks in the background |\n" +
			"| **Grants** | 0 |\n| **Idle** | 5 s |\n| **Sessions** | 1 of 5 |\n| **Limits** | idle sessions are paused after 1 h |\n| **Chat** | connected for 1 min |\n"},
	})
	f.rules = &RulesState{Rev: "abcdef123", Since: base.Add(-time.Hour), Rules: 2, Hooks: 1, Refused: "fedcba", Stale: time.Minute, Held: []string{"a → b @all"}, Circuits: []string{"h"}}
	f.status = HostStatus{Heard: true, Lost: true}
	for text, want := range map[string][]string{
		"!status": {"| **Chat** | ⚠️ out of reach for 0 s |", "✋ a save is held for 1 min", "⚠️ 1 do not run"},
		"!rules":  {"in force since 11:00 (1 h ago)\n2 rules · 1 hook · 0 tests", "ctpipe rules accept fedcba", "`a → b @" + zw + "all`"},
	} {
		got := f.run(text, alice, nil)
		for _, part := range want {
			if !strings.Contains(got, part) {
				t.Errorf("%s lacks %q:\n%s", text, part, got)
			}
		}
	}
}
