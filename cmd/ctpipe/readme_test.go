package main

import (
	"os"
	"strings"
	"testing"

	"ctpipe/internal/command"
)

// TestReadmeStages holds the README's tables to what `ctpipe stages` prints.
func TestReadmeStages(t *testing.T) {
	raw, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(raw), "<!-- ctpipe stages -->\n")
	table, _, end := strings.Cut(rest, "<!-- end -->")
	if !ok || !end {
		t.Fatal("README.md has no marks around the tables of stages")
	}
	if table != stagesMarkdown() {
		t.Errorf("README.md differs from `ctpipe stages`; put this between its marks:\n%s", stagesMarkdown())
	}
}

// TestReadmeCommands: every command that usage lists is in the README.
func TestReadmeCommands(t *testing.T) {
	raw, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range commands {
		if c.name != "help" && !strings.Contains(string(raw), "`ctpipe "+c.name) {
			t.Errorf("README.md does not say what `ctpipe %s` does", c.name)
		}
	}
}

// TestReadmeThread holds the README's table of chat commands to what !help shows.
func TestReadmeThread(t *testing.T) {
	raw, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(raw), "<!-- commands -->\n")
	table, _, end := strings.Cut(rest, "<!-- end of commands -->")
	if !ok || !end {
		t.Fatal("README.md has no marks around the table of chat commands")
	}
	if want := command.Table(command.All); table != want {
		t.Errorf("README.md differs from !help; put this between its marks:\n%s", want)
	}
}
