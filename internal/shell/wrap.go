package shell

import (
	"strings"

	"ctpipe/pipeline"
)

// inner is what a wrapper runs: words to go on with, or a script of its own;
// neither, where the program wraps nothing this time.
type inner struct {
	words  []field
	script *field
	env    []string       // NAME=value
	floor  pipeline.Class // what the inner command is at least, if not read
	opaque string         // what stays hidden
	away   bool           // it runs elsewhere: its paths are not ours
	stdin  bool           // it is fed something
	here   bool           // the script runs in this very shell (eval)
}

// wrapper takes one layer off a command.
type wrapper func(a *analyzer, k *call) inner

// prefix is a wrapper of the simplest kind: flags, some operands, a command.
type prefix struct {
	flags   spec
	skip    int  // operands before the command
	assigns bool // NAME=value words may stand before it
	floor   pipeline.Class
	opaque  string
	away    bool
}

func (p *prefix) unwrap(_ *analyzer, k *call) inner {
	flags := p.flags
	flags.early = true
	r := flags.scan(k.args())
	in := inner{floor: p.floor, opaque: p.opaque, away: p.away}
	if r.bad != "" {
		in.opaque = "the option " + r.bad + " of " + k.name() + " may hide what it runs"
		return in
	}
	words := r.pos
	if len(words) < p.skip {
		return inner{}
	}
	words = words[p.skip:]
	for p.assigns && len(words) > 0 && !words[0].dynamic {
		if !strings.Contains(words[0].text, "=") {
			break
		}
		in.env = append(in.env, words[0].text)
		words = words[1:]
	}
	if len(words) == 0 {
		return inner{env: in.env}
	}
	in.words = words
	return in
}

// wrapperOf finds the wrapper called name; nil for other programs.
func wrapperOf(name string) wrapper {
	if p, ok := prefixes[name]; ok {
		return p.unwrap
	}
	if isShell(name) {
		return unwrapShell
	}
	return special(name)
}

func isShell(name string) bool {
	switch name {
	case "sh", "bash", "dash", "zsh", "ksh", "mksh", "ash", "rbash":
		return true
	}
	return false
}

// unwrapShell handles sh -c. Anything but plain flags may read a profile.
func unwrapShell(a *analyzer, k *call) inner {
	args := k.args()
	floor := pipeline.Class("")
	if name := k.name(); name == "zsh" || name == "ksh" || name == "mksh" {
		floor = pipeline.ClassExec // reads its own start-up file
	}
	for i := 0; i < len(args); i++ {
		w := args[i]
		switch {
		case w.dynamic:
			return inner{}
		case w.text == "-o" || w.text == "+o":
			i++
			continue
		case !strings.HasPrefix(w.text, "-") || w.text == "-" || w.text == "--":
			return inner{}
		case strings.HasPrefix(w.text, "--"):
			floor = pipeline.ClassExec
			if w.text == "--rcfile" || w.text == "--init-file" {
				return inner{opaque: w.text + " runs a file first"}
			}
		case strings.Contains(w.text, "c"):
			if strings.ContainsAny(w.text, "ils") {
				floor = pipeline.ClassExec
			}
			if i+1 >= len(args) {
				return inner{}
			}
			if strings.HasPrefix(args[i+1].text, "-") || strings.HasPrefix(args[i+1].text, "+") || w.text != "-c" {
				return a.shellFlags(k, args[i+1:], floor)
			}
			return inner{script: &args[i+1], floor: floor}
		case strings.ContainsAny(w.text, "ils"):
			floor = pipeline.ClassExec
		}
	}
	return inner{}
}

// shellFlags handles flags between -c and the script, as in sh -c -e 'ls'.
func (a *analyzer) shellFlags(_ *call, args []field, floor pipeline.Class) inner {
	for i := range args {
		if args[i].dynamic || !strings.HasPrefix(args[i].text, "-") && !strings.HasPrefix(args[i].text, "+") {
			return inner{script: &args[i], floor: worse(floor, pipeline.ClassExec)}
		}
		if strings.HasSuffix(args[i].text, "o") {
			return inner{opaque: "flags stand between -c and the script"}
		}
	}
	return inner{}
}

// join makes one script of several words, as eval, ssh and watch do.
func join(words []field) *field {
	f := field{}
	parts := make([]string, len(words))
	for i, w := range words {
		parts[i] = w.text
		f.dynamic = f.dynamic || w.dynamic || w.glob || w.number
		f.subst = f.subst || w.subst
	}
	f.text = strings.Join(parts, " ")
	return &f
}
