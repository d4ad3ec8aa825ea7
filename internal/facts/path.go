package facts

import (
	"path/filepath"
	"runtime"
	"strings"

	"ctpipe/internal/shell"
	"ctpipe/pipeline"
)

// one adds the facts of one path. With .. in it, programs that clean the text
// and programs that ask the kernel arrive at different files behind a link, so
// both are added.
func (l *look) one(sp shell.Path, filter string) {
	if sp.Dir == "" && !strings.HasPrefix(sp.Named, "/") {
		l.known = false
		return
	}
	real := l.resolved(sp, sp.Dir, sp.Named)
	if strings.Contains(sp.Named, "..") {
		clean := sp.Named
		if !strings.HasPrefix(clean, "/") {
			clean = sp.Dir + "/" + clean
		}
		if other, err := resolve(l.world, "/", filepath.Clean(clean)); err != nil {
			l.known = false
		} else if other != real {
			l.fact(sp, other)
		}
	}
	if real == "" {
		return
	}
	if sp.Recursive && l.reading(sp.Cmd) {
		l.searchRange(sp, real, filter)
	}
}

func (l *look) resolved(sp shell.Path, dir, name string) string {
	real, err := resolve(l.world, dir, name)
	if err != nil {
		l.known = false
		l.lower(sp.Cmd)
		return ""
	}
	l.fact(sp, real)
	return real
}

func (l *look) fact(sp shell.Path, real string) {
	p := pipeline.Path{Named: sp.Named, Real: real, Base: filepath.Base(real), Write: sp.Write}
	p.Rel, p.Inside = inTree(l.root, real)
	if !p.Inside && !p.Write {
		p.Inside = l.sent(real)
	}
	p.Secret = shell.SecretName(real) || shell.SecretName(sp.Named)
	if p.Secret && !sp.Names {
		l.lower(sp.Cmd)
	}
	for _, have := range l.ev.Tool.Paths {
		if have == p {
			return
		}
	}
	l.ev.Tool.Paths = append(l.ev.Tool.Paths, p)
}

// sent reports a file that people sent into the session: reading it is like
// reading the session's own. Whatever Claude put there meanwhile is judged by
// where it leads.
func (l *look) sent(real string) bool {
	if l.ev.Session.Files == "" {
		return false
	}
	files, err := resolve(l.world, "/", l.ev.Session.Files)
	if err != nil {
		return false
	}
	rel, inside := inTree(files, real)
	return inside && rel != "."
}

// inTree gives real relative to root; separator-exact, so that /w/app-x is not
// in /w/app.
func inTree(root, real string) (rel string, inside bool) {
	if root == "" {
		return "", false
	}
	r, p := root, real
	if runtime.GOOS == "darwin" {
		r, p = strings.ToLower(r), strings.ToLower(p)
	}
	switch {
	case p == r:
		return ".", true
	case r == "/":
		return real[1:], true
	case strings.HasPrefix(p, r+"/"):
		return real[len(root)+1:], true
	}
	return "", false
}
