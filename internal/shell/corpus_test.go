package shell

import (
	"bufio"
	"encoding/json"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"ctpipe/pipeline"
)

// want is one line of the corpus: a command, the facts that must come out, and
// the verdict of the shipped idea: reading inside the tree is allowed, a
// credential file is denied, all else is asked.
type want struct {
	ID, Command, Verdict, Ref string
	Progs, Writes, Hosts      []string
	Opaque, Unknown           *bool
	Pipe, Decoded             *bool
	SQL                       string
	Git                       *struct {
		Cls, Remote, Force, Dir string
		Dst                     []string
		Bare, Delete            bool
	}
	Kube *struct{ Verb, Resource, Name, Context, Namespace string }
	TF   *struct {
		Verb string
		Auto bool
	}
	Pkg *struct {
		Manager string
		Names   []string
	}
}

var world = Options{Cwd: "/w", Home: "/home/u"}

func corpus(t testing.TB) []want {
	f, err := os.Open("testdata/corpus.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var list []want
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 1<<20)
	for sc.Scan() {
		var w want
		if err := json.Unmarshal(sc.Bytes(), &w); err != nil {
			t.Fatalf("corpus: %v in %s", err, sc.Text())
		}
		list = append(list, w)
	}
	return list
}

// judge is the shipped idea, on facts alone and a tree at /w without links.
func judge(f Facts) string {
	for _, p := range f.Paths {
		if SecretName(lexical(p)) {
			return "deny"
		}
	}
	if f.Opaque || f.Unknown || !f.PathsKnown || len(f.Commands) == 0 {
		return "ask"
	}
	for _, c := range f.Commands {
		if c.Class != pipeline.ClassRead {
			return "ask"
		}
	}
	for _, p := range f.Paths {
		full := lexical(p)
		if p.Write || full != "/w" && !strings.HasPrefix(full, "/w/") {
			return "ask"
		}
	}
	return "allow"
}

func lexical(p Path) string {
	if path.IsAbs(p.Named) {
		return path.Clean(p.Named)
	}
	return path.Join(p.Dir, p.Named)
}

// TestCorpus walks every case (S1–S7, G1, and the bypasses of other tools'
// command matching): the facts, and the verdict they lead to.
func TestCorpus(t *testing.T) {
	list := corpus(t)
	if len(list) < 400 {
		t.Fatalf("the corpus has %d cases, want at least 400", len(list))
	}
	for _, w := range list {
		f := Analyze(w.Command, world)
		got := judge(f)
		if got != w.Verdict {
			t.Errorf("%s %q: verdict %s, want %s\n%s", w.ID, w.Command, got, w.Verdict, Describe(f))
		}
		if w.Verdict != "allow" && got == "allow" {
			t.Errorf("%s: a case that must not be allowed is", w.ID)
		}
		checkFacts(t, w, f)
	}
}

func checkFacts(t *testing.T, w want, f Facts) {
	t.Helper()
	fail := func(what string, got, want any) {
		t.Errorf("%s %q: %s = %v, want %v", w.ID, w.Command, what, got, want)
	}
	flag := func(what string, got bool, want *bool) {
		if want != nil && got != *want {
			fail(what, got, *want)
		}
	}
	flag("opaque", f.Opaque, w.Opaque)
	flag("unknown", f.Unknown, w.Unknown)
	flag("pipe.interpreter", f.Pipe.Interpreter, w.Pipe)
	flag("pipe.decoded", f.Pipe.Decoded, w.Decoded)
	if f.Unknown && !f.Opaque {
		fail("opaque of unknown facts", false, true)
	}
	if w.Progs != nil {
		got := []string{}
		for _, c := range f.Commands {
			got = append(got, c.Prog)
		}
		if a, b := sorted(got), sorted(w.Progs); !slices.Equal(a, b) {
			fail("programs", a, b)
		}
	}
	if w.Writes != nil {
		got := []string{}
		for _, p := range f.Paths {
			if p.Write && !slices.Contains(got, p.Named) {
				got = append(got, p.Named)
			}
		}
		if !slices.Equal(got, w.Writes) {
			fail("writes", got, w.Writes)
		}
	}
	if w.Hosts != nil && !slices.Equal(sorted(f.Hosts), sorted(w.Hosts)) {
		fail("hosts", f.Hosts, w.Hosts)
	}
	checkPrograms(t, w, f)
}

func checkPrograms(t *testing.T, w want, f Facts) {
	t.Helper()
	if w.Git == nil && w.Kube == nil && w.TF == nil && w.Pkg == nil && w.SQL == "" {
		return
	}
	if len(f.Commands) == 0 {
		t.Errorf("%s %q: no command", w.ID, w.Command)
		return
	}
	c := f.Commands[0]
	if g := w.Git; g != nil {
		p := c.Git.Push
		if g.Cls != "" && c.Git.Class != g.Cls || g.Force != p.Force || g.Bare != p.Bare || g.Delete != p.Delete || g.Dir != c.Git.Dir ||
			g.Dst != nil && !slices.Equal(g.Dst, p.Dst) || g.Remote != "" && g.Remote != p.Remote {
			t.Errorf("%s %q: git = %+v, want %+v", w.ID, w.Command, c.Git, *g)
		}
	}
	if k := w.Kube; k != nil && (k.Verb != c.Kube.Verb || k.Resource != "" && k.Resource != c.Kube.Resource || k.Name != c.Kube.Name || k.Context != c.Kube.Context || k.Namespace != c.Kube.Namespace) {
		t.Errorf("%s %q: kube = %+v, want %+v", w.ID, w.Command, c.Kube, *k)
	}
	if w.TF != nil && (w.TF.Verb != c.TF.Verb || w.TF.Auto != c.TF.AutoApprove) {
		t.Errorf("%s %q: tf = %+v, want %+v", w.ID, w.Command, c.TF, *w.TF)
	}
	if p := w.Pkg; p != nil && (!c.Pkg.Install || p.Manager != c.Pkg.Manager || !slices.Equal(p.Names, c.Pkg.Names)) {
		t.Errorf("%s %q: pkg = %+v, want %+v", w.ID, w.Command, c.Pkg, *p)
	}
	if w.SQL != "" && w.SQL != c.SQL.Class {
		t.Errorf("%s %q: sql = %q, want %q", w.ID, w.Command, c.SQL.Class, w.SQL)
	}
}

func sorted(s []string) []string {
	s = slices.Clone(s)
	slices.Sort(s)
	return s
}

// TestSlicesAreNeverNil (S7): a rule over a command of another kind must find
// zero values, never null.
func TestSlicesAreNeverNil(t *testing.T) {
	for _, w := range corpus(t) {
		f := Analyze(w.Command, world)
		raw, err := JSON(f)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(raw), ": null") {
			t.Fatalf("%s %q: facts hold null: %s", w.ID, w.Command, raw)
		}
	}
}
