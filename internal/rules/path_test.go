package rules

import (
	"path/filepath"
	"testing"
)

// A relative directory is one below where ctpipe was started.
func TestAbsDir(t *testing.T) {
	t.Setenv("HOME", "/home/olga")
	here, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"":           here,
		"~":          "/home/olga",
		"~/":         "/home/olga",
		"~/src/../a": "/home/olga/a",
		"~ian/src":   here + "/~ian/src",
		"a/~/b":      here + "/a/~/b",
		"/etc":       "/etc",
	} {
		if got := AbsDir(path); got != want {
			t.Errorf("AbsDir(%q) = %q", path, got)
		}
	}
}
