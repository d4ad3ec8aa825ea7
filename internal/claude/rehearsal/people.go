package rehearsal

import (
	"context"
	"fmt"
	"strings"
)

const (
	asked = "Which part of ctpipe do you want to try first?"
	draft = "# Plan\n\n1. Add a rule to `rules.toml` that allows `git status`.\n" +
		"2. Save the file and watch the new revision come into force.\n3. Ask me for the status again: no card this time.\n"
)

// question puts an AskUserQuestion to the people in the thread.
func question(t *turn) error {
	c := call{name: "AskUserQuestion", person: true, input: map[string]any{"questions": []any{map[string]any{
		"question": asked, "header": "Tour", "multiSelect": false, "options": []any{
			map[string]any{"label": "Rules", "description": "Edit rules.toml and see the next call judged anew"},
			map[string]any{"label": "Hooks", "description": "Let a Lua file refuse a call"},
			map[string]any{"label": "Approvals", "description": "Decide on a card with a reaction"}}}}}}
	out, err := t.use("I have a question before I go on.", c, answers)
	if err != nil || out.text == noGate {
		return err
	}
	if !out.ran {
		return t.reply(block{text: "No answer, then. I was told:\n\n> " + strings.ReplaceAll(out.text, "\n", "\n> ")})
	}
	if a := answer1(out.input); a != "" {
		return t.reply(block{text: fmt.Sprintf("You chose **%s**. A good place to start.", a)})
	}
	return t.reply(block{text: "You left the question open; I go on without an answer."})
}

// answers is the AskUserQuestion tool: the host filled the answers in.
func answers(_ context.Context, input map[string]any) outcome {
	given, _ := input["answers"].(map[string]any)
	if given == nil {
		given = map[string]any{}
	}
	text := "The user did not answer the questions."
	if a := answer1(input); a != "" {
		text = fmt.Sprintf("The user answered: %q=%q.", asked, a)
	}
	return outcome{text: text, result: frame{"questions": input["questions"], "answers": given}}
}

func answer1(input map[string]any) string {
	given, _ := input["answers"].(map[string]any)
	a, _ := given[asked].(string)
	return a
}

// plan shows a plan and waits for people to approve it.
func plan(t *turn) error {
	c := call{name: "ExitPlanMode", person: true, input: map[string]any{"plan": draft}}
	out, err := t.use("Here is what I would do.", c, approved)
	if err != nil || out.text == noGate {
		return err
	}
	if !out.ran {
		return t.reply(block{text: "The plan was sent back:\n\n> " + strings.ReplaceAll(out.text, "\n", "\n> ") +
			"\n\nA script has only the one; Claude would revise it."})
	}
	text := "The plan is approved."
	if p, _ := out.input["plan"].(string); p != draft {
		text = "The plan is approved, with your changes."
	}
	return t.reply(block{text: text + " The steps are yours: I only rehearse."})
}

// approved is the ExitPlanMode tool.
func approved(_ context.Context, input map[string]any) outcome {
	p, _ := input["plan"].(string)
	return outcome{text: "User has approved the plan:\n" + p, result: frame{"plan": p, "isAgent": false, "filePath": nil}}
}
