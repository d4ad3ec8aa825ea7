package shell

import (
	"strings"

	"ctpipe/pipeline"
)

// classify fills in what is known about the command's program: its class, its
// paths and the facts of git, kubectl, databases and package managers.
func (a *analyzer) classify(k call, p *pipeline.Command, i int) {
	if !standardPath(k.words[0].text) && strings.Contains(k.words[0].text, "/") {
		defer func() { p.Class = pipeline.ClassExec }()
	}
	if version(k) {
		p.Class = pipeline.ClassRead
		return
	}
	if c := customOf(p.Prog); c != nil {
		c(a, k, p, i)
		return
	}
	if s := readers[p.Prog]; s != nil {
		a.applySpec(s, k, p, i)
		return
	}
	if isInterpreter(p.Prog) {
		a.interpreter(k, p, i)
		return
	}
	class, roles := known(p.Prog)
	p.Class = class
	if hasSub(p.Prog) {
		p.Sub = firstOperand(k.args())
	}
	if hidesTargets(p.Prog) {
		a.opaque(p.Prog + " runs what the project's files say")
	}
	if roles != "" {
		a.roles(k, i, roles)
		return
	}
	a.looseArgs(k, i, true)
}

// version reports PROGRAM --version for programs that do nothing else then.
func version(k call) bool {
	args := k.args()
	if len(args) != 1 || args[0].dynamic {
		return false
	}
	switch k.name() + " " + args[0].text {
	case "go version",
		"node -v", "npm -v",
		"java -version",
		"python -V", "python3 -V",
		"ruby -v", "perl -v", "php -v",
		"terraform version", "helm version":
		return true
	}
	if args[0].text != "--version" {
		return false
	}
	switch k.name() {
	case "bash", "git",
		"node", "npm", "pnpm", "yarn",
		"python", "python3", "pip", "pip3",
		"ruby", "perl",
		"cargo", "rustc", "gcc", "clang",
		"make", "cmake",
		"docker",
		"jq", "rg", "sed", "awk", "gawk", "grep",
		"curl", "wget", "tar",
		"bun", "deno", "uv", "java",
		"kubectl", "terraform", "tofu":
		return true
	}
	return false
}

// applySpec classifies a program that only reads unless told otherwise.
func (a *analyzer) applySpec(s *spec, k call, p *pipeline.Command, i int) scan {
	r := s.scan(k.args())
	p.Class = pipeline.ClassRead
	if r.bad != "" {
		p.Class = pipeline.ClassUnknown
	}
	a.operands(r.pos, s, k, p, i)
	for _, w := range r.read {
		a.argPath(w, Path{Cmd: i}, k.sc)
	}
	a.unknownArgs(&r, k, i)
	return r
}

// unknownArgs records the words from the first flag on that is not known.
func (a *analyzer) unknownArgs(r *scan, k call, i int) {
	for n, w := range r.rest {
		a.argPath(w, Path{Cmd: i, Write: true}, k.sc)
		if n == 0 && r.letter > 0 && r.letter+1 < len(w.text) {
			w.text = w.text[r.letter+1:] // -ofile, -uofile
			a.argPath(w, Path{Cmd: i, Write: true}, k.sc)
			continue
		}
		a.attached(w, Path{Cmd: i, Write: true}, k.sc)
	}
}

// attached records what stands in one word with a flag, if it may be a path:
// --output=x, -o/x, -L1,5:x.
func (a *analyzer) attached(w field, p Path, sc scope) {
	if len(w.text) < 3 || w.text[0] != '-' {
		return
	}
	_, value, ok := strings.Cut(w.text, "=")
	if !ok {
		if w.text[1] == '-' {
			return
		}
		value = w.text[2:]
		if value = value[strings.LastIndexByte(value, ':')+1:]; !strings.ContainsAny(value, "/.~") && !SecretName(value) {
			return
		}
	}
	w.text = value
	a.argPath(w, p, sc)
}

func (a *analyzer) operands(pos []field, s *spec, k call, p *pipeline.Command, i int) {
	for n, w := range pos {
		kind := role(s.args, n)
		switch kind {
		case 0:
			p.Class = pipeline.ClassUnknown
			a.argPath(w, Path{Cmd: i, Write: true}, k.sc)
		case roleText:
			if w.glob {
				a.argPath(w, Path{Cmd: i, Names: k.name() == "echo"}, k.sc)
			}
		default:
			a.argPath(w, Path{Cmd: i, Write: kind == roleWrite, Recursive: kind == roleRecurse, Names: s.names}, k.sc)
		}
	}
}

// roles records the operands of a program whose class is fixed.
func (a *analyzer) roles(k call, i int, roles string) {
	var pos []field
	flags := true
	for _, w := range k.args() {
		switch {
		case flags && w.text == "--":
			flags = false
		case flags && strings.HasPrefix(w.text, "-") && len(w.text) > 1:
			if _, value, ok := strings.Cut(w.text, "="); ok {
				a.argPath(field{text: value, glob: w.glob, dynamic: w.dynamic}, Path{Cmd: i, Write: true}, k.sc)
			}
		default:
			pos = append(pos, w)
		}
	}
	for n, w := range pos {
		kind := role(roles, n)
		if roles == "r*w" {
			kind = roleRead
			if n == len(pos)-1 {
				kind = roleWrite
			}
		}
		if kind == roleText {
			continue
		}
		a.argPath(w, Path{Cmd: i, Write: kind != roleRead}, k.sc)
	}
}

// looseArgs records every word that may be a path, for programs whose command
// line is not known: too many rather than too few.
func (a *analyzer) looseArgs(k call, i int, write bool) {
	for _, w := range k.args() {
		if strings.HasPrefix(w.text, "-") {
			a.attached(w, Path{Cmd: i, Write: write}, k.sc)
			continue
		}
		a.argPath(w, Path{Cmd: i, Write: write}, k.sc)
	}
}

// argPath records an argument as a path, unless it cannot be one.
func (a *analyzer) argPath(w field, p Path, sc scope) {
	if w.dynamic || w.number || w.text == "" || w.text == "-" || len(w.text) > 4096 ||
		strings.Contains(w.text, "\n") || strings.Contains(w.text, "://") {
		return
	}
	p.Named, p.Glob = w.text, w.glob
	if strings.HasPrefix(w.text, "/inet") {
		a.networkFile(w.text)
	}
	a.path(p, sc)
}

// networkFile: gawk opens a connection for /inet/tcp/0/HOST/80.
func (a *analyzer) networkFile(name string) {
	parts := strings.Split(name, "/")
	if len(parts) < 5 || parts[1] != "inet" && parts[1] != "inet4" && parts[1] != "inet6" {
		return
	}
	a.addHost(parts[4])
	a.opaque("awk opens a network connection to " + parts[4])
}

// interpreter: a script to run, code on the command line, or code from stdin.
func (a *analyzer) interpreter(k call, p *pipeline.Command, i int) {
	p.Class = pipeline.ClassExec
	args := k.args()
	script := -1
	for n, w := range args {
		if !strings.HasPrefix(w.text, "-") {
			script = n
			break
		}
		if inlineCode(p.Prog, w.text) {
			a.opaque(p.Prog + " runs code from the command line")
			a.looseArgs(k, i, true)
			return
		}
		if w.text == "-m" && isPython(p.Prog) && n+1 < len(args) && args[n+1].text == "pip" {
			pip := *p
			pip.Prog = "pip"
			classPackages(a, call{words: args[n+1:], sc: k.sc}, &pip, i)
			p.Sub, p.Pkg = pip.Sub, pip.Pkg
			return
		}
		if w.text == "-m" && isPython(p.Prog) {
			a.looseArgs(call{words: args[n+1:], sc: k.sc}, i, true)
			return
		}
	}
	if script < 0 {
		if k.sc.stdin {
			a.opaque(p.Prog + " runs what it is fed")
		} else {
			a.opaque(p.Prog + " reads what it runs from its standard input")
		}
		return
	}
	a.runsFile(k, args[script], i)
	a.looseArgs(call{words: args[script:], sc: k.sc}, i, true)
}

func inlineCode(prog, flag string) bool {
	switch flag {
	case "--eval", "--print", "--command", "-":
		return true
	}
	if strings.HasPrefix(flag, "--eval=") || strings.HasPrefix(flag, "--print=") {
		return true
	}
	if len(flag) < 2 || flag[1] == '-' {
		return false
	}
	letters := "cerpEn"
	if isPython(prog) || isShell(prog) {
		letters = "c"
	}
	return strings.ContainsAny(flag[1:], letters)
}

// runsFile notes a file that is executed; one that the agent wrote is opaque.
func (a *analyzer) runsFile(k call, w field, i int) {
	a.argPath(w, Path{Cmd: i}, k.sc)
	if a.wrote(w, k.sc) {
		a.opaque(w.text + " was written in this session")
	}
}

// wrote reports whether the word names a file that the agent wrote.
func (a *analyzer) wrote(w field, sc scope) bool {
	for _, d := range append([]string{""}, sc.dirs...) {
		for _, known := range a.opt.Wrote {
			at := joins(d, w.text)
			if !w.dynamic && (at == known || strings.HasSuffix(known, "/") && strings.HasPrefix(at, known)) {
				return true
			}
		}
	}
	return false
}
