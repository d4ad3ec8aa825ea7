package facts

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"ctpipe/pipeline"
)

// TestScriptPaths covers A3: what counts as a file that a call would run.
func TestScriptPaths(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"Makefile", "package.json"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("all:\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	at := func(name string) string { return filepath.Join(dir, name) }
	for _, c := range []struct {
		cmd   pipeline.Command
		paths []string
		want  []string
	}{
		{pipeline.Command{Prog: "bash", Args: []string{"-x", "x.sh", "data.csv"}, Text: "bash -x x.sh data.csv"}, []string{"x.sh", "data.csv"}, []string{at("x.sh")}},
		{pipeline.Command{Prog: "python3", Args: []string{"f.py"}, Text: "python3 f.py"}, []string{"f.py"}, []string{at("f.py")}},
		{pipeline.Command{Prog: "x.sh", Args: []string{"a"}, Text: "./x.sh a"}, []string{"./x.sh"}, []string{at("x.sh")}},
		{pipeline.Command{Prog: "cat", Args: []string{"x.sh"}, Text: "cat x.sh"}, []string{"x.sh"}, nil},
		{pipeline.Command{Prog: "make", Args: []string{"all"}, Text: "make all"}, nil, []string{at("Makefile")}},
		{pipeline.Command{Prog: "make", Args: []string{"-C", "sub"}, Text: "make -C sub"}, nil, nil},
		{pipeline.Command{Prog: "npm", Sub: "run", Args: []string{"test"}, Text: "npm run test"}, nil, []string{at("package.json")}},
		{pipeline.Command{Prog: "just", Text: "just"}, nil, nil},
	} {
		ev := &pipeline.Event{Tool: pipeline.Tool{Cwd: dir, Commands: []pipeline.Command{c.cmd}}}
		for _, p := range c.paths {
			ev.Tool.Paths = append(ev.Tool.Paths, pipeline.Path{Named: p, Real: at(p)})
		}
		if got := scriptPaths(ev); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.cmd.Text, got, c.want)
		}
	}
	secret := &pipeline.Event{Tool: pipeline.Tool{Cwd: dir, Commands: []pipeline.Command{{Prog: "bash", Args: []string{".env"}}}, Paths: []pipeline.Path{{Named: ".env", Real: at(".env"), Secret: true}}}}
	if got := scriptPaths(secret); len(got) != 0 {
		t.Errorf("a secret is shown: %q", got)
	}
}

// TestReadScript: what is no ordinary file of text is vouched for by its digest
// or not at all, and a pipe in its place holds nobody up.
func TestReadScript(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	if f := readScript(write("a.sh", "echo a\n")); f.Text != "echo a\n" || len(f.Sum) != 64 {
		t.Errorf("%+v", f)
	}
	if f := readScript(write("bin", "\x7fELF\x00\x01")); f.Text != "" || len(f.Sum) != 64 {
		t.Errorf("%+v", f)
	}
	if f := readScript(write("long", strings.Repeat("x", scriptMost+1))); f.Sum != "" || f.Err == "" {
		t.Errorf("%+v", f)
	}
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"pipe", ".", "missing"} {
		if f := readScript(filepath.Join(dir, name)); f.Sum != "" || f.Err == "" {
			t.Errorf("%s: %+v", name, f)
		}
	}
}
