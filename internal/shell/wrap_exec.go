package shell

import (
	"slices"
	"strings"

	"ctpipe/pipeline"
)

// unwrapCommand: command -v only looks a name up.
func unwrapCommand(_ *analyzer, k *call) inner {
	args := k.args()
	for len(args) > 0 && strings.HasPrefix(args[0].text, "-") && args[0].text != "--" {
		if strings.ContainsAny(args[0].text, "vV") {
			return inner{}
		}
		args = args[1:]
	}
	if len(args) > 0 && args[0].text == "--" {
		args = args[1:]
	}
	return inner{words: args}
}

func unwrapEval(_ *analyzer, k *call) inner {
	if len(k.args()) == 0 {
		return inner{}
	}
	return inner{script: join(k.args()), here: true, opaque: "eval runs text that was put together"}
}

func unwrapTrap(_ *analyzer, k *call) inner {
	args := k.args()
	if len(args) > 0 && args[0].text == "--" {
		args = args[1:]
	}
	if len(args) < 2 {
		return inner{opaque: "trap changes what runs later"}
	}
	if args[0].text == "-" || args[0].text == "" {
		return inner{opaque: "trap changes what runs later"}
	}
	return inner{script: &args[0], opaque: "trap runs a command later"}
}

var xargsFlags = spec{
	short: "0rtpxo", shortV: "IndLPsE", shortP: "a", early: true,
	long: "" +
		"null no-run-if-empty verbose interactive exit open-tty " +
		"max-args= max-lines=? max-procs= max-chars= " +
		"delimiter= replace=? eof=? arg-file=@ " +
		"show-limits",
}

func unwrapXargs(a *analyzer, k *call) inner {
	r := xargsFlags.scan(k.args())
	in := inner{opaque: "xargs adds words that are only known when it runs", floor: pipeline.ClassUnknown, stdin: true}
	for _, w := range r.read {
		a.argPath(w, Path{Cmd: -1}, k.sc)
	}
	if r.bad == "" {
		in.words = r.pos
	}
	return in
}

func unwrapParallel(_ *analyzer, k *call) inner {
	flags := spec{short: "kqrtX0m", shortV: "jNnIL", early: true, long: "keep-order dry-run jobs= halt= bar eta progress tag null"}
	r := flags.scan(k.args())
	in := inner{opaque: "parallel adds words that are only known when it runs", floor: pipeline.ClassExec, stdin: true}
	if r.bad != "" {
		return in
	}
	words := r.pos
	for i, w := range words {
		if strings.HasPrefix(w.text, ":::") {
			words = words[:i]
			break
		}
	}
	if len(words) == 1 && strings.ContainsAny(words[0].text, " ;|&") {
		in.script = &words[0]
		return in
	}
	in.words = words
	return in
}

// unwrapFind walks the commands of -exec and its like, and leaves find itself
// to be classified.
func unwrapFind(a *analyzer, k *call) inner {
	args := k.args()
	for i := 0; i < len(args); i++ {
		switch args[i].text {
		case "-exec", "-execdir", "-ok", "-okdir":
		default:
			continue
		}
		end := i + 1
		for end < len(args) && args[end].text != ";" && !(args[end].text == "+" && args[end-1].text == "{}") {
			end++
		}
		a.opaque("find " + args[i].text + " runs a command on every file it finds")
		if end > i+1 {
			sub := *k
			sub.words = args[i+1 : end]
			sub.via = append(slices.Clone(k.via), k.name())
			sub.sc.floor = worse(sub.sc.floor, pipeline.ClassUnknown)
			a.simple(sub)
		}
		i = end
	}
	return inner{}
}

func unwrapFd(a *analyzer, k *call) inner {
	args := k.args()
	for i, w := range args {
		if optionIs(w.text, "--exec-batch") || w.text == "--exec" || strings.HasPrefix(w.text, "--exec=") || optionIs(w.text, "-x") || optionIs(w.text, "-X") {
			a.opaque("fd " + w.text + " runs a command on every file it finds")
			rest := args[i+1:]
			if _, prog, ok := strings.Cut(w.text, "="); ok {
				rest = append([]field{{text: prog}}, rest...)
			} else if at := strings.IndexAny(w.text, "xX"); w.text[1] != '-' && at+1 < len(w.text) {
				rest = append([]field{{text: w.text[at+1:]}}, rest...)
			}
			if len(rest) > 0 {
				sub := *k
				sub.words = rest
				sub.via = append(slices.Clone(k.via), k.name())
				sub.sc.floor = worse(sub.sc.floor, pipeline.ClassUnknown)
				a.simple(sub)
			}
			return inner{}
		}
	}
	return inner{}
}

func unwrapWatch(_ *analyzer, k *call) inner {
	flags := spec{short: "bcdegptwx", shortV: "nq", early: true, long: "beep color differences=? errexit chgexit interval= precise no-title no-wrap exec"}
	r := flags.scan(k.args())
	if r.bad != "" || len(r.pos) == 0 {
		return inner{opaque: "watch may hide what it runs"}
	}
	if r.has("-x", "--exec") {
		return inner{words: r.pos}
	}
	return inner{script: join(r.pos)}
}

// unwrapScript: script -c CMD FILE writes a transcript.
func unwrapScript(_ *analyzer, k *call) inner {
	return scriptAfter(k, "-c", "--command", "-qc", "-qec", "-ec")
}

func unwrapSu(_ *analyzer, k *call) inner {
	in := scriptAfter(k, "-c", "--command", "-lc", "--run")
	if in.script == nil && k.name() == "runuser" {
		in.opaque = "runuser may hide what it runs"
	}
	return in
}

// scriptAfter finds the script that follows one of the flags.
func scriptAfter(k *call, flags ...string) inner {
	in := inner{floor: pipeline.ClassExec, opaque: k.name() + " starts a shell"}
	args := k.args()
	for i, w := range args {
		if slices.Contains(flags, w.text) && i+1 < len(args) {
			in.script, in.opaque = &args[i+1], ""
			return in
		}
		if text, ok := strings.CutPrefix(w.text, "--command="); ok {
			in.script, in.opaque = &field{text: text, dynamic: w.dynamic}, ""
			return in
		}
	}
	return in
}

func unwrapFlock(_ *analyzer, k *call) inner {
	flags := spec{short: "sxnuoeF", shortV: "wE", early: true, long: "shared exclusive nonblock unlock close timeout= wait="}
	r := flags.scan(k.args())
	switch {
	case r.bad != "":
		return inner{opaque: "the option " + r.bad + " of flock may hide what it runs"}
	case len(r.pos) < 2:
		return inner{}
	case r.pos[1].text == "-c" || r.pos[1].text == "--command":
		if len(r.pos) > 2 {
			return inner{script: &r.pos[2], floor: pipeline.ClassWrite}
		}
		return inner{}
	}
	return inner{words: r.pos[1:], floor: pipeline.ClassWrite}
}

// unwrapRunner: uv run, poetry run, npm exec and their like put their own
// environment in front of a command.
func unwrapRunner(_ *analyzer, k *call) inner {
	args := k.args()
	verbs := []string{"run", "exec", "x", "dlx"}
	switch k.name() {
	case "npm", "pnpm", "yarn":
		verbs = []string{"exec", "x", "dlx"}
	}
	if len(args) < 2 || !slices.Contains(verbs, args[0].text) {
		return inner{}
	}
	if k.name() == "uv" && args[0].text == "run" && strings.HasPrefix(args[1].text, "-") && args[1].text != "--" {
		return inner{opaque: "an option of uv run may hide what it runs"}
	}
	rest := args[1:]
	for len(rest) > 0 && strings.HasPrefix(rest[0].text, "-") {
		rest = rest[1:]
	}
	in := inner{words: rest, floor: pipeline.ClassExec}
	if len(rest) != len(args)-1 && args[1].text != "--" {
		in.opaque = "options of " + k.name() + " " + args[0].text + " may hide what it runs"
	}
	return in
}
