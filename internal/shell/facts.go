package shell

import (
	"strings"
	"sync"

	"ctpipe/pipeline"
)

// Limits of what is analysed; beyond them facts are unknown.
const (
	maxBytes    = 16 << 10 // of source text
	maxDepth    = 100      // nested constructs, checked before parsing and again after
	maxCommands = 256
	MaxPaths    = 512
	maxWraps    = 8 // wrappers around one command, and scripts within scripts
	maxDirs     = 8 // directories a script may be in at one point
	maxBraces   = 256
)

// Options is what the caller knows about the shell that will run the script.
type Options struct {
	Cwd   string   // absolute directory the script starts in; "" is unknown
	Home  string   // what ~ stands for; "" makes ~ a dynamic word
	Wrote []string // absolute paths that the agent wrote in this session; one that ends in / stands for all below it
}

// Facts is what is known about a script before it runs. Slices are never nil.
type Facts struct {
	Commands   []pipeline.Command `json:"commands"`
	Paths      []Path             `json:"paths"`
	Hosts      []string           `json:"hosts"`
	Pipe       pipeline.Pipe      `json:"pipe"`
	Git        []GitUse           `json:"git"`
	Opaque     bool               `json:"opaque"`      // something stays hidden until it runs
	Why        string             `json:"why"`         // what that is
	Unknown    bool               `json:"unknown"`     // the text was not understood; Opaque is then true too
	PathsKnown bool               `json:"paths_known"` // false: a path's directory could not be followed, or there are too many
}

// Path is a path as a command or a redirect names it.
type Path struct {
	Named     string `json:"named"`     // as the command receives it
	Dir       string `json:"dir"`       // absolute directory it is relative to; "" where not known
	Cmd       int    `json:"cmd"`       // index of the command in Facts.Commands; -1 for a redirect
	Write     bool   `json:"write"`     // the command may change it
	Glob      bool   `json:"glob"`      // Named is a pattern that the shell expands first
	Recursive bool   `json:"recursive"` // everything below it is read
	Names     bool   `json:"names"`     // only its name or metadata is read, not its content
	NoHidden  bool   `json:"no_hidden"` // Recursive, but names that begin with a dot are skipped
}

// GitUse is a git command of class read, whose repository the caller must
// check before it may stay so: configuration and attributes can run programs.
type GitUse struct {
	Cmd     int      `json:"cmd"`     // index in Facts.Commands
	Dirs    []string `json:"dirs"`    // absolute directories git may start in
	Content string   `json:"content"` // file content it shows: "", tracked, history
	Files   []string `json:"files"`   // pathspecs after --, as written
}

// Analyze says what a POSIX or bash script would do. It takes a few
// milliseconds at most for a text of the full size, and is safe for concurrent
// use. Should the parser panic, the facts are unknown.
func Analyze(src string, o Options) (f Facts) {
	defer func() {
		if p := recover(); p != nil {
			f = unknown("the command could not be analysed")
		}
	}()
	return analyze(src, o)
}

// analyze is Analyze without the net below it, for the tests.
func analyze(src string, o Options) Facts {
	if why := precheck(src); why != "" {
		return unknown(why)
	}
	f := Empty()
	room := rooms.Get().(*[]pipeline.Command)
	f.Commands = *room
	a := &analyzer{opt: o, f: &f}
	a.script(src, scope{dirs: startDirs(o.Cwd)})
	if a.unknown != "" {
		return unknown(a.unknown)
	}
	a.finish()
	*room = f.Commands[:0]
	f.Commands = append(make([]pipeline.Command, 0, len(f.Commands)), f.Commands...)
	clear((*room)[:len(f.Commands)])
	rooms.Put(room)
	return f
}

// rooms are where commands are gathered: one is two thirds of a kilobyte, and
// a growing list copies each several times. What fails leaves its room behind.
var rooms = sync.Pool{New: func() any { room := make([]pipeline.Command, 0, 8); return &room }}

func startDirs(cwd string) []string {
	if cwd == "" {
		return nil
	}
	return []string{cwd}
}

// Empty are the facts of a text without any command.
func Empty() Facts {
	return Facts{
		Commands: []pipeline.Command{}, Paths: []Path{}, Hosts: []string{}, Git: []GitUse{},
		PathsKnown: true,
	}
}

func unknown(why string) Facts {
	f := Empty()
	f.Unknown, f.Opaque, f.Why, f.PathsKnown = true, true, why, false
	return f
}

// analyzer collects the facts of one script and of the scripts within it.
type analyzer struct {
	opt     Options
	f       *Facts
	src     string          // text of the script being walked
	funcs   map[string]bool // functions declared anywhere in it
	home    bool            // HOME is assigned: ~ is dynamic
	tainted bool            // a variable that programs may read was assigned
	depth   int
	nest    int // scripts within scripts
	unknown string
	raw     []raw // what finish needs to know about each command
	links   []int // commands that make links
}

// raw remembers, per command, what its class depends on beside its words.
type raw struct {
	redirected bool // its output goes to a file
}

func (a *analyzer) opaque(why string) {
	if !a.f.Opaque {
		a.f.Opaque, a.f.Why = true, why
	}
}

func (a *analyzer) giveUp(why string) {
	if a.unknown == "" {
		a.unknown = why
	}
}

// deeper notes that the walk goes down by one, and reports whether it may.
func (a *analyzer) deeper() bool {
	if a.depth++; a.depth > maxDepth {
		a.giveUp("the command is nested too deep")
		return false
	}
	return true
}

// finish applies what holds for the script as a whole.
func (a *analyzer) finish() {
	for i := range a.f.Commands {
		c := &a.f.Commands[i]
		if c.Class != pipeline.ClassRead {
			continue
		}
		switch {
		case a.raw[i].redirected:
			c.Class = pipeline.ClassWrite
		case a.tainted || len(c.Env) > 0:
			c.Class = pipeline.ClassUnknown
		}
	}
	for _, p := range a.f.Paths {
		if p.Cmd >= 0 && !p.Names && SecretName(p.Named) {
			a.lower(p.Cmd)
		}
	}
	for _, i := range a.links {
		if a.throughLink(i) {
			a.f.PathsKnown = false
		}
	}
	if len(a.f.Paths) > MaxPaths {
		a.f.Paths, a.f.PathsKnown = a.f.Paths[:MaxPaths], false
	}
}

// lower takes class read from a command.
func (a *analyzer) lower(i int) {
	if a.f.Commands[i].Class == pipeline.ClassRead {
		a.f.Commands[i].Class = pipeline.ClassUnknown
	}
}

func (a *analyzer) addHost(h string) {
	h = strings.TrimSuffix(strings.ToLower(h), ".")
	if h == "" {
		return
	}
	for _, x := range a.f.Hosts {
		if x == h {
			return
		}
	}
	a.f.Hosts = append(a.f.Hosts, h)
}
