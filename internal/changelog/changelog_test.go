package changelog

import (
	"flag"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "copy the changelog from the top of the tree")

// TestCopy: what !release-notes shows is what CHANGELOG.md says.
func TestCopy(t *testing.T) {
	want, err := os.ReadFile("../../CHANGELOG.md")
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("CHANGELOG.md", want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if text != string(want) {
		t.Error("internal/changelog/CHANGELOG.md is not the CHANGELOG.md at the top of the tree: run `make golden`")
	}
}

func TestNotes(t *testing.T) {
	got := notes("# Changelog\n\nWords.\n\n## [Unreleased]\n\n### Added\n- not yet\n\n## [1.2.0] - 2026-01-02\n\n### Added\n- a thing\n  on two lines\n\n### Odd\n- other\n\n## [1.1.0] - 2025-01-01\n\n### Fixed\n- old\n")
	want := "### 📋 Release Notes - v1.2.0 (2026-01-02)\n\n**✨ Added**\n- a thing on two lines\n\n**• Odd**\n- other"
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	if got := notes("# Changelog\n"); !strings.Contains(got, "not available") {
		t.Errorf("nothing released: %q", got)
	}
	if !strings.HasPrefix(Notes(), "### 📋 Release Notes - v") || strings.Contains(Notes(), "Unreleased") {
		t.Errorf("the shipped notes:\n%s", Notes())
	}
}
