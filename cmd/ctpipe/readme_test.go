package main

import (
	"os"
	"strings"
	"testing"
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
