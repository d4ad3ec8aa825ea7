package facts

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"ctpipe/pipeline"
)

// TestPathsAreFollowed (F1): links, .. behind links, prefixes that look alike,
// what does not exist yet.
func TestPathsAreFollowed(t *testing.T) {
	tr := newTree(t)
	tr.write("a.go", "")
	tr.write("sub/b.go", "")
	tr.write(tr.outside+"/deep/secret.txt", "")
	tr.link(tr.outside, "out")
	tr.link(tr.outside+"/deep", "deep")
	tr.link("sub", "in")
	tr.link("loop", "loop")
	for _, c := range []struct {
		name   string
		inside bool
		rel    string
	}{
		{"a.go", true, "a.go"}, {tr.dir + "/a.go", true, "a.go"}, {"in/b.go", true, "sub/b.go"}, {"new/x/y", true, "new/x/y"},
		{"out/x", false, ""}, {"out/new", false, ""}, {tr.outside + "/deep", false, ""}, {"../app-x/x", false, ""}, {"..", false, ""},
		{"deep/../x", false, ""}, {"sub/../a.go", true, "a.go"}, {".", true, "."}, {"/etc/passwd", false, ""},
	} {
		ev := tr.facts("Read", map[string]any{"file_path": c.name})
		all := len(ev.Tool.Paths) > 0
		for _, p := range ev.Tool.Paths {
			all = all && p.Inside
		}
		if all != c.inside || c.inside && ev.Tool.Paths[0].Rel != c.rel {
			t.Errorf("%s: %+v", c.name, ev.Tool.Paths)
		}
	}
	if ev := tr.facts("Write", map[string]any{"file_path": "loop/x"}); !slices.Contains(ev.Unknown, "tool.paths") {
		t.Errorf("a loop of links is known: %+v", ev.Tool.Paths)
	}
	if ev := tr.facts("Write", map[string]any{"file_path": "in/new.go"}); !ev.Tool.Paths[0].Write || ev.Tool.Paths[0].Base != "new.go" {
		t.Errorf("write: %+v", ev.Tool.Paths)
	}
	if ev := tr.bash("cat in/b.go"); !reads(ev) {
		t.Errorf("cat through an inner link: %+v", ev.Tool)
	}
	if ev := tr.bash("cat b.go", func(e *pipeline.Event) { e.Tool.Cwd = tr.dir + "/in" }); !reads(ev) || ev.Tool.Paths[0].Rel != "sub/b.go" {
		t.Errorf("relative to the call's cwd: %+v", ev.Tool.Paths)
	}
	if reads(tr.bash("cat out/deep/secret.txt")) || reads(tr.bash("cd out && cat x")) || reads(tr.bash("cd deep/.. && cat x")) {
		t.Error("reading through a link that leads outside is reading inside")
	}
}

// TestSecretsInRange: reading is no reading where a credential file is in range.
func TestSecretsInRange(t *testing.T) {
	tr := newTree(t)
	tr.write("src/a.go", "x")
	for command, want := range map[string]bool{"cat src/*": true, "grep -r x .": true, "rg x": true, "rg --hidden x": true, "diff -r src src": true, "ls -a": true} {
		if got := reads(tr.bash(command)); got != want {
			t.Errorf("without secrets, %s: reads %v", command, got)
		}
	}
	tr.write("src/.env", "K=1")
	for command, want := range map[string]bool{
		"cat src/*": true, "cat src/.*": false, "cat src/.e*": false, "grep -r x .": false, "grep -r x src": false, "grep -rn x .": false,
		"rg x": true, "rg --hidden x": false, "rg -uu x": false, "rg -g '.env' x": false, "rg x src/.env": false, "cat src/a.go": true, "ls -a src": true, "diff -r src src": false,
	} {
		if got := reads(tr.bash(command)); got != want {
			t.Errorf("with .env, %s: reads %v", command, got)
		}
	}
	if ev := tr.facts("Grep", map[string]any{"pattern": "x"}); !ev.Tool.Opaque {
		t.Error("Grep over a credential file is not opaque")
	}
	if ev := tr.facts("Grep", map[string]any{"pattern": "x", "glob": "*.go"}); ev.Tool.Opaque {
		t.Errorf("Grep in *.go is opaque: %s", ev.Tool.Why)
	}
	tr.link("src/.env", "notes.txt")
	if ev := tr.bash("cat notes.txt"); reads(ev) || !ev.Tool.Paths[0].Secret {
		t.Errorf("a link to a credential file: %+v", ev.Tool.Paths)
	}
}

// TestGlobs are expanded here; a name that looks like a flag is no file.
func TestGlobs(t *testing.T) {
	tr := newTree(t)
	tr.write("a.txt", "")
	tr.write("b.txt", "")
	if ev := tr.bash("sort *.txt"); !reads(ev) || len(ev.Tool.Paths) != 2 {
		t.Errorf("%+v", ev.Tool.Paths)
	}
	tr.write("-o", "")
	if reads(tr.bash("sort *")) {
		t.Error("a file called -o makes sort write")
	}
	if !reads(tr.bash("sort ./*.txt")) {
		t.Error("./*.txt is fine")
	}
	tr.link(tr.outside, "z.txt")
	if reads(tr.bash("cat *.txt")) {
		t.Error("a match that leads outside")
	}
	if ev := tr.bash("cat [[:alpha:]]*"); !slices.Contains(ev.Unknown, "tool.paths") {
		t.Error("a pattern that is not expanded is known")
	}
}

// TestBusy: while another call that is no reading runs, paths are unknown.
func TestBusy(t *testing.T) {
	tr := newTree(t)
	tr.write("a.go", "")
	busy := func(e *pipeline.Event) { e.Session.Busy = true }
	for _, ev := range []*pipeline.Event{tr.bash("cat a.go", busy), tr.facts("Read", map[string]any{"file_path": "a.go"}, busy)} {
		if !slices.Contains(ev.Unknown, "tool.paths") {
			t.Errorf("%s: unknown %v", ev.Tool.Name, ev.Unknown)
		}
	}
}

// TestTooManyPaths: beyond 512 paths they are unknown.
func TestTooManyPaths(t *testing.T) {
	tr := newTree(t)
	ev := tr.bash("cat " + strings.Repeat("a ", 100) + strings.TrimSpace(func() string {
		var b strings.Builder
		for i := range 600 {
			b.WriteString(" f" + string(rune('a'+i%26)) + strings.Repeat("x", i/26))
		}
		return b.String()
	}()))
	if !slices.Contains(ev.Unknown, "tool.paths") || len(ev.Tool.Paths) > 512 {
		t.Errorf("%d paths, unknown %v", len(ev.Tool.Paths), ev.Unknown)
	}
}

// TestManyMatches: patterns that match more than 512 files leave the rest out,
// and say that they do.
func TestManyMatches(t *testing.T) {
	tr := newTree(t)
	for i := range 300 {
		tr.write(fmt.Sprintf("a/%d", i), "")
		tr.write(fmt.Sprintf("b/%d", i), "")
	}
	if ev := tr.bash("cat a/*"); !reads(ev) || len(ev.Tool.Paths) != 300 {
		t.Errorf("%d paths, unknown %v", len(ev.Tool.Paths), ev.Unknown)
	}
	if ev := tr.bash("cat a/* b/*"); reads(ev) || len(ev.Tool.Paths) != 512 {
		t.Errorf("%d paths, unknown %v", len(ev.Tool.Paths), ev.Unknown)
	}
}

// TestWholeDisk: a session that works in / has everything inside.
func TestWholeDisk(t *testing.T) {
	tr := newTree(t)
	ev := tr.facts("Read", map[string]any{"file_path": "/etc/hosts"}, func(ev *pipeline.Event) { ev.Session.Dir = "/" })
	if p := ev.Tool.Paths[0]; !p.Inside || p.Rel != strings.TrimPrefix(p.Real, "/") {
		t.Errorf("%+v", p)
	}
}

// TestSearchFilters: a search's own filter decides whether a credential file is
// in its range; one that is no simple pattern keeps none out.
func TestSearchFilters(t *testing.T) {
	tr := newTree(t)
	tr.write("src/.env", "K=1")
	tr.write("src/a.go", "x")
	for filter, opaque := range map[string]bool{"*.go": false, "*.{go,env}": true, "!*.go": true, "**/*.go": true, ".e*": true, "": true} {
		if ev := tr.facts("Grep", map[string]any{"pattern": "x", "path": "src", "glob": filter}); ev.Tool.Opaque != opaque {
			t.Errorf("%q: %+v", filter, ev.Tool)
		}
	}
	if ev := tr.facts("Grep", map[string]any{"pattern": "x", "type": "go"}); ev.Tool.Opaque {
		t.Errorf("a type: %s", ev.Tool.Why)
	}
	tr.link(tr.outside, "src/out")
	if ev := tr.facts("Grep", map[string]any{"pattern": "x", "path": "src", "glob": "o*"}); !strings.Contains(ev.Tool.Why, "leads out") {
		t.Errorf("a link that leads out: %q", ev.Tool.Why)
	}
}
