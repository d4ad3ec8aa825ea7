package stages

import (
	"context"
	"path/filepath"
	"runtime"
	"strings"

	"ctpipe/internal/shell"
	"ctpipe/pipeline"
)

// NewPaths returns the stage that resolves every path a call names, and takes
// class read from commands whose range holds a credential file or whose
// repository could run something. It only reads names, links and git's files.
func NewPaths(w World, home string) pipeline.Stage {
	p := &pathFacts{world: w, home: home, repos: newRepos(w, home)}
	return pipeline.StageFunc(func(_ context.Context, r *pipeline.Run) error {
		if r.Event.Kind == pipeline.KindTool && !r.Recorded() {
			e, ok := r.Carry.(*extraction)
			if !ok { // a chain without the shell stage
				own := extract(r.Event, home)
				e = &own
			}
			p.fill(r.Event, e)
		}
		return nil
	})
}

func newPaths(*Build) (pipeline.Stage, error) { return NewPaths(Disk{}, homeDir()), nil }

// pathFacts gathers facts about paths; safe for concurrent use.
type pathFacts struct {
	world World
	home  string
	repos *repos
}

// look is the gathering for one event.
type look struct {
	*pathFacts
	world World // remembers for this event what it has looked up
	ev    *pipeline.Event
	root  string // the session's tree, resolved
	known bool
}

func (p *pathFacts) fill(ev *pipeline.Event, e *extraction) {
	world := remembering(p.world)
	defer world.forget()
	l := &look{pathFacts: p, world: world, ev: ev, known: !e.noPaths && !e.facts.Unknown && e.facts.PathsKnown}
	if ev.Session.Dir != "" {
		l.root, _ = resolve(l.world, "/", ev.Session.Dir)
	}
	ev.Tool.Paths = []pipeline.Path{}
	for _, sp := range e.facts.Paths {
		l.add(sp, "")
	}
	for _, sp := range e.paths {
		l.add(sp, e.filter)
	}
	for _, use := range e.facts.Git {
		if ev.Session.Busy || !l.gitReads(use) {
			l.lower(use.Cmd)
		}
	}
	if ev.Session.Busy && len(ev.Tool.Paths) > 0 {
		l.known = false // another call may swap a file for a link before this one runs
	}
	if len(ev.Tool.Paths) > shell.MaxPaths {
		ev.Tool.Paths, l.known = ev.Tool.Paths[:shell.MaxPaths], false
	}
	if !l.known {
		unknownFact(ev, "tool.paths")
	}
}

// lower takes class read from a command.
func (l *look) lower(cmd int) {
	if cmd >= 0 && cmd < len(l.ev.Tool.Commands) && l.ev.Tool.Commands[cmd].Class == pipeline.ClassRead {
		l.ev.Tool.Commands[cmd].Class = pipeline.ClassUnknown
	}
}

// reading reports whether a command is still class read, or there is none.
func (l *look) reading(cmd int) bool {
	return cmd < 0 || cmd >= len(l.ev.Tool.Commands) || l.ev.Tool.Commands[cmd].Class == pipeline.ClassRead
}

// add resolves one path, or every match of a pattern.
func (l *look) add(sp shell.Path, filter string) {
	if len(l.ev.Tool.Paths) > shell.MaxPaths {
		return
	}
	if !sp.Glob {
		l.one(sp, filter)
		return
	}
	if sp.Dir == "" || l.ev.Session.Busy {
		l.known = false
		l.lower(sp.Cmd)
		return
	}
	names, ok := expandGlob(l.world, sp.Dir, sp.Named)
	if !ok {
		l.known = false
		l.lower(sp.Cmd)
	}
	for _, name := range names {
		if strings.HasPrefix(name, "-") {
			l.lower(sp.Cmd) // the program takes that file's name for a flag
		}
		match := sp
		match.Named, match.Glob = name, false
		l.one(match, filter)
	}
	if len(names) == 0 {
		sp.Glob = false
		l.one(sp, filter)
	}
}

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
	if (sp.Recursive || l.isSearch(sp)) && l.reading(sp.Cmd) {
		l.searchRange(sp, real, filter)
	}
}

func (l *look) isSearch(sp shell.Path) bool {
	return sp.Cmd < 0 && l.ev.Tool.Name == "Grep" && !sp.Names
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

// searchRange looks for credential files below a directory that is read as a
// whole. One that is found, or too much to look through, costs class read; a
// search by the tool itself becomes opaque.
func (l *look) searchRange(sp shell.Path, real, filter string) {
	why := ""
	if l.ev.Session.Busy {
		why = "another call may change what is searched"
	} else {
		why = secretsBelow(l.world, real, l.root, sp.NoHidden, filter)
	}
	if why == "" {
		return
	}
	l.lower(sp.Cmd)
	if sp.Cmd < 0 && !l.ev.Tool.Opaque {
		l.ev.Tool.Opaque, l.ev.Tool.Why = true, why
	}
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
