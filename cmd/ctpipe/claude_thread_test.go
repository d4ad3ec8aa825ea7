package main

import (
	"strings"
	"testing"

	"ctpipe/internal/claude/claudetest"
	"ctpipe/internal/mattermost"
)

// scene is one session of a shared ctpipe: what the model says in it, and what
// people do.
type scene struct {
	name    string
	replies []claudetest.Reply
	capture map[string]string
	play    func(t *testing.T, s *stage)
}

// stage is what a scene plays on.
type stage struct {
	*person
	api  *claudetest.Server
	root string
}

func (s *stage) says(text string) { s.d.t.Helper(); s.person.says(s.root, text) }

func (s *stage) sees(words ...string) mattermost.Post {
	s.d.t.Helper()
	return s.person.sees(s.root, words...)
}

// answers reacts on a card once it can be reacted on.
func (s *stage) answers(card mattermost.Post, emoji string) {
	s.d.t.Helper()
	s.seeded(card.ID, emoji)
	s.reacts(card.ID, emoji)
}

// TestThreadsOfTheRealCLI plays what people do in a thread with the real CLI,
// one session after another in one ctpipe.
func TestThreadsOfTheRealCLI(t *testing.T) {
	scenes := []scene{planScene, questionScene, manyAnswersScene, freeTextScene, subagentScene, backgroundScene,
		interruptTextScene, interruptToolScene, slashScene, modelScene, errorScene, resumeScene}
	elsewhere := claudetest.Say("Still here.") // to what does not begin with a scene's name: behind a compaction
	elsewhere.Repeat = 100
	script := claudetest.Scenario{Capture: map[string]string{}, Replies: []claudetest.Reply{elsewhere}}
	for _, sc := range scenes {
		script.Lanes = append(script.Lanes, claudetest.Lane{Name: sc.name, Match: "scene " + sc.name, Replies: sc.replies})
		for name, re := range sc.capture {
			script.Capture[name] = re
		}
	}
	busy := strings.Replace(shippedRules(t), "[limits]\n", "[limits]\nposts_per_minute = 600\n", 1) // alice writes more than anybody
	d, api := withClaude(t, busy, script)
	for _, sc := range scenes {
		t.Run(sc.name, func(t *testing.T) {
			d.t = t
			alice := d.as("alice")
			s := &stage{person: alice, api: api}
			s.root = alice.says("", "@claude-code scene "+sc.name)
			defer s.says("!stop") // the next scene needs its slot
			sc.play(t, s)
		})
	}
	d.t = t
}

// planScene: the plan stands on the card whole, a change is asked for, and then
// it is approved.
var planScene = scene{name: "plan",
	capture: map[string]string{"PLAN": `(/[^ \\"]*/plans/[A-Za-z0-9_-]+\.md)`},
	replies: []claudetest.Reply{
		claudetest.Use("EnterPlanMode", map[string]any{}),
		claudetest.Use("Write", map[string]string{"file_path": "{{PLAN}}", "content": "# Plan\n\nStep one: read everything\n"}),
		claudetest.Use("ExitPlanMode", map[string]any{}),
		claudetest.Use("Write", map[string]string{"file_path": "{{PLAN}}", "content": "# Plan\n\nStep one: read a little\n"}),
		claudetest.Use("ExitPlanMode", map[string]any{}),
		claudetest.Say("I begin with step one."),
	},
	play: func(t *testing.T, s *stage) {
		card := s.sees("Plan ready for approval", "Step one: read everything")
		s.answers(card, "-1")
		s.sees("❌ **Changes requested** by")
		card = s.sees("Plan ready for approval", "Step one: read a little")
		s.answers(card, "+1")
		s.sees("✅ **Plan approved** by")
		s.sees("I begin with step one.")
		if !told(s.api, "Please revise the plan") {
			t.Error("Claude was not told to revise its plan")
		}
	}}

func asks(multi bool, header, question string, options ...string) claudetest.Reply {
	list := make([]any, len(options))
	for i, o := range options {
		list[i] = map[string]any{"label": o, "description": "to " + strings.ToLower(o)}
	}
	return claudetest.Use("AskUserQuestion", map[string]any{"questions": []any{
		map[string]any{"question": question, "header": header, "multiSelect": multi, "options": list}}})
}

var questionScene = scene{name: "question",
	replies: []claudetest.Reply{asks(false, "Database", "Which database?", "SQLite", "Postgres"), claudetest.Say("Postgres it is.")},
	play: func(t *testing.T, s *stage) {
		s.answers(s.sees("❓ **Question**", "Which database?", "1️⃣ **SQLite**", "2️⃣ **Postgres**"), "two")
		s.sees("✅ **Database**: Postgres")
		s.sees("Postgres it is.")
		if !told(s.api, `"Which database?"="Postgres"`) {
			t.Error("the answer did not reach the model")
		}
	}}

var manyAnswersScene = scene{name: "many",
	replies: []claudetest.Reply{asks(true, "Parts", "Which parts?", "Docs", "Tests", "Code"), claudetest.Say("Two parts then.")},
	play: func(t *testing.T, s *stage) {
		card := s.sees("Which parts?", "*Choose any, then ✅")
		s.answers(card, "one")
		s.sees("1️⃣ **Docs** ☑")
		s.answers(card, "three")
		s.sees("3️⃣ **Code** ☑")
		s.answers(card, "white_check_mark")
		s.sees("Two parts then.")
		if !told(s.api, `"Which parts?"="Docs, Code"`) {
			t.Error("the answers did not reach the model")
		}
	}}

// freeTextScene: what a person writes while a question is open is its answer.
var freeTextScene = scene{name: "free",
	replies: []claudetest.Reply{asks(false, "Colour", "Which colour?", "Red", "Blue"), claudetest.Say("Green, fine.")},
	play: func(t *testing.T, s *stage) {
		s.seeded(s.sees("Which colour?").ID, "one")
		s.says("rather green")
		s.sees("✅ **Colour**: rather green")
		s.sees("Green, fine.")
		if !told(s.api, `"Which colour?"="rather green"`) {
			t.Error("the answer did not reach the model")
		}
	}}

var subagentScene = scene{name: "subagent",
	replies: []claudetest.Reply{
		claudetest.Use("Agent", map[string]any{"description": "look around", "prompt": "inner scene", "subagent_type": "general-purpose"}),
		claudetest.Say("The helper has looked."),
	},
	play: func(t *testing.T, s *stage) {
		s.sees("look around")
		s.sees("The helper has looked.")
	}}

// backgroundScene: a command goes on beside the turn, and says so.
var backgroundScene = scene{name: "background",
	replies: []claudetest.Reply{
		claudetest.Use("Bash", map[string]any{"command": "touch log && tail -f log", "description": "wait", "run_in_background": true}),
		claudetest.Say("It runs beside us."),
	},
	play: func(t *testing.T, s *stage) {
		card := s.sees("Permission requested", "tail -f log", "*in the background*")
		s.answers(card, "+1")
		s.sees("It runs beside us.")
		s.sees("tail -f log", "in the background")
	}}

// interruptTextScene: what was written stays, the session too.
var interruptTextScene = func() scene {
	slow := claudetest.Say("A long answer begins here " + strings.Repeat("and goes on ", 500) + "to its end.")
	slow.Chunk, slow.DelayMS = 12, 50
	return scene{name: "interrupt-text", replies: []claudetest.Reply{slow, claudetest.Say("Something shorter.")},
		play: func(t *testing.T, s *stage) {
			s.sees("A long answer begins here")
			s.says("!escape")
			s.sees("⏸️ **Interrupted** by")
			s.says("shorter please")
			s.sees("Something shorter.")
			text := s.transcript(s.root)
			if !strings.Contains(text, "A long answer begins here") || strings.Contains(text, "to its end.") {
				t.Errorf("an interrupted answer keeps what was written of it:\n%s", text)
			}
		}}
}()

var interruptToolScene = scene{name: "interrupt-tool",
	replies: []claudetest.Reply{claudetest.Bash("touch begun && tail -f begun"), claudetest.Say("Then not.")},
	play: func(t *testing.T, s *stage) {
		s.answers(s.sees("Permission requested", "tail -f begun"), "+1")
		s.d.eventually("the command", func() bool { return exists(s.d, "begun") })
		s.says("!escape")
		s.sees("⏸️ **Interrupted** by")
		s.says("go on otherwise")
		s.sees("Then not.")
	}}

// slashScene: Claude's own commands answer in the thread (STR-09).
var slashScene = scene{name: "slash",
	replies: []claudetest.Reply{claudetest.Say("Ready."), claudetest.Say("A summary of what was said.")},
	play: func(t *testing.T, s *stage) {
		s.sees("Ready.")
		s.says("!context")
		s.sees("Context Usage")
		s.says("!cost")
		s.sees("Estimated cost:")
		s.says("!compact")
		s.sees("✅ **Context compacted**")
		s.says("are you there?")
		s.sees("Still here.")
	}}

// modelScene: the header names the model that runs (FUN-17).
var modelScene = scene{name: "model",
	replies: []claudetest.Reply{claudetest.Say("First."), claudetest.Say("Second.")},
	play: func(t *testing.T, s *stage) {
		s.sees("First.")
		s.says("!model haiku")
		s.says("and now?")
		s.sees("Second.")
		s.sees("**Model**", "haiku")
	}}

// errorScene: an error of the API is shown with what to do, and the session
// goes on.
var errorScene = scene{name: "error",
	replies: []claudetest.Reply{
		{Status: 403, ErrorType: "permission_error", Message: "this model is asleep"},
		claudetest.Say("Awake again."),
	},
	play: func(t *testing.T, s *stage) {
		s.sees("⚠️", "this model is asleep")
		s.says("again")
		s.sees("Awake again.")
	}}

// resumeScene: a session that ended by !stop is not resumed (DATA-04); a mention
// starts a new one in the thread.
var resumeScene = scene{name: "resume",
	replies: []claudetest.Reply{claudetest.Say("Hello."), claudetest.Say("Hello anew.")},
	play: func(t *testing.T, s *stage) {
		s.sees("Hello.")
		s.says("!stop")
		s.sees("Session cancelled")
		s.says("still there?")
		s.says("@claude-code scene resume")
		s.answers(s.sees("🧵 **Include thread context?**", "1️⃣ Last 3 messages"), "one")
		s.sees("✅ Including last 3 messages")
		s.sees("Hello anew.")
		for _, r := range s.api.Requests() {
			if r.Contains("still there?") && !r.Contains("[Previous conversation in this thread:]") {
				t.Error("a stopped session was resumed by a message")
			}
		}
	}}
