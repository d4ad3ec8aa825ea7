package shell

import (
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"ctpipe/pipeline"
)

// call is one simple command on its way to being classified.
type call struct {
	words []field
	env   []string
	via   []string
	text  string
	sc    scope
}

func (a *analyzer) call(c *syntax.CallExpr, sc scope) outcome {
	env := slices.Clone(sc.env)
	for _, as := range c.Assigns {
		a.assign(as, sc)
		if as.Name != nil {
			env = append(env, as.Name.Value)
			if len(c.Args) > 0 {
				a.prefixed(as.Name.Value, a.valueOf(as))
			}
		}
	}
	braced := len(c.Args) > 0 && hasBrace(c.Args[0])
	words := a.fields(c.Args, sc)
	if len(words) == 0 {
		for _, as := range c.Assigns {
			if as.Name != nil {
				a.assigned(as.Name.Value)
			}
		}
		return same(sc.dirs)
	}
	if braced {
		a.opaque("the program's name comes from a brace expansion")
	}
	return a.simple(call{words: words, env: env, via: slices.Clone(sc.via), text: a.text(c), sc: sc})
}

// valueOf is what is assigned, "$" where that is not known.
func (a *analyzer) valueOf(as *syntax.Assign) string {
	if as.Value == nil {
		return ""
	}
	if f := a.static(as.Value); !f.dynamic && !f.number {
		return f.text
	}
	return "$"
}

func cut(assignment string) (name, value string) {
	name, value, _ = strings.Cut(assignment, "=")
	return name, value
}

// simple takes the wrappers off a command, then says what it is.
func (a *analyzer) simple(k call) outcome {
	for {
		w := k.words[0]
		if w.dynamic || w.number || w.glob {
			a.opaque("the program's name " + w.text + " is only known when it runs")
			a.emit(k.bare(pipeline.ClassUnknown), k.sc)
			a.looseArgs(k, len(a.f.Commands)-1, true)
			return same(k.sc.dirs)
		}
		wrap := wrapperOf(k.name())
		if wrap == nil || a.funcs[w.text] {
			return a.program(k)
		}
		if len(k.via) >= maxWraps {
			a.opaque("more than 8 wrappers around " + w.text)
			return a.program(k)
		}
		in := wrap(a, &k)
		if in.opaque != "" {
			a.opaque(in.opaque)
		}
		for _, name := range in.env {
			a.prefixed(cut(name))
		}
		for _, assigned := range in.env {
			name, _ := cut(assigned)
			k.env = append(k.env, name)
		}
		switch {
		case in.script != nil:
			return a.nested(k, in)
		case len(in.words) == 0:
			return a.program(k)
		}
		k.enter(in)
	}
}

// enter goes on with the command inside a wrapper.
func (k *call) enter(in inner) {
	k.via = append(k.via, k.name())
	k.words = in.words
	k.sc.via = nil
	k.sc.floor = worse(k.sc.floor, in.floor)
	k.sc.away = k.sc.away || in.away
	if in.stdin {
		k.sc.stdin = true
	}
}

// nested analyses a script that a wrapper was given as an argument.
func (a *analyzer) nested(k call, in inner) outcome {
	f := *in.script
	if f.dynamic {
		a.opaque("the script of " + k.name() + " is only known when it runs")
		a.noteFeed(k)
		return a.program(k)
	}
	if why := precheck(f.text); why != "" {
		a.giveUp(why)
		return same(k.sc.dirs)
	}
	if a.nest++; a.nest > maxWraps {
		a.opaque("more than 8 scripts within scripts")
		return same(k.sc.dirs)
	}
	sc := k.sc
	sc.via, sc.env = append(slices.Clone(k.via), k.name()), k.env
	sc.floor = worse(sc.floor, in.floor)
	sc.away = sc.away || in.away
	before := len(a.f.Commands)
	o := a.script(f.text, sc)
	a.nest--
	if len(a.f.Commands) == before && a.unknown == "" {
		a.program(k) // nothing inside: the wrapper itself still runs
	}
	if in.here {
		return o
	}
	return same(k.sc.dirs)
}

// worse returns the class that says more may happen.
func worse(x, y pipeline.Class) pipeline.Class {
	if rank(y) > rank(x) {
		return y
	}
	return x
}

func rank(c pipeline.Class) int {
	switch c {
	case "", pipeline.ClassRead:
		return 0
	case pipeline.ClassUnknown:
		return 1
	case pipeline.ClassWrite:
		return 2
	case pipeline.ClassNet:
		return 3
	}
	return 4
}

// name is the base name of the program.
func (k *call) name() string { return path.Base(k.words[0].text) }

// args are the words after the program's name.
func (k *call) args() []field { return k.words[1:] }

// bare is the command without the facts of any one program.
func (k *call) bare(class pipeline.Class) pipeline.Command {
	c := pipeline.Command{Prog: k.words[0].text, Env: k.env, Via: k.via, Class: class, Text: k.text}
	if c.Prog != "" && !k.words[0].dynamic {
		c.Prog = k.name()
	}
	c.Args = make([]string, 0, len(k.words)-1)
	for _, w := range k.args() {
		c.Args = append(c.Args, w.text)
	}
	return c
}

func (a *analyzer) emit(c pipeline.Command, sc scope) int {
	if len(a.f.Commands) >= maxCommands {
		a.giveUp("the script has more than 256 commands")
		return len(a.f.Commands) - 1
	}
	for _, list := range []*[]string{&c.Args, &c.Env, &c.Via, &c.Git.Push.Dst, &c.Pkg.Names} {
		if *list == nil {
			*list = []string{}
		}
	}
	if len(c.Via) == 0 && len(sc.via) > 0 {
		c.Via = slices.Clone(sc.via)
	}
	a.f.Commands = append(a.f.Commands, c)
	a.raw = append(a.raw, raw{redirected: sc.out})
	return len(a.f.Commands) - 1
}

// program is the end of unwrapping: the command itself.
func (a *analyzer) program(k call) outcome {
	w, name := k.words[0], k.name()
	if a.funcs[w.text] {
		a.opaque("the script declares a function " + w.text)
	}
	dynamic := a.dynamicArgs(k, name)
	if isInterpreter(name) {
		a.noteFeed(k)
	}
	c := k.bare(pipeline.ClassUnknown)
	i := a.emit(c, k.sc)
	if a.unknown != "" {
		return same(k.sc.dirs)
	}
	p := &a.f.Commands[i]
	a.classify(k, p, i)
	a.launched(k, p)
	a.unpacked(k, i)
	if p.Class == pipeline.ClassRead && (dynamic || a.funcs[w.text] || !standardPath(w.text)) {
		p.Class = pipeline.ClassUnknown
	}
	if p.Class == pipeline.ClassRead && k.sc.floor != "" {
		p.Class = k.sc.floor
	}
	if strings.Contains(w.text, "/") && !standardPath(w.text) {
		a.runsFile(k, w, i)
	}
	a.hostsOf(k)
	if name == "cd" {
		return a.changeDir(k)
	}
	return same(k.sc.dirs)
}

// dynamicArgs reports words whose value is not in the text; numbers are fine
// where they are only printed.
func (a *analyzer) dynamicArgs(k call, name string) bool {
	for _, w := range k.args() {
		switch {
		case evaluates(name) && code(w.text):
			a.opaque(name + " may evaluate " + w.text)
		case w.number && printsOnly(name):
		case w.dynamic || w.number:
			a.opaque("the word " + w.text + " is only known when it runs")
			return true
		}
	}
	return false
}

// evaluates reports builtins that some shells give arithmetic to evaluate.
func evaluates(name string) bool {
	switch name {
	case "printf", "test", "[", "exit", "return", "break", "continue", "shift", "wait", "ulimit", "kill":
		return true
	}
	return false
}

func printsOnly(name string) bool {
	switch name {
	case "echo", "printf", "exit", "return", "true", "false", ":":
		return true
	}
	return false
}

// standardPath reports a name that is looked up on PATH, or a system directory.
func standardPath(prog string) bool {
	dir, _ := path.Split(prog)
	switch dir {
	case "", "/bin/", "/usr/bin/", "/usr/local/bin/", "/sbin/", "/usr/sbin/", "/opt/homebrew/bin/":
		return true
	}
	return false
}

// changeDir follows cd.
func (a *analyzer) changeDir(k call) outcome {
	in := k.sc.dirs
	args := k.args()
	for len(args) > 0 && (args[0].text == "--" || args[0].text == "-L") {
		args = args[1:]
	}
	target := a.opt.Home
	switch {
	case len(args) == 0 && !a.home && target != "":
	case len(args) == 1 && !args[0].dynamic && !args[0].number && !args[0].glob && !strings.HasPrefix(args[0].text, "-"):
		target = args[0].text
	default:
		a.opaque("the directory that cd goes to is not known")
		a.f.PathsKnown = false
		return same(nil)
	}
	return outcome{joinAll(in, target), in}
}

// joinAll resolves a cd target. With .. in it the shell's idea of the place and
// the kernel's differ behind links, so both are kept: one cleaned, one as is.
func joinAll(dirs []string, target string) []string {
	if path.IsAbs(target) {
		dirs = []string{"/"}
	}
	var out []string
	for _, d := range dirs {
		clean := path.Join(d, target)
		out = append(out, clean)
		if strings.Contains(target, "..") {
			if raw := strings.TrimSuffix(d, "/") + "/" + strings.TrimPrefix(target, "/"); raw != clean {
				out = append(out, raw)
			}
		}
	}
	if len(out) > maxDirs {
		return nil
	}
	return out
}

// joins is the path that name means in dir.
func joins(dir, name string) string {
	if path.IsAbs(name) {
		return path.Clean(name)
	}
	return path.Join(dir, name)
}
