package session

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"unicode/utf8"

	"ctpipe/internal/markdown"
	"ctpipe/internal/shell"
	"ctpipe/pipeline"
)

// script is a file that a call would run, as it was when people were shown it
// (A3).
type script struct {
	path string // absolute, links followed
	sum  string // SHA-256 of its bytes, hex; "" where it cannot be read
	text string // "" where it is no text, or too long to attach
	err  string
}

// How much of scripts is looked at: more of one cannot be vouched for.
const (
	scriptMost  = 4 << 20   // bytes of one that are hashed
	scriptShown = 256 << 10 // bytes of one that are attached
	scriptsMost = 4         // of one call
)

// runners start the program whose file they are given, or a file that they find
// by its name.
var (
	runners = []string{"sh", "bash", "dash", "zsh", "ksh", "fish", "source", ".", "python", "python2", "python3", "node", "deno", "bun",
		"ruby", "perl", "php", "lua", "Rscript", "osascript", "tclsh"}
	byName = map[string][]string{"make": {"GNUmakefile", "makefile", "Makefile"}, "just": {"justfile", "Justfile"},
		"npm": {"package.json"}, "pnpm": {"package.json"}, "yarn": {"package.json"}, "rake": {"Rakefile"}}
)

// readScripts reads the files that a call would run: those that it names and
// that are run, by an interpreter or by themselves.
func readScripts(ev *pipeline.Event) []script {
	var found []script
	for _, path := range scriptPaths(ev) {
		if len(found) < scriptsMost && !slices.ContainsFunc(found, func(f script) bool { return f.path == path }) {
			f := readScript(path)
			if !showable(ev, path) {
				f.text = ""
			}
			found = append(found, f)
		}
	}
	return found
}

// showable reports a script whose text a card may bring into the thread: it is
// the session's, or Claude wrote it. Nobody has allowed any other file to be
// read, and a call is quickly made that would run one.
func showable(ev *pipeline.Event, path string) bool {
	dir, err := filepath.EvalSymlinks(ev.Session.Dir)
	return slices.Contains(ev.Session.Wrote, path) || err == nil && beneath(path, dir)
}

// beneath reports a path that is a directory or lies in it.
func beneath(path, dir string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, "../")
}

func scriptPaths(ev *pipeline.Event) []string {
	var paths []string
	for _, c := range ev.Tool.Commands {
		named := c.Text // ./x.sh
		if slices.Contains(runners, c.Prog) {
			named = operand(c)
		}
		for _, p := range ev.Tool.Paths {
			self := strings.Contains(p.Named, "/") && (named == p.Named || strings.HasPrefix(named, p.Named+" "))
			if p.Named != "" && !p.Secret && (self || named == p.Named) {
				paths = append(paths, p.Real)
			}
		}
		for _, name := range byName[c.Prog] {
			if elsewhere(c) {
				break
			}
			path := filepath.Join(ev.Tool.Cwd, name)
			if _, err := os.Lstat(path); err != nil {
				continue
			}
			if real, err := filepath.EvalSymlinks(path); err == nil && !shell.SecretName(real) {
				paths = append(paths, real)
			}
			break
		}
	}
	return paths
}

// operand is the first argument that is no option: the file that a runner is
// given.
func operand(c pipeline.Command) string {
	for _, a := range append([]string{c.Sub}, c.Args...) {
		if a != "" && !strings.HasPrefix(a, "-") {
			return a
		}
	}
	return ""
}

// elsewhere reports that a command is told where its file is, which is then not
// known here.
func elsewhere(c pipeline.Command) bool {
	return slices.ContainsFunc(c.Args, func(a string) bool {
		return slices.ContainsFunc([]string{"-C", "-f", "--file", "--makefile", "--directory", "--prefix", "--justfile", "--rakefile", "--cwd"},
			func(flag string) bool { return strings.HasPrefix(a, flag) })
	})
}

// readScript reads one regular file, whatever else stands in its place.
func readScript(path string) script {
	f := script{path: path}
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK|syscall.O_NOCTTY|syscall.O_NOFOLLOW, 0)
	if err != nil {
		f.err = "it cannot be read"
		return f
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() {
		f.err = "it is no regular file"
		return f
	}
	raw, err := io.ReadAll(io.LimitReader(file, scriptMost+1))
	switch {
	case err != nil:
		f.err = "it cannot be read"
	case len(raw) > scriptMost:
		f.err = "it is longer than " + sized(scriptMost)
	default:
		sum := sha256.Sum256(raw)
		f.sum = hex.EncodeToString(sum[:])
		if len(raw) <= scriptShown && utf8.Valid(raw) && !slices.Contains(raw, 0) {
			f.text = string(raw)
		}
	}
	return f
}

func (f script) name() string { return filepath.Base(f.path) }

// mark says on a card what of a script is vouched for.
func (f script) mark() string {
	if f.err != "" {
		return "📜 runs " + markdown.CodeSpan(f.path) + ": " + f.err
	}
	return fmt.Sprintf("📜 runs %s, on disk sha256 `%s`", markdown.CodeSpan(f.path), f.sum)
}

// sameScripts reports that the files are as they were shown.
func sameScripts(shown, now []script) bool {
	return slices.EqualFunc(shown, now, func(a, b script) bool { return a.path == b.path && a.sum == b.sum && a.err == b.err })
}
