package home

import (
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Only a ~ of one's own stands for the home directory.
func TestExpand(t *testing.T) {
	t.Setenv("HOME", "/home/olga")
	for path, want := range map[string]string{
		"":           "",
		"~":          "/home/olga",
		"~/":         "/home/olga",
		"~/src/../a": "/home/olga/a",
		"~ian/src":   "~ian/src",
		"a/~/b":      "a/~/b",
		"/etc":       "/etc",
	} {
		if got := Expand(path); got != want {
			t.Errorf("Expand(%q) = %q", path, got)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		path := rapid.StringMatching(`(~|/|\.\.|[a-z])*`).Draw(t, "path")
		got := Expand(path)
		if own := path == "~" || strings.HasPrefix(path, "~/"); !own && got != path || own && !filepath.IsAbs(got) {
			t.Fatalf("Expand(%q) = %q", path, got)
		}
	})
	t.Setenv("HOME", "")
	if got := Expand("~/a"); got != "~/a" || Dir() != "" {
		t.Errorf("without a home: %q, %q", got, Dir())
	}
}
