package rules

import (
	"path/filepath"
	"testing"
)

// Only a ~ of one's own stands for the home directory; a relative directory is
// one below where ctpipe was started.
func TestPathsAsWritten(t *testing.T) {
	t.Setenv("HOME", "/home/olga")
	here, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string][2]string{
		"":           {"", here},
		"~":          {"/home/olga", "/home/olga"},
		"~/":         {"/home/olga", "/home/olga"},
		"~/src/../a": {"/home/olga/a", "/home/olga/a"},
		"~ian/src":   {"~ian/src", here + "/~ian/src"},
		"a/~/b":      {"a/~/b", here + "/a/~/b"},
		"/etc":       {"/etc", "/etc"},
	} {
		if got := ExpandHome(path); got != want[0] {
			t.Errorf("ExpandHome(%q) = %q", path, got)
		}
		if got := AbsDir(path); got != want[1] {
			t.Errorf("AbsDir(%q) = %q", path, got)
		}
	}
	t.Setenv("HOME", "")
	if got := ExpandHome("~/a"); got != "~/a" {
		t.Errorf("without a home: %q", got)
	}
}
