package shell

import (
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// slow is how long the worst text may take; the race detector makes all of it
// about ten times slower.
const slow = 50 * time.Millisecond * raceFactor

// FuzzShell (S1): never a panic, never slow, never read where it is not known.
func FuzzShell(f *testing.F) {
	for _, w := range corpus(f) {
		f.Add(w.Command)
	}
	for _, s := range hostile() {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		checkInvariants(t, src)
	})
}

func checkInvariants(t interface {
	Fatalf(string, ...any)
}, src string) {
	began := time.Now()
	f := analyze(src, world)
	if took := time.Since(began); took > slow {
		if took = quickest(src, 5); took > slow { // once may be the machine's doing
			t.Fatalf("%d bytes took %v", len(src), took)
		}
	}
	switch {
	case f.Unknown && (!f.Opaque || f.Why == "" || len(f.Commands) > 0):
		t.Fatalf("unknown facts must be opaque, say why and name nothing: %+v", f)
	case f.Opaque && f.Why == "":
		t.Fatalf("opaque without a reason: %q", src)
	case len(f.Commands) > maxCommands || len(f.Paths) > MaxPaths:
		t.Fatalf("%d commands, %d paths", len(f.Commands), len(f.Paths))
	case f.Commands == nil || f.Paths == nil || f.Hosts == nil || f.Git == nil:
		t.Fatalf("a list is nil for %q", src)
	}
	for _, p := range f.Paths {
		if p.Cmd >= len(f.Commands) {
			t.Fatalf("path of command %d of %d", p.Cmd, len(f.Commands))
		}
	}
	for _, g := range f.Git {
		if g.Cmd >= len(f.Commands) || f.Commands[g.Cmd].Prog != "git" {
			t.Fatalf("git use of command %d", g.Cmd)
		}
	}
	_ = Describe(f)
}

// quickest is the least time of several runs.
func quickest(src string, runs int) time.Duration {
	best := time.Duration(math.MaxInt64)
	for range runs {
		began := time.Now()
		analyze(src, world)
		best = min(best, time.Since(began))
	}
	return best
}

// hostile are texts of the full size that parsers like least.
func hostile() []string {
	fill := func(unit string) string { return strings.Repeat(unit, maxBytes/len(unit)) }
	return []string{
		fill("("), fill("$("), fill("`"), fill("{ "), fill("$(("), fill("${a:-"), fill("if "), fill("while "), fill("! "), fill("[["), fill("a["),
		fill("<<a "), fill("a <<E\n"), fill("(')'"), fill("{a,b}"), fill("{a,{b,c}}"), fill("{1..9}"), "echo " + fill("{a,b}")[:16000], fill("ls;"), fill("ls|"), fill("a&&"),
		fill("\""), fill("'"), fill("\\"), fill("$'\\x41'"), fill("*"), "cat " + fill("*/")[:16000], fill("x=1 "), fill("case a in a) "), fill("f(){ "),
		fill("bash -c '")[:16380], "eval " + fill("eval ")[:16000], fill("sudo "), fill("find -exec "), fill("[ -f "), fill("time "), "echo " + fill("{1..9}{1..9}")[:16000],
		"git log " + fill("-- a ")[:16000], "psql -c '" + fill("SELECT ")[:16000] + "'", "curl " + fill("http://a@")[:16000], "cat " + fill("a ")[:16000], fill("cd a;"), fill("cd ..||"),
	}
}

// TestHostileTexts runs the hostile texts as a plain test.
func TestHostileTexts(t *testing.T) {
	for _, s := range hostile() {
		checkInvariants(t, s)
	}
}

// TestPiecesNeverPanic glues pieces of the corpus together.
func TestPiecesNeverPanic(t *testing.T) {
	pieces := []string{" ", "\n", ";", "&&", "|", "(", ")", "{", "}", "$(", "`", "\"", "'", "\\", "<<E\n", "E\n", ">", "<", "if", "then", "fi", "do", "done", "a[", "]", "$((", "))", "*", "~", "=", "{a,b}", "--", "-c", "-exec", ";;", "esac", "$X"}
	for _, w := range corpus(t) {
		if len(w.Command) < 60 {
			pieces = append(pieces, w.Command)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(rapid.SampledFrom(pieces), 1, 12).Draw(t, "pieces")
		checkInvariants(t, strings.Join(list, rapid.SampledFrom([]string{"", " "}).Draw(t, "glue")))
	})
}
