package rehearsal

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// explain lists the directory through the gate and tells what it saw.
func explain(t *turn) error {
	out, err := t.use("I am the **rehearsal agent**, a script and not Claude. Let me see what lies here.",
		shell("ls -1Ap", "List the files", true), t.bash)
	if err != nil || out.text == noGate {
		return err
	}
	if !out.ran || out.failed {
		return t.report("ls -1Ap", out)
	}
	return t.reply(block{text: describe(filepath.Base(t.dir), strings.Split(out.text, "\n"))})
}

// known tells what a file or directory at the top usually is.
var known = map[string]string{
	"go.mod": "a Go module", "package.json": "a Node package", "Cargo.toml": "a Rust crate",
	"pyproject.toml": "a Python project", "pom.xml": "a Maven project", "Makefile": "`make` builds it",
	"Dockerfile": "it goes into a container image", "README.md": "the place to begin reading",
	"LICENSE": "the licence", "CHANGELOG.md": "what changed, by version", "CLAUDE.md": "notes for Claude",
	".git/": "the history", "cmd/": "Go commands", "internal/": "Go packages for this module only", "docs/": "documentation",
	"test/": "tests", "tests/": "tests", "src/": "the sources", "scripts/": "scripts", "rules.toml": "the rules ctpipe obeys",
}

// describe writes the explanation of a listing in `ls -1Ap` form.
func describe(name string, listing []string) string {
	var dirs, files []string
	for _, e := range listing {
		switch {
		case strings.HasSuffix(e, "/"):
			dirs = append(dirs, e)
		case e != "":
			files = append(files, e)
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "## %s\n\nAt the top there are **%d directories** and **%d files**", name, len(dirs), len(files))
	if ext := commonest(files); ext != "" {
		fmt.Fprintf(&b, ", most of them `%s`", ext)
	}
	b.WriteString(".\n\n| entry | what it looks like |\n|---|---|\n")
	for _, e := range head(append(dirs, files...), 40) {
		fmt.Fprintf(&b, "| `%s` | %s |\n", strings.ReplaceAll(e, "|", "¦"), guess(e))
	}
	if n := len(dirs) + len(files); n > 40 {
		fmt.Fprintf(&b, "\n… and %d more.\n", n-40)
	}
	b.WriteString("\nThat is all a script can tell from names. Put `claude` on the PATH and start ctpipe again, " +
		"and Claude itself reads the files.\n")
	return b.String()
}

func guess(entry string) string {
	if what, ok := known[entry]; ok {
		return what
	}
	if strings.HasSuffix(entry, "/") {
		return "a directory"
	}
	if ext := filepath.Ext(entry); ext != "" && ext != entry {
		return "a `" + ext + "` file"
	}
	return "a file"
}

// commonest is the extension most files have, "" when none has two.
func commonest(files []string) string {
	n := map[string]int{}
	for _, f := range files {
		if ext := filepath.Ext(f); ext != "" && ext != f {
			n[ext]++
		}
	}
	best := ""
	for _, f := range slices.Sorted(slices.Values(files)) {
		if ext := filepath.Ext(f); n[ext] > 1 && n[ext] > n[best] {
			best = ext
		}
	}
	return best
}

func head(s []string, n int) []string { return s[:min(n, len(s))] }
