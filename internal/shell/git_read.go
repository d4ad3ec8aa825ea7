package shell

import (
	"strings"

	"ctpipe/pipeline"
)

// gitReads reports a git command whose every word is known only to look.
func gitReads(g gitCall) bool {
	s := gitSpecs[g.sub]
	if s == nil {
		return false
	}
	r := s.scan(g.args)
	if r.bad != "" {
		return false
	}
	for n, w := range r.pos {
		if role(s.args, n) == 0 {
			return r.has("-l", "--list") && !strings.HasPrefix(w.text, "-") && (g.sub == "branch" || g.sub == "tag")
		}
	}
	for _, w := range g.args { // %G and %(signature run gpg; tformat is format too
		if (strings.HasPrefix(w.text, "-") || g.sub == "log") && strings.Contains(w.text, "%G") || strings.Contains(w.text, "%(signature") {
			return false
		}
	}
	first := ""
	if len(r.pos) > 0 {
		first = r.pos[0].text
	}
	switch g.sub {
	case "remote":
		return first == "" || first == "get-url"
	case "stash", "worktree":
		return first == "list"
	case "reflog":
		return first != "expire" && first != "delete"
	case "grep":
		return !r.has("--no-index", "-f")
	}
	return true
}

// gitRead records what a reading git command needs checked.
func (a *analyzer) gitRead(g gitCall, k call, p *pipeline.Command, i int) {
	use := GitUse{Cmd: i, Dirs: append([]string{}, k.sc.dirs...), Files: []string{}}
	if k.sc.dirs == nil {
		p.Class = pipeline.ClassUnknown
		a.f.PathsKnown = false
	}
	after := false
	revs := 0
	for _, w := range g.args {
		switch {
		case w.text == "--":
			after = true
		case after:
			use.Files = append(use.Files, w.text)
		case !strings.HasPrefix(w.text, "-"):
			revs++
		}
	}
	s := gitSpecs[g.sub]
	r := s.scan(g.args)
	use.Content = gitContent(g.sub, &r, revs)
	if use.Content == "history" {
		p.Class = lowerHistory(use, r, p.Class)
	}
	a.gitReadPaths(g, k, i, &use)
	a.f.Git = append(a.f.Git, use)
}

// gitContent says whether file content is shown, and from where.
func gitContent(sub string, r *scan, revs int) string {
	quiet := r.has(
		"--stat",
		"--name-only", "--name-status",
		"--numstat", "--shortstat", "--summary", "--dirstat", "--compact-summary",
		"-s", "--no-patch", "-q", "--quiet",
		"--raw", "--check", "--exit-code") &&
		!r.has("-p", "-u", "--patch", "-U", "--unified", "--cc", "-c", "--word-diff", "-W", "--function-context", "--binary")
	switch gitReadNames[sub] {
	case "history":
		if quiet || sub == "cat-file" && r.has("-t", "-s", "-e") || sub == "diff-tree" && !r.has("-p", "-u", "--patch", "-U", "--unified", "-c", "--cc") {
			return ""
		}
		return "history"
	case "log":
		if r.has("-p", "-u", "--patch", "-U", "--unified", "-L", "--cc", "-c", "--word-diff", "--binary", "-W", "--function-context", "--color-moved") {
			return "history"
		}
		return ""
	case "diff":
		if quiet {
			return ""
		}
		if revs > 0 || r.has("--cached", "--staged", "--merge-base") {
			return "history"
		}
		return "tracked"
	case "tracked":
		if sub == "grep" && r.has("--cached") {
			return "history"
		}
		return "tracked"
	case "names":
		if r.has("-p", "-u", "--patch") && sub != "status" || sub == "status" && r.has("-v", "--verbose") {
			return "history"
		}
	}
	return ""
}

// lowerHistory keeps class read for content of the history only where every
// file is named and none has the name of a secret: what else a commit holds
// cannot be told from the text.
func lowerHistory(use GitUse, r scan, class pipeline.Class) pipeline.Class {
	for _, f := range use.Files {
		if SecretName(f) || strings.ContainsAny(f, "*?[:") || strings.HasSuffix(f, "/") {
			return pipeline.ClassUnknown
		}
	}
	if len(use.Files) > 0 {
		return class
	}
	for _, w := range r.pos {
		_, file, ok := strings.Cut(w.text, ":")
		if !ok || file == "" || SecretName(file) || strings.HasSuffix(file, "/") {
			return pipeline.ClassUnknown
		}
	}
	if len(r.pos) == 0 {
		return pipeline.ClassUnknown
	}
	return class
}

// gitReadPaths records pathspecs and operands that may be paths.
func (a *analyzer) gitReadPaths(g gitCall, k call, i int, use *GitUse) {
	for _, f := range use.Files {
		a.argPath(field{text: f}, Path{Cmd: i, Names: use.Content == ""}, k.sc)
	}
	for n, w := range g.args {
		if w.text == "--" {
			return
		}
		if strings.HasPrefix(w.text, "-L") {
			a.attached(w, Path{Cmd: i, Names: use.Content == ""}, k.sc)
		}
		if strings.HasPrefix(w.text, "-") || n > 0 && g.args[n-1].text == "-e" {
			continue
		}
		if _, file, ok := strings.Cut(w.text, ":"); ok && !strings.HasPrefix(w.text, ":") {
			w.text = file
		} else if !ok && (strings.Contains(w.text, "..") && !strings.Contains(w.text, "/") || strings.Contains(w.text, "~") || strings.Contains(w.text, "^")) {
			continue // a range or a revision
		}
		if g.sub == "rev-parse" || g.sub == "describe" {
			continue
		}
		a.argPath(w, Path{Cmd: i, Names: use.Content == ""}, k.sc)
	}
}
