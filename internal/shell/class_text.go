package shell

import (
	"regexp"
	"strings"

	"ctpipe/pipeline"
)

// sedSpec gives scripts as the values to read.
var sedSpec = spec{
	short: "nErsuz", shortV: "l", shortP: "e",
	long: "quiet silent regexp-extended expression=@ " +
		"separate unbuffered null-data posix debug",
	args: "r*",
}

// classSed: reading only where every command of the script is known to.
func classSed(a *analyzer, k call, p *pipeline.Command, i int) {
	args, inPlace := sedInPlace(k.args())
	r := sedSpec.scan(args)
	p.Class = pipeline.ClassRead
	scripts, files := r.read, r.pos
	if len(scripts) == 0 && len(files) > 0 {
		scripts = append(scripts, files[0])
		files = files[1:]
	}
	for _, s := range scripts {
		if s.glob || !harmlessSed(s.text) {
			p.Class = pipeline.ClassUnknown
			a.sedFiles(s.text, i, k.sc)
		}
	}
	switch {
	case inPlace:
		p.Class = pipeline.ClassWrite
	case r.bad != "" || len(scripts) == 0:
		p.Class = pipeline.ClassUnknown
	}
	for _, w := range files {
		a.argPath(w, Path{Cmd: i, Write: inPlace}, k.sc)
	}
	for _, w := range r.rest {
		if strings.HasPrefix(w.text, "-") {
			a.attached(w, Path{Cmd: i, Write: true}, k.sc)
			continue
		}
		a.argPath(w, Path{Cmd: i, Write: true}, k.sc)
	}
	if r.bad != "" && !harmlessBad(r.bad) {
		a.opaque("the option " + r.bad + " of sed may hide what it does")
	}
}

// harmlessBad reports flags of sed that only print.
func harmlessBad(flag string) bool { return flag == "--help" || flag == "--version" }

// sedInPlace takes -i and its suffix off.
func sedInPlace(args []field) (rest []field, inPlace bool) {
	for n := 0; n < len(args); n++ {
		w := args[n]
		if w.text == "--" {
			return append(rest, args[n:]...), inPlace
		}
		name, _, _ := strings.Cut(w.text, "=")
		at := -1
		if len(w.text) > 1 && w.text[0] == '-' && w.text[1] != '-' {
			if at = strings.IndexAny(w.text, "ielf"); at > 0 && w.text[at] != 'i' {
				at = -1 // the letters behind are a value
			}
		}
		switch {
		case len(name) > 3 && strings.HasPrefix("--in-place", name):
			inPlace = true
		case at > 0:
			inPlace = true
			if at == len(w.text)-1 && n+1 < len(args) && args[n+1].text == "" {
				n++ // BSD: -i ''
			}
			if w.text = w.text[:at]; len(w.text) > 1 {
				rest = append(rest, w)
			}
		default:
			rest = append(rest, w)
		}
	}
	return rest, inPlace
}

// sedFiles records what a script that is not known to be harmless does beside
// editing. In the replacement of s a delimiter in brackets is read in two ways,
// so a script that is not clear may do anything.
func (a *analyzer) sedFiles(script string, i int, sc scope) {
	s := readSed(script)
	for _, f := range s.files {
		a.argPath(field{text: f.name}, Path{Cmd: i, Write: f.write}, sc)
	}
	if s.runs || !s.clear {
		a.opaque("the sed script may start commands")
	}
}

var (
	sedPrint = regexp.MustCompile(`^(\d+|\$|/[^/\\;{}]*/)?(,(\d+|\$|\+\d+|/[^/\\;{}]*/))?!?[pdqQ=]?$`)
	sedFlags = regexp.MustCompile(`^[gpiI0-9]*$`)
)

// harmlessSed accepts scripts of print, delete, quit and substitute commands
// that can be read in only one way.
func harmlessSed(script string) bool {
	if oneSed(script) {
		return true
	}
	for _, part := range strings.FieldsFunc(script, func(r rune) bool { return r == ';' || r == '\n' }) {
		if !oneSed(strings.TrimSpace(part)) {
			return false
		}
	}
	return script != ""
}

func oneSed(s string) bool {
	if sedPrint.MatchString(s) {
		return s != ""
	}
	s = strings.TrimLeft(s, "0123456789,$")
	if len(s) < 4 || s[0] != 's' || strings.Contains(s, "\n") {
		return false
	}
	delim := s[1:2]
	if strings.ContainsAny(delim, `\ ;abcdefghijklmnopqrstuvwxyz`) || strings.Count(s[1:], delim) != 3 {
		return false
	}
	return sedFlags.MatchString(s[strings.LastIndex(s, delim)+1:])
}

var awkSpec = spec{shortV: "Fv", long: "field-separator= assign= re-interval", args: "tr*"}

// classAwk: reading only without a way to write or to start something.
func classAwk(a *analyzer, k call, p *pipeline.Command, i int) {
	r := a.applySpec(&awkSpec, k, p, i)
	if r.bad != "" {
		a.opaque("awk runs a program that the command line does not show")
		p.Class = pipeline.ClassExec
		return
	}
	if len(r.pos) == 0 || r.pos[0].glob || !harmlessAwk(r.pos[0].text) {
		p.Class = pipeline.ClassUnknown
	}
	if len(r.pos) > 0 && (strings.Contains(r.pos[0].text, "system") || strings.Contains(strings.ReplaceAll(r.pos[0].text, "||", ""), "|")) {
		p.Class = pipeline.ClassExec
		a.opaque("the awk program may start commands")
	}
	if len(r.pos) > 0 && awkFiles.MatchString(r.pos[0].text) {
		a.opaque("the awk program may read or write other files")
	}
}

// awkFiles finds print to a file, getline from one, and libraries.
var awkFiles = regexp.MustCompile(`print[^;}\n]*>|getline|@(load|include)|ARGV`)

func harmlessAwk(prog string) bool {
	text := strings.NewReplacer("||", "", ">=", "").Replace(prog)
	for _, bad := range []string{"system", "|", ">", "getline", "ENVIRON", "PROCINFO", "@", "close", "ARGV", "fflush", "extension"} {
		if strings.Contains(text, bad) {
			return false
		}
	}
	return true
}

var jqSpec = spec{
	short: "rcsneSMCajR",
	long: "raw-output compact-output slurp null-input " +
		"exit-status sort-keys monochrome-output color-output " +
		"ascii-output join-output raw-input tab indent=",
	args: "tr*",
}

// classJq: $ENV, env and import look beyond the input.
func classJq(a *analyzer, k call, p *pipeline.Command, i int) {
	words := []field{k.words[0]}
	args := k.args()
	for n := 0; n < len(args); n++ {
		if (args[n].text == "--arg" || args[n].text == "--argjson") && n+2 < len(args) {
			n += 2
			continue
		}
		words = append(words, args[n])
	}
	k.words = words
	r := a.applySpec(&jqSpec, k, p, i)
	if len(r.pos) > 0 {
		for _, bad := range []string{"env", "ENV", "import", "include", "input_filename", "getpath/1"} {
			if strings.Contains(r.pos[0].text, bad) {
				p.Class = pipeline.ClassUnknown
			}
		}
	}
}
