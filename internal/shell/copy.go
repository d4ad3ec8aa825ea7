package shell

import (
	"path"
	"slices"
	"strings"

	"ctpipe/pipeline"
)

// copyValues are options of cp, mv, ln and install with a separate value.
const copyValues = " -S --suffix -m --mode -o --owner -g --group "

// classCopy: cp, mv, ln and install. Their target is the last operand, or
// stands in front of all (-t).
func classCopy(a *analyzer, k call, p *pipeline.Command, i int) {
	p.Class = pipeline.ClassWrite
	if strings.HasSuffix(p.Prog, "ln") {
		a.links = append(a.links, i)
	}
	var pos []field
	target, makesDirs := (*field)(nil), false
	inDir := false // the target is a directory for certain
	args := k.args()
	for n := 0; n < len(args); n++ {
		w := args[n]
		name, value, attached := strings.Cut(w.text, "=")
		switch {
		case w.text == "--":
			pos = append(pos, args[n+1:]...)
			n = len(args)
		case len(w.text) < 2 || w.text[0] != '-':
			pos = append(pos, w)
		case optionIs(w.text, "--target-directory") && attached:
			target = &field{text: value, glob: w.glob}
		case (optionIs(w.text, "--target-directory") || lettersWith(w.text, "t") && strings.HasSuffix(w.text, "t")) && n+1 < len(args):
			n++
			target = &args[n]
		case lettersWith(w.text, "t"):
			_, value, _ = strings.Cut(w.text[1:], "t")
			target = &field{text: value, glob: w.glob}
		case !attached && strings.Contains(copyValues, " "+name+" ") && (p.Prog == "install" || name == "-S" || name == "--suffix"):
			n++
		case attached:
			a.argPath(field{text: value, glob: w.glob}, Path{Cmd: i, Write: true}, k.sc)
		}
		makesDirs = makesDirs || p.Prog == "install" && (optionIs(w.text, "--directory") || optionIs(w.text, "-d"))
	}
	inDir = target != nil
	if target == nil && len(pos) > 1 && !makesDirs {
		target, pos = &pos[len(pos)-1], pos[:len(pos)-1]
	}
	if target == nil && p.Prog == "ln" {
		target, inDir = &field{text: "."}, true
	}
	for _, w := range pos {
		a.argPath(w, Path{Cmd: i, Write: p.Prog == "mv" || makesDirs || target == nil}, k.sc)
	}
	if target != nil {
		a.argPath(*target, Path{Cmd: i, Write: true}, k.sc)
		a.into(*target, pos, k, i, inDir)
	}
}

// lettersWith reports a cluster of flags that holds a letter; what follows one
// of copyValues is no flag.
func lettersWith(text, letter string) bool {
	return text[1] != '-' && strings.IndexByte("Smog", text[1]) < 0 && strings.Contains(text, letter)
}

// into records what appears in a target that is a directory. Whether it is one
// only the disk knows: what looks like one counts, and a name with a dot in
// front counts always, since that is how the files are called that programs obey.
func (a *analyzer) into(target field, from []field, k call, i int, dir bool) {
	dir = dir || strings.HasSuffix(target.text, "/") || path.Base(target.text) == "." || path.Base(target.text) == ".." || len(from) > 1
	for _, w := range from {
		base := path.Base(w.text)
		if w.glob || w.dynamic || target.dynamic || target.glob || base == "." || base == ".." || base == "/" || !dir && base[0] != '.' {
			continue
		}
		a.argPath(field{text: strings.TrimSuffix(target.text, "/") + "/" + base}, Path{Cmd: i, Write: true}, k.sc)
	}
}

// throughLink reports that the script names something behind a link that one of
// its own commands makes: whoever looks before it runs does not see the link.
func (a *analyzer) throughLink(made int) bool {
	for _, l := range a.f.Paths {
		if base := path.Base(l.Named); l.Cmd != made || !l.Write || l.Dir == "" || base == "." || base == ".." || strings.HasSuffix(l.Named, "/") {
			continue
		}
		link := joins(l.Dir, l.Named)
		for _, p := range a.f.Paths {
			full := joins(p.Dir, p.Named)
			if p.Cmd != made && (full == link || strings.HasPrefix(full, link+"/")) {
				return true
			}
		}
	}
	return false
}

// classRemoteCopy: scp and rsync, of which one side may be another machine.
func classRemoteCopy(a *analyzer, k call, p *pipeline.Command, i int) {
	p.Class = pipeline.ClassNet
	a.looseArgs(k, i, true)
	pos := slices.DeleteFunc(slices.Clone(k.args()), func(w field) bool { return strings.HasPrefix(w.text, "-") })
	if len(pos) > 1 && !strings.Contains(pos[len(pos)-1].text, ":") {
		a.into(pos[len(pos)-1], pos[:len(pos)-1], k, i, false)
	}
}

// unpacks records where a program puts files that only their archive or patch
// names; which ones they are is not known.
func (a *analyzer) unpacks(k call, i int, dirFlags ...string) {
	dir := field{text: "."}
	args := k.args()
	for n, w := range args {
		for _, f := range dirFlags {
			if w.text == f && n+1 < len(args) {
				dir = args[n+1]
			} else if v, ok := strings.CutPrefix(w.text, f); ok && v != "" {
				dir = field{text: strings.TrimPrefix(v, "=")}
			}
		}
	}
	a.argPath(dir, Path{Cmd: i, Write: true}, k.sc)
	if !k.sc.away {
		a.f.PathsKnown = false
	}
}

// unpacked looks for the programs that take files out of an archive or patch.
func (a *analyzer) unpacked(k call, i int) {
	args := k.args()
	first := ""
	if len(args) > 0 {
		first = strings.TrimPrefix(args[0].text, "-")
	}
	has := func(flags ...string) bool {
		return slices.ContainsFunc(args, func(w field) bool { return slices.Contains(flags, w.text) })
	}
	switch k.name() {
	case "tar", "gtar", "bsdtar":
		if !strings.HasPrefix(first, "-") && strings.Contains(first, "x") || has("--extract", "--get", "-x") || slices.ContainsFunc(args, func(w field) bool { return optionIs(w.text, "-x") }) {
			a.unpacks(k, i, "-C", "--directory")
		}
	case "unzip":
		if !has("-l", "-v", "-t", "-Z", "-p", "-z") {
			a.unpacks(k, i, "-d")
		}
	case "7z", "7za", "7zz", "unrar", "unar":
		if first != "l" && first != "t" && first != "a" {
			a.unpacks(k, i, "-o")
		}
	case "cpio", "pax":
		if slices.ContainsFunc(args, func(w field) bool {
			return optionIs(w.text, "-i") || optionIs(w.text, "-r") || optionIs(w.text, "--extract")
		}) {
			a.unpacks(k, i, "-D")
		}
	case "jar":
		if strings.Contains(first, "x") {
			a.unpacks(k, i, "-C")
		}
	case "patch":
		if !has("--dry-run") {
			a.unpacks(k, i, "-d", "--directory")
		}
	case "git":
		g := splitGit(args)
		only := slices.ContainsFunc(g.args, func(w field) bool {
			return slices.Contains([]string{"--check", "--stat", "--numstat", "--summary", "--abort", "--quit", "--skip", "--show-current-patch"}, w.text)
		})
		if (g.sub == "apply" || g.sub == "am") && !only {
			a.unpacks(k, i)
		}
	}
}
