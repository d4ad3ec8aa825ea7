package rehearsal

import (
	"regexp"
	"strings"
)

// act answers one prompt.
type act func(*turn) error

// stop is one thing the agent can show, and the words that ask for it.
type stop struct {
	words *regexp.Regexp
	play  act
}

// tour is what the agent shows, in the order a prompt without any of these
// words walks through it.
var tour = []stop{
	{regexp.MustCompile(`(?i)\b(hello|hi|help|who are you)\b`), greet},
	{regexp.MustCompile(`(?i)\b(explain|repo|repository|project|overview)\b`), explain},
	{regexp.MustCompile(`(?i)\b(command|bash|status|tests?|run|list|ls)\b`), status},
	{regexp.MustCompile(`(?i)(\bforce|\bpush\b|\bden(y|ied)\b|\brefused?\b)`), forcePush},
	{regexp.MustCompile(`(?i)(\bask me\b|\bquestions?\b|\bchoose\b)`), question},
	{regexp.MustCompile(`(?i)\bplan\b`), plan},
}

var (
	runLine = regexp.MustCompile(`(?im)(?:^|\s)run:[ \t]*(\S[^\n]*)`)
	counted = regexp.MustCompile(`(?i)\b(count|slowly|long answer)\b`)
	slashed = regexp.MustCompile(`^\s*(/[a-z-]+)(\s|$)`)
)

// choose picks the act: what is said of a command of the CLI's own, a command
// given with "run:", a long answer to interrupt, the last stop of the tour whose
// word comes up, or the next stop.
func (t *turn) choose() act {
	if m := slashed.FindStringSubmatch(t.prompt); m != nil {
		return func(t *turn) error { return t.slash(m[1]) }
	}
	if m := runLine.FindStringSubmatch(t.prompt); m != nil {
		command := strings.TrimSpace(m[1])
		return func(t *turn) error { return t.command(command) }
	}
	if counted.MatchString(t.prompt) {
		return count
	}
	for i := len(tour) - 1; i >= 0; i-- {
		if tour[i].words.MatchString(t.prompt) {
			return tour[i].play
		}
	}
	return tour[t.turns%len(tour)].play
}

// slash answers a command that Claude Code itself would answer.
func (t *turn) slash(name string) error {
	return t.reply(block{text: "`" + name + "` is a command of Claude Code's own. The rehearsal agent is a script: " +
		"it has no model, no context and no costs, so there is nothing to tell or to change.\n"})
}

func greet(t *turn) error {
	text := "Hello! I am the **rehearsal agent**: a script, not Claude. No model reads what you write.\n\n" +
		"What I can show you, by the words in your message:\n\n" +
		"- `explain this repo`: an answer that grows while I write it\n" +
		"- `status`: a harmless command, through your rules\n" +
		"- `run: COMMAND`: any command you like, if your rules or your people allow it\n" +
		"- `force push`: a call that good rules refuse\n" +
		"- `ask me a question` and `make a plan`: what always goes to people\n" +
		"- `count`: a long answer, to try stopping me\n\n" +
		"Any other message takes the next of these.\n"
	if t.opt.resumed && t.turns == 0 {
		text = "(This session was resumed. A script remembers nothing of it.)\n\n" + text
	}
	return t.reply(block{text: text})
}
