package main

import (
	"flag"
	"os"
	"strings"
	"testing"

	"ctpipe/internal/command"
)

var update = flag.Bool("update", false, "write the tables of README.md anew")

const readmeFile = "../../README.md"

// TestReadmeStages holds the README's tables to what `ctpipe stages` prints.
func TestReadmeStages(t *testing.T) {
	readmeTable(t, "stages", "<!-- ctpipe stages -->\n", "<!-- end -->", stagesMarkdown())
}

// TestReadmeThread holds the README's table of chat commands to what !help shows.
func TestReadmeThread(t *testing.T) {
	readmeTable(t, "chat commands", "<!-- commands -->\n", "<!-- end of commands -->", command.Table(command.All))
}

// readmeTable holds what stands between two marks to what it should be, or
// writes it with -update.
func readmeTable(t *testing.T, what, begin, end, want string) {
	t.Helper()
	text := readme(t)
	before, rest, ok := strings.Cut(text, begin)
	table, after, ends := strings.Cut(rest, end)
	switch {
	case !ok || !ends:
		t.Fatalf("README.md has no marks around its table of %s", what)
	case table == want:
	case *update:
		if err := os.WriteFile(readmeFile, []byte(before+begin+want+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("README.md's table of %s is out of date: run `make golden`", what)
	}
}

func readme(t *testing.T) string {
	t.Helper()
	raw, err := os.ReadFile(readmeFile)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// TestReadmeCommands: every command that usage lists is in the README.
func TestReadmeCommands(t *testing.T) {
	text := readme(t)
	for _, c := range commands {
		if c.name != "help" && !strings.Contains(text, "`ctpipe "+c.name) {
			t.Errorf("README.md does not say what `ctpipe %s` does", c.name)
		}
	}
}
