package shell

import (
	"strings"

	"ctpipe/pipeline"
)

// classifier fills in a command's class, paths and program facts.
type classifier func(a *analyzer, k call, p *pipeline.Command, i int)

// customOf finds the programs that need more than a list of flags.
func customOf(prog string) classifier {
	switch prog {
	case "git":
		return classGit
	case "grep", "egrep", "fgrep", "ggrep":
		return classGrep
	case "rg":
		return classRg
	case "ag":
		return classAg
	case "find", "gfind":
		return classFind
	case "sed", "gsed":
		return classSed
	case "awk", "gawk", "mawk", "nawk":
		return classAwk
	case "jq":
		return classJq
	case "tar", "gtar", "bsdtar":
		return classTar
	case "ps":
		return classPs
	case "echo":
		return classEcho
	case "date":
		return classDate
	case "test", "[":
		return classTest
	case "source", ".":
		return classSource
	case "kubectl", "oc", "helm":
		return classKube
	case "terraform", "tofu", "terragrunt":
		return classTerraform
	case "psql", "mysql", "mariadb", "sqlite3", "sqlite", "duckdb", "clickhouse-client", "sqlcmd", "cockroach":
		return classSQLClient
	case "curl", "wget":
		return classFetch
	case "dd":
		return classDd
	case "cp", "mv", "ln", "install", "gcp", "gmv", "gln", "ginstall":
		return classCopy
	case "scp", "rsync":
		return classRemoteCopy
	}
	if isPackageManager(prog) {
		return classPackages
	}
	if changesShell(prog) {
		return classShell
	}
	return nil
}

func classEcho(a *analyzer, k call, p *pipeline.Command, i int) {
	p.Class = pipeline.ClassRead
	for _, w := range k.args() {
		if w.glob {
			a.argPath(w, Path{Cmd: i, Names: true}, k.sc)
		}
	}
}

var dateSpec = spec{short: "uRI", shortV: "d", shortP: "r", long: "utc universal date= iso-8601=? rfc-3339= rfc-email reference=@", args: "t*"}

// classDate: an operand that is no +FORMAT sets the clock.
func classDate(a *analyzer, k call, p *pipeline.Command, i int) {
	for _, w := range a.applySpec(&dateSpec, k, p, i).pos {
		if !strings.HasPrefix(w.text, "+") {
			p.Class = pipeline.ClassUnknown
		}
	}
}

// classTest: [ -v a[$(x)] ] evaluates a subscript.
func classTest(a *analyzer, k call, p *pipeline.Command, i int) {
	p.Class = pipeline.ClassRead
	for _, w := range k.args() {
		switch {
		case w.text == "-v" || w.text == "-R":
			p.Class = pipeline.ClassUnknown
		case w.glob && strings.Contains(w.text, "["):
			p.Class = pipeline.ClassUnknown
		case w.text != "]" && !strings.HasPrefix(w.text, "-") && w.text != "=" && w.text != "==" && w.text != "!=":
			a.argPath(w, Path{Cmd: i, Names: true}, k.sc)
		}
	}
}

func classSource(a *analyzer, k call, p *pipeline.Command, i int) {
	p.Class = pipeline.ClassExec
	a.opaque(p.Prog + " runs a file in this shell")
	a.looseArgs(k, i, false)
}

// changesShell reports builtins after which later commands may mean something else.
func changesShell(prog string) bool {
	switch prog {
	case "alias", "unalias", "enable", "hash",
		"bind", "complete", "compopt",
		"fc", "history", "shopt", "trap",
		"eval", "pushd", "popd",
		"set", "setopt", "unsetopt",
		"emulate", "zmodload", "autoload", "disable",
		"read", "mapfile", "readarray", "getopts",
		"unset", "let", "local", "typeset", "declare",
		"export", "readonly", "printenv", "env",
		"compgen", "ulimit", "umask", "exec",
		"vared", "zle", "sched",
		"repeat", "logout", "suspend":
		return true
	}
	return false
}

// classShell: never class read; the ones that redirect later words are opaque.
func classShell(a *analyzer, k call, p *pipeline.Command, i int) {
	p.Class = pipeline.ClassUnknown
	switch p.Prog {
	case "set":
		if !plainSet(k.args()) {
			a.opaque("set changes how the shell reads the rest")
		}
	case "alias", "unalias", "enable", "hash", "bind", "complete", "compopt", "fc", "history", "shopt", "trap", "eval",
		"setopt", "unsetopt", "emulate", "zmodload", "autoload", "disable", "let", "vared", "zle", "sched", "repeat":
		a.opaque(p.Prog + " changes what later commands mean")
	case "pushd", "popd":
		a.opaque(p.Prog + " changes directory")
		a.f.PathsKnown = false
	case "read", "mapfile", "readarray", "getopts", "unset", "export", "readonly", "typeset", "declare", "local":
		for _, w := range k.args() {
			name, _, _ := strings.Cut(w.text, "=")
			if strings.Contains(name, "[") || w.text == "-C" {
				a.opaque(p.Prog + " evaluates a subscript")
			}
			if !strings.HasPrefix(name, "-") {
				a.assigned(name)
			}
		}
	}
}

// plainSet reports set -e, set -euo pipefail and their like.
func plainSet(args []field) bool {
	for i := 0; i < len(args); i++ {
		w := args[i].text
		switch {
		case args[i].dynamic:
			return false
		case w == "pipefail" || w == "errexit" || w == "nounset" || w == "xtrace":
		case len(w) > 1 && (w[0] == '-' || w[0] == '+') && strings.Trim(w[1:], "euxo") == "":
		default:
			return false
		}
	}
	return len(args) > 0
}

// classPs: flags with e, E or environ print environments.
func classPs(a *analyzer, k call, p *pipeline.Command, i int) {
	p.Class = pipeline.ClassRead
	args := k.args()
	for n := 0; n < len(args); n++ {
		w := args[n].text
		switch {
		case strings.HasPrefix(w, "--"):
			p.Class = pipeline.ClassUnknown
		case len(w) > 1 && w[0] == '-':
			if strings.ContainsAny(w, "E") || strings.Trim(w[1:], "AadefFHjlLMNTyZopuUCgGtw") != "" {
				p.Class = pipeline.ClassUnknown
			}
			if n == 0 && strings.ContainsAny(w, "aux") && strings.Contains(w, "e") && strings.ContainsAny(w, "ax") {
				p.Class = pipeline.ClassUnknown // ps -auxe is read as BSD flags
			}
			if strings.ContainsAny(w[len(w)-1:], "opuUCgGt") && n+1 < len(args) {
				n++
				if strings.Contains(args[n].text, "env") {
					p.Class = pipeline.ClassUnknown
				}
			}
		case strings.Trim(w, "aufxjlvwTrhHcnmL0123456789,") != "":
			p.Class = pipeline.ClassUnknown
		}
	}
}

// classDd: if= and of= name its files.
func classDd(a *analyzer, k call, p *pipeline.Command, i int) {
	p.Class = pipeline.ClassWrite
	for _, w := range k.args() {
		if v, ok := strings.CutPrefix(w.text, "if="); ok {
			w.text = v
			a.argPath(w, Path{Cmd: i}, k.sc)
		} else if v, ok := strings.CutPrefix(w.text, "of="); ok {
			w.text = v
			a.argPath(w, Path{Cmd: i, Write: true}, k.sc)
		}
	}
}

// classTar: only listing reads.
func classTar(a *analyzer, k call, p *pipeline.Command, i int) {
	p.Class = pipeline.ClassWrite
	args := k.args()
	if len(args) >= 2 && strings.Contains(args[0].text, "t") && strings.Trim(args[0].text, "-tvzjJf") == "" && strings.HasSuffix(args[0].text, "f") {
		p.Class = pipeline.ClassRead
		for _, w := range args[1:] {
			if strings.HasPrefix(w.text, "-") || w.glob || strings.Contains(w.text, ":") {
				p.Class = pipeline.ClassUnknown
			}
		}
		a.argPath(args[1], Path{Cmd: i}, k.sc)
		return
	}
	a.looseArgs(k, i, true)
}
