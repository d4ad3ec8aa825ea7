package rules

import "ctpipe/pipeline"

// toolSpace is the environment of tool events with room for its lists. It is
// used for one event after the other: what expressions see of an event is more
// than all else that judging it needs.
type toolSpace struct {
	env      toolEnv[any, any, any, any, any, any]
	users    room[userRun]
	commands room[commandRun]
	paths    room[pathRun]
}

// fill makes the space show ev; it holds parts of ev until it is emptied.
func (s *toolSpace) fill(ev *pipeline.Event, need *reached) {
	t := &ev.Tool
	s.env.base = newBase(ev)
	s.env.Need = need
	v := &s.env.Tool
	*v = toolRun{ID: string(t.ID), Name: t.Name, Input: t.Input, Hash: t.Hash, Cwd: t.Cwd, Subagent: t.Subagent, ClaudeAsks: t.ClaudeAsks,
		Hosts: boxed(t.Hosts), Opaque: t.Opaque, Why: t.Why, MCP: mcpView[any]{t.MCP.Server, t.MCP.Tool}, Pipe: pipeView(t.Pipe), SQL: newSQL(&t.SQL)}
	var users []userRun
	users, v.Requesters = s.users.take(min(len(t.Requesters), maxItems))
	for i := range users {
		users[i] = newUser(&t.Requesters[i])
	}
	var commands []commandRun
	commands, v.Commands = s.commands.take(min(len(t.Commands), maxCommands))
	for i := range commands {
		fillCommand(&commands[i], &t.Commands[i])
	}
	var paths []pathRun
	paths, v.Paths = s.paths.take(min(len(t.Paths), maxPaths))
	for i := range paths {
		p := &t.Paths[i]
		paths[i] = pathRun{p.Named, p.Real, p.Rel, p.Base, p.Inside, p.Write, p.Secret}
	}
}

// empty lets go of the event.
func (s *toolSpace) empty() {
	s.env = toolEnv[any, any, any, any, any, any]{}
	clear(s.users.items)
	clear(s.commands.items)
	clear(s.paths.items)
}

// room holds the elements of a list from one event to the next.
type room[T any] struct {
	items []T
	refs  []*T
	lists []any // at n: the first n refs as expressions get them
}

// take gives n elements, and the list of them.
func (r *room[T]) take(n int) ([]T, any) {
	if n >= len(r.lists) {
		size := max(n, 4)
		r.items, r.lists = make([]T, size), make([]any, size+1)
		r.refs = pointers(r.items)
	}
	if r.lists[n] == nil {
		r.lists[n] = r.refs[:n:n]
	}
	return r.items[:n], r.lists[n]
}

func fillCommand(v *commandRun, c *pipeline.Command) {
	g, k := &c.Git, &c.Kube
	*v = commandRun{Prog: c.Prog, Sub: c.Sub, Args: boxed(c.Args), Env: boxed(c.Env), Via: boxed(c.Via), Class: boxedClass(c.Class), Text: c.Text,
		Git:  gitView[any, any]{g.Class, g.Dir, pushView[any, any]{g.Push.Remote, boxed(g.Push.Dst), g.Push.Force, g.Push.Delete, g.Push.Bare}},
		Kube: kubeView[any]{k.Verb, k.Resource, k.Name, k.Context, k.Namespace}, TF: tfView[any]{c.TF.Verb, c.TF.AutoApprove},
		SQL: newSQL(&c.SQL), Pkg: pkgView[any, any]{c.Pkg.Install, c.Pkg.Manager, boxed(c.Pkg.Names)}}
}

var noTexts any = []string{}

// boxed is a list as expressions get it; all empty ones are the same.
func boxed(list []string) any {
	if len(list) == 0 {
		return noTexts
	}
	return list
}

// boxedClass is a class as a plain text; constants cost nothing.
func boxedClass(c pipeline.Class) any {
	switch c {
	case pipeline.ClassRead:
		return "read"
	case pipeline.ClassWrite:
		return "write"
	case pipeline.ClassNet:
		return "net"
	case pipeline.ClassExec:
		return "exec"
	case pipeline.ClassUnknown:
		return "unknown"
	}
	return string(c)
}
