package facts

import (
	"strings"

	"ctpipe/internal/shell"
	"ctpipe/pipeline"
)

// Paths finds the facts about paths. It only reads names, links and git's files,
// and remembers what it read of repositories. It is safe for concurrent use.
type Paths struct {
	world World
	home  string
	repos *repos
}

// NewPaths looks at w. home is the agent's home directory, whose git
// configuration counts too.
func NewPaths(w World, home string) *Paths {
	return &Paths{world: w, home: home, repos: newRepos(w, home)}
}

// look is the gathering for one event.
type look struct {
	*Paths
	world World // remembers for this event what it has looked up
	ev    *pipeline.Event
	root  string // the session's tree, resolved
	known bool
}

// Fill resolves every path that e found in ev, and takes class read from
// commands whose range holds a credential file or whose repository could run
// something: Extraction.Fill comes before.
func (p *Paths) Fill(ev *pipeline.Event, e *Extraction) {
	world := remembering(p.world)
	defer world.forget()
	l := &look{Paths: p, world: world, ev: ev, known: !e.noPaths && !e.facts.Unknown && e.facts.PathsKnown}
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
		ev.MarkUnknown("tool.paths")
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
