package command

import (
	"fmt"
	"strings"
	"testing"
)

// TestSplitStart covers FUN-09: the commands in front of a request are split off
// it, each with its one argument.
func TestSplitStart(t *testing.T) {
	for text, want := range map[string]string{
		"do y":                                "do y",
		"!cd /x do y":                         "cd(/x) do y",
		"!cd /x !worktree b do y":             "cd(/x) worktree(b) do y",
		"!CD  \"/a b\"\n!model opus\ndo\n\ny": "cd(/a b) model(opus) do\n\ny",
		"!permission auto x":                  "permissions(auto) x",
		"!verbosity line":                     "verbosity(line) ",
		"!cd /x /etc is full":                 "cd(/x) /etc is full",
		"!cd /x ! really":                     "cd(/x) ! really",
		"!cd":                                 "Usage: `!cd <path>`",
		"!cd !worktree b do y":                "Usage: `!cd <path>`",
		"!worktree":                           "Usage: `!worktree <branch>`",
		"!cd /x !help":                        "`!help` cannot stand before a request",
		"!cd /x !modle a do":                  "Did you mean `!model`?",
		"!cd /x !cd /y do":                    "`!cd` stands there twice",
	} {
		commands, prompt, err := SplitStart(text)
		got := prompt
		for i := len(commands) - 1; i >= 0; i-- {
			got = fmt.Sprintf("%s(%s) %s", commands[i].Name, commands[i].Text, got)
		}
		if err != nil {
			got = err.Error()
			if !strings.Contains(got, want) || !strings.HasSuffix(got, NothingStarted) || commands != nil {
				t.Errorf("%q: %q, want %q", text, got, want)
			}
			continue
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
