package shell

import (
	"slices"
	"strings"

	"ctpipe/pipeline"
)

var sshFlags = spec{
	short: "46AaCfGgKkMNnqsTtVvXxYy", shortV: "BbcDeIJLlmOopQRSWw", shortP: "EFi", early: true,
}

// unwrapSSH notes ssh itself and goes on with the command it runs elsewhere.
func unwrapSSH(a *analyzer, k *call) inner {
	r := sshFlags.scan(k.args())
	in := inner{floor: pipeline.ClassNet, away: true, opaque: k.name() + " runs a command on another machine"}
	if r.bad != "" || len(r.pos) < 2 || k.words[0].dynamic {
		return in
	}
	i := a.outer(k)
	for _, w := range r.read {
		a.argPath(w, Path{Cmd: i}, k.sc)
	}
	more := r.pos[1:]
	for len(more) > 0 && strings.HasPrefix(more[0].text, "-") { // ssh takes flags after the host too
		again := sshFlags.scan(more)
		if again.bad != "" {
			return in
		}
		more = again.pos
	}
	in.script = join(more)
	if in.script.dynamic {
		in.script = nil
		in.words = more
	}
	return in
}

// containerFlags are the options of docker exec and run that take a value.
const containerFlags = " " +
	"-e --env " +
	"-u --user " +
	"-w --workdir " +
	"--env-file " +
	"--name " +
	"-v --volume " +
	"-p --publish " +
	"--network " +
	"--entrypoint " +
	"-h --hostname " +
	"--mount " +
	"-l --label " +
	"--platform " +
	"--memory -m --cpus " +
	"-f --file --project-name " +
	"--context -H --host " +
	"-i- "

func unwrapContainer(a *analyzer, k *call) inner {
	args := k.args()
	verb := -1
	for i, w := range args {
		if w.text == "exec" || w.text == "run" {
			verb = i
			break
		}
		if !strings.HasPrefix(w.text, "-") && w.text != "compose" && w.text != "container" && !(i > 0 && takesValue(args[i-1].text)) {
			return inner{}
		}
	}
	if verb < 0 {
		return inner{}
	}
	rest := args[verb+1:]
	for len(rest) > 0 && strings.HasPrefix(rest[0].text, "-") {
		if takesValue(rest[0].text) && len(rest) > 1 {
			rest = rest[1:]
		}
		rest = rest[1:]
	}
	in := inner{floor: pipeline.ClassExec, away: true, opaque: k.name() + " runs a command in a container"}
	if len(rest) > 1 {
		in.words = rest[1:] // after the container or image
		if in.words[0].text == "--" {
			in.words = in.words[1:]
		}
		a.containerFiles(args, a.outer(k), k.sc)
	}
	return in
}

func takesValue(flag string) bool {
	return strings.Contains(containerFlags, " "+flag+" ")
}

// unwrapKubectl handles kubectl exec POD -- COMMAND and debug.
func unwrapKubectl(a *analyzer, k *call) inner {
	args := k.args()
	verb := slices.IndexFunc(args, func(w field) bool { return w.text == "exec" || w.text == "debug" || w.text == "run" })
	if verb < 0 {
		return inner{}
	}
	for i := 0; i < verb; i++ {
		if !strings.HasPrefix(args[i].text, "-") && (i == 0 || !strings.HasPrefix(args[i-1].text, "-")) {
			return inner{}
		}
	}
	in := inner{floor: pipeline.ClassExec, away: true, opaque: k.name() + " runs a command in a pod"}
	sep := slices.IndexFunc(args, func(w field) bool { return w.text == "--" })
	if sep < 0 || sep+1 >= len(args) {
		return in
	}
	a.outer(k)
	in.words = args[sep+1:]
	return in
}

// outer notes the wrapper itself; what it names is not on this machine. It
// returns the command's index.
func (a *analyzer) outer(k *call) int {
	self := *k
	self.sc.away = true
	i := len(a.f.Commands)
	a.program(self)
	return min(i, len(a.f.Commands)-1)
}

// containerFiles records the host's files that a container is given.
func (a *analyzer) containerFiles(args []field, i int, sc scope) {
	for n, w := range args {
		name, value, attached := strings.Cut(w.text, "=")
		switch name {
		case "--env-file", "-v", "--volume", "-f", "--file":
		default:
			continue
		}
		if !attached && n+1 < len(args) {
			value = args[n+1].text
		}
		host, _, _ := strings.Cut(value, ":")
		a.argPath(field{text: host}, Path{Cmd: i, Write: name == "-v" || name == "--volume"}, sc)
	}
}
