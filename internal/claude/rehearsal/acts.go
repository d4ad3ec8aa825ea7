package rehearsal

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// shell is a Bash call. harmless ones would pass Claude's own auto mode.
func shell(command, description string, harmless bool) call {
	return call{name: "Bash", harmless: harmless, input: map[string]any{"command": command, "description": description}}
}

// status runs one command that reads and changes nothing.
func status(t *turn) error {
	command := "ls -la"
	if _, err := os.Stat(filepath.Join(t.dir, ".git")); err == nil {
		command = "git status"
	}
	out, err := t.use("Let me look at the state of things.", shell(command, "Look, change nothing", true), t.bash)
	if err != nil {
		return err
	}
	return t.report(command, out)
}

// command runs what the prompt asked for.
func (t *turn) command(command string) error {
	out, err := t.use("As you wish. I ask for this command.", shell(command, "Asked for with run:", false), t.bash)
	if err != nil {
		return err
	}
	return t.report(command, out)
}

func forcePush(t *turn) error {
	const command = "git push --force"
	out, err := t.use("I would like to overwrite the remote branch.", shell(command, "Overwrite the remote branch", false), t.bash)
	if err != nil {
		return err
	}
	return t.report(command, out)
}

// report tells what came of a command: its output, its failure, or the denial.
func (t *turn) report(command string, out outcome) error {
	switch {
	case out.text == noGate:
		return nil // said already
	case !out.ran:
		return t.reply(block{text: fmt.Sprintf("I was told no for `%s`:\n\n> %s\n\nSo I leave it, and look for no way round. "+
			"(The rehearsal agent knows no better way; Claude would now try what the reason suggests.)",
			command, strings.ReplaceAll(out.text, "\n", "\n> "))})
	case out.failed:
		return t.reply(block{text: fmt.Sprintf("That ran, and failed:\n\n```\n%s\n```\n", fence(out.text))})
	}
	ran, _ := out.input["command"].(string)
	note := ""
	if ran != command {
		note = fmt.Sprintf(" (you changed it to `%s`)", ran)
	}
	return t.reply(block{text: fmt.Sprintf("Done%s. It says:\n\n```\n%s\n```\n", note, fence(out.text))})
}

const shown = 4000 // bytes of output repeated in an answer

// fence keeps output from closing the code block it stands in.
func fence(s string) string {
	if len(s) > shown {
		s = strings.ToValidUTF8(s[:shown], "") + "\n…"
	}
	return strings.ReplaceAll(s, "```", "'''")
}

func count(t *turn) error {
	var b strings.Builder
	b.WriteString("I count to five hundred; stop me when you have seen enough.\n\n")
	for i := 1; i <= 500; i++ {
		fmt.Fprintf(&b, "%d ", i)
		if i%20 == 0 {
			b.WriteString("\n")
		}
	}
	return t.reply(block{text: b.String()})
}
