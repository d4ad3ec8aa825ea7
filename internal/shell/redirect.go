package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// redirect walks one redirect. wrote: it may create or change a file; fed: it
// gives the command something to read.
func (a *analyzer) redirect(r *syntax.Redirect, sc scope) (wrote, fed bool) {
	if r.Hdoc != nil {
		a.visitParts(r.Hdoc.Parts, sc)
		return false, true
	}
	if r.Word == nil {
		return false, false
	}
	if r.N != nil && strings.HasPrefix(r.N.Value, "{") {
		a.assigned(strings.Trim(r.N.Value, "{}"))
	}
	words := a.fields([]*syntax.Word{r.Word}, sc)
	if r.Op == syntax.WordHdoc {
		return false, true
	}
	if len(words) != 1 {
		a.opaque("a redirect has several targets")
		return true, true
	}
	f := words[0]
	if (r.Op == syntax.DplIn || r.Op == syntax.DplOut) && len(f.text) > 1 && f.text[0] == '-' {
		a.giveUp("bash ends >&- at the dash, and takes what follows for another word")
	}
	reads := r.Op == syntax.RdrIn || r.Op == syntax.DplIn
	if (r.Op == syntax.DplIn || r.Op == syntax.DplOut) && descriptor(f.text) {
		return false, r.Op == syntax.DplIn
	}
	if f.dynamic || f.number || f.glob {
		if !f.subst || !isProcSubst(r.Word) {
			a.opaque("the redirect target " + f.text + " is only known when it runs")
		}
		return !reads, reads
	}
	if a.deviceRedirect(f.text) {
		return false, reads
	}
	a.path(Path{Named: f.text, Cmd: -1, Write: !reads}, sc)
	return !reads, reads || r.Op == syntax.RdrInOut
}

// descriptor reports the operand of >&: a file descriptor, moved or closed.
func descriptor(s string) bool {
	return s == "-" || allDigits(strings.TrimSuffix(s, "-"))
}

// deviceRedirect reports targets that are no file; /dev/tcp opens a connection.
func (a *analyzer) deviceRedirect(target string) bool {
	for _, proto := range []string{"/dev/tcp/", "/dev/udp/"} {
		if rest, ok := strings.CutPrefix(target, proto); ok {
			host, _, _ := strings.Cut(rest, "/")
			a.addHost(host)
			a.opaque("a redirect opens a network connection to " + host)
			return true
		}
	}
	return isStream(target)
}

// isStream reports devices that keep nothing.
func isStream(p string) bool {
	switch p {
	case "/dev/null", "/dev/stdin", "/dev/stdout", "/dev/stderr", "/dev/tty", "/dev/zero":
		return true
	}
	rest, ok := strings.CutPrefix(p, "/dev/fd/")
	return ok && allDigits(rest)
}

func isProcSubst(w *syntax.Word) bool {
	if len(w.Parts) != 1 {
		return false
	}
	_, ok := w.Parts[0].(*syntax.ProcSubst)
	return ok
}

// substituted reports a redirect whose word or here-document runs something.
func substituted(r *syntax.Redirect) bool {
	for _, w := range []*syntax.Word{r.Word, r.Hdoc} {
		if w == nil {
			continue
		}
		for _, part := range w.Parts {
			switch p := part.(type) {
			case *syntax.CmdSubst, *syntax.ProcSubst:
				return true
			case *syntax.DblQuoted:
				for _, q := range p.Parts {
					if _, ok := q.(*syntax.CmdSubst); ok {
						return true
					}
				}
			}
		}
	}
	return false
}

// path records a path for every directory the script may be in.
func (a *analyzer) path(p Path, sc scope) {
	if sc.away || p.Named == "" || isStream(p.Named) || len(a.f.Paths) > MaxPaths {
		return
	}
	switch {
	case strings.HasPrefix(p.Named, "/"):
		p.Dir = "/"
		a.f.Paths = append(a.f.Paths, p)
	case sc.dirs == nil:
		a.f.PathsKnown = false
		a.f.Paths = append(a.f.Paths, p)
	default:
		for _, d := range sc.dirs {
			p.Dir = d
			a.f.Paths = append(a.f.Paths, p)
		}
	}
}
