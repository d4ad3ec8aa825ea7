package shell

import (
	"regexp"
	"strings"

	"ctpipe/pipeline"
)

// sedSpec gives scripts as the values to read.
var sedSpec = spec{short: "nErsuz", shortV: "l", shortP: "e", long: "quiet silent regexp-extended expression=@ separate unbuffered null-data posix debug", args: "r*"}

// classSed: reading only where every command of the script is known to.
func classSed(a *analyzer, k call, p *pipeline.Command, i int) {
	r := sedSpec.scan(k.args())
	p.Class = pipeline.ClassRead
	scripts, files := r.read, r.pos
	if len(scripts) == 0 && len(files) > 0 {
		scripts = append(scripts, files[0])
		files = files[1:]
	}
	for _, s := range scripts {
		if s.glob || !harmlessSed(s.text) {
			p.Class = pipeline.ClassUnknown
		}
	}
	write := false
	if r.bad != "" || len(scripts) == 0 {
		p.Class = pipeline.ClassUnknown
		if strings.HasPrefix(r.bad, "-i") || strings.HasPrefix(r.bad, "--in-place") || strings.Contains(r.bad, "i") {
			p.Class, write = pipeline.ClassWrite, true
		}
	}
	for _, w := range files {
		a.argPath(w, Path{Cmd: i, Write: write}, k.sc)
	}
	for _, w := range r.rest {
		if !strings.HasPrefix(w.text, "-") {
			a.argPath(w, Path{Cmd: i, Write: true}, k.sc)
		}
	}
	for _, s := range scripts {
		if n := strings.LastIndex(s.text, "w "); n >= 0 && p.Class != pipeline.ClassRead {
			a.argPath(field{text: strings.TrimSpace(s.text[n+2:])}, Path{Cmd: i, Write: true}, k.sc)
		}
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
}

func harmlessAwk(prog string) bool {
	text := strings.NewReplacer("||", "", ">=", "").Replace(prog)
	for _, bad := range []string{"system", "|", ">", "getline", "ENVIRON", "PROCINFO", "@", "close", "ARGV", "fflush", "extension"} {
		if strings.Contains(text, bad) {
			return false
		}
	}
	return true
}

var jqSpec = spec{short: "rcsneSMCajR", long: "raw-output compact-output slurp null-input exit-status sort-keys monochrome-output color-output ascii-output join-output raw-input tab indent=", args: "tr*"}

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
