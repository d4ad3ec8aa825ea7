package facts

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ctpipe/pipeline"
)

// A path is in a tree by whole elements, as filepath.Rel has it (F1).
func TestInTreeAgreesWithRel(t *testing.T) {
	path := rapid.Custom(func(t *rapid.T) string {
		return "/" + filepath.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "app", "app-x", "b", ".."}), 0, 5).Draw(t, "parts")...)
	})
	rapid.Check(t, func(t *rapid.T) {
		root, real := filepath.Clean(path.Draw(t, "root")), filepath.Clean(path.Draw(t, "real"))
		want, err := filepath.Rel(root, real)
		outside := err != nil || want == ".." || strings.HasPrefix(want, "../")
		got, inside := inTree(root, real)
		if inside == outside || inside && got != want {
			t.Fatalf("%s in %s: %q %v, Rel says %q", real, root, got, inside, want)
		}
	})
	if _, inside := inTree("", "/a"); inside {
		t.Error("everything is in a tree that nobody knows")
	}
}

// A pattern becomes the names that the library's Glob finds, without those that
// begin with a dot where the pattern does not.
func TestGlobsAgreeWithTheLibrary(t *testing.T) {
	tr := newTree(t)
	for _, name := range []string{"a", "ab", "b/a", "b/.hid", "b/c/a", ".dot/a", "[x]", "-o", "b/-o"} {
		tr.write(name, "")
	}
	part := rapid.SampledFrom([]string{"*", "?", "a", "a*", "*b", "[ab]", "[!a]", "[^a]", ".*", ".?*", "b", "c", "*o", "[a-c]*", "none"})
	rapid.Check(t, func(t *rapid.T) {
		pattern := strings.Join(rapid.SliceOfN(part, 1, 3).Draw(t, "parts"), "/")
		if rapid.Bool().Draw(t, "absolute") {
			pattern = tr.dir + "/" + pattern
		}
		got, ok := expandGlob(Disk{}, tr.dir, pattern)
		if !ok {
			t.Fatalf("%s is not expanded", pattern)
		}
		full := strings.ReplaceAll(pattern, "[!", "[^")
		if !filepath.IsAbs(full) {
			full = tr.dir + "/" + full
		}
		found, err := filepath.Glob(full)
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		parts := strings.Split(full, "/")
		for _, f := range found {
			names := strings.Split(f, "/")
			hidden := false
			for i := range names {
				hidden = hidden || strings.HasPrefix(names[i], ".") && !strings.HasPrefix(parts[i], ".")
			}
			if !hidden {
				want = append(want, f)
			}
		}
		for i, name := range got {
			if !filepath.IsAbs(name) {
				got[i] = tr.dir + "/" + name
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Fatalf("%s: %q, the library says %q", pattern, got, want)
		}
	})
}

// Whatever a call's input is, finding facts ends, nothing is left nil where
// facts are lists, and commands that nobody knows make a call opaque (S6).
func TestAnyInput(t *testing.T) {
	tr := newTree(t)
	tr.write("a", "")
	names := []string{"Fresh", "mcp__db__execute_sql", "mcp__fs__read", "mcp__box__run"}
	for name := range tools {
		names = append(names, name)
	}
	slices.Sort(names)
	fields := []string{"command", "file_path", "notebook_path", "path", "pattern", "glob", "type", "url", "ws", "script", "query", "target", "cmd", "action"}
	value := rapid.OneOf(
		rapid.Map(rapid.SampledFrom([]string{"a", "*", "~", "~/x", "../a", "", "cat a", "$(x", "https://h.example/", `h\@x`, "/", "**/*", "keep"}), func(s string) any { return s }),
		rapid.Map(rapid.String(), func(s string) any { return s }),
		rapid.SampledFrom([]any{nil, 1.5, true, []any{}, []any{"a", "b"}, []any{1.0}, map[string]any{"url": "wss://h.example"}, map[string]any{"url": 3.0}}))
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				input := rapid.MapOfN(rapid.SampledFrom(fields), value, 0, 5).Draw(t, "input")
				for _, f := range tools[name] { // its own fields more often than not
					if outer, _, _ := strings.Cut(f.name, "."); rapid.Bool().Draw(t, "has "+outer) {
						input[outer] = value.Draw(t, outer)
					}
				}
				before, err := json.Marshal(input)
				if err != nil {
					t.Skip("no JSON")
				}
				ev := tr.facts(name, input)
				if after, _ := json.Marshal(ev.Tool.Input); string(after) != string(before) {
					t.Fatalf("the input was changed: %s, %s before", after, before)
				}
				if slices.Contains(ev.Unknown, "tool.commands") && (!ev.Tool.Opaque || ev.Tool.Why == "") {
					t.Fatalf("unknown commands, and not opaque: %+v", ev.Tool)
				}
				if ev.Tool.Commands == nil || ev.Tool.Paths == nil || ev.Tool.Hosts == nil {
					t.Fatalf("a list is nil: %+v", ev.Tool)
				}
				for _, p := range ev.Tool.Paths {
					if !filepath.IsAbs(p.Real) || p.Base != filepath.Base(p.Real) || p.Rel != "" && !p.Inside {
						t.Fatalf("a path that is none: %+v", p)
					}
				}
			})
		})
	}
}

// What one call looks up is looked up once, and says what the disk says.
func TestMemoAgreesWithTheDisk(t *testing.T) {
	tr := newTree(t)
	tr.write("a/b", "x")
	tr.link("a", "l")
	rapid.Check(t, func(t *rapid.T) {
		counted := &counting{World: Disk{}}
		m := remembering(counted)
		defer m.forget()
		asked := map[string]bool{}
		for _, name := range rapid.SliceOf(rapid.SampledFrom([]string{"a", "a/b", "l", "none", "a/b/c"})).Draw(t, "names") {
			full := filepath.Join(tr.dir, name)
			asked[full] = true
			got, err := m.Lstat(full)
			if want, wantErr := (Disk{}).Lstat(full); got != want || fmt.Sprint(err) != fmt.Sprint(wantErr) {
				t.Fatalf("%s: %+v %v, want %+v %v", name, got, err, want, wantErr)
			}
		}
		if counted.n != len(asked) {
			t.Fatalf("%d look-ups for %d names", counted.n, len(asked))
		}
	})
}

type counting struct {
	World
	n int
}

func (c *counting) Lstat(name string) (FileStat, error) {
	c.n++
	return c.World.Lstat(name)
}

// A script is the same as long as nobody changes a byte of it, or puts another
// in its place (A3).
func TestSameScripts(t *testing.T) {
	tr := newTree(t)
	ev := &pipeline.Event{Tool: pipeline.Tool{Cwd: tr.dir, Commands: []pipeline.Command{{Prog: "make"}}}}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SampledFrom([]string{"", "all:\n", "all: \n", "x\x00y", strings.Repeat("x", scriptShown+1)})
		first, second := text.Draw(t, "first"), text.Draw(t, "second")
		tr.write("Makefile", first)
		shown := Scripts(ev)
		if len(shown) != 1 || shown[0].Name() != "Makefile" {
			t.Fatalf("%+v", shown)
		}
		tr.write("Makefile", second)
		if got := SameScripts(shown, Scripts(ev)); got != (first == second) {
			t.Fatalf("%.20q, then %.20q: same %v", first, second, got)
		}
		if err := os.Remove(filepath.Join(tr.dir, "Makefile")); err != nil {
			t.Fatal(err)
		}
		if SameScripts(shown, Scripts(ev)) {
			t.Fatal("a script that is gone is the same")
		}
	})
}
