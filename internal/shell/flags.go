package shell

import "strings"

// spec is what is known about one program's command line. A flag that is not
// in it is not known to be harmless.
type spec struct {
	short  string // one letter flags without a value
	shortV string // one letter flags with a value
	shortP string // one letter flags with a file to read as value
	long   string // "name" without a value, "name=" with one, "name=?" with an attached one or none, "name=@" a file to read
	num    bool   // -5 is a flag
	args   string // roles of the operands, see role
	names  bool   // reads names and metadata, not content
	early  bool   // operands end the flags
}

// The roles of operands, one letter each; a trailing * repeats the last one.
const (
	roleText    = 't' // no path: a pattern, a format, a number
	roleRead    = 'r'
	roleWrite   = 'w'
	roleRecurse = 'R' // a directory read as a whole
)

// scan is a command line taken apart.
type scan struct {
	pos    []field // operands
	read   []field // values that are files to read
	bad    string  // the first flag that is not known harmless, or ""
	rest   []field // from that flag on, its own value included
	letter int     // where in bad the unknown letter stands; 0 for a long flag
	seen   []string
}

// scan splits args into flags and operands as getopt does.
func (s *spec) scan(args []field) scan {
	var r scan
	for i := 0; i < len(args); i++ {
		w := args[i].text
		switch {
		case w == "--":
			r.pos = append(r.pos, args[i+1:]...)
			return r
		case len(w) < 2 || w[0] != '-':
			if s.early {
				r.pos = append(r.pos, args[i:]...)
				return r
			}
			r.pos = append(r.pos, args[i])
			continue
		case args[i].glob:
			r.bad = w
		case s.num && allDigits(w[1:]):
			r.seen = append(r.seen, "-1")
			continue
		case w[1] == '-':
			i += s.longFlag(&r, args, i)
		default:
			i += s.shortFlags(&r, args, i)
		}
		if r.bad != "" {
			r.rest = args[min(i, len(args)-1):]
			return r
		}
	}
	return r
}

// longFlag handles --name and --name=value; it returns how many more words it took.
func (s *spec) longFlag(r *scan, args []field, i int) int {
	name, value, attached := strings.Cut(args[i].text[2:], "=")
	kind, ok := longKind(s.long, name)
	if !ok || attached && kind == "" {
		r.bad = "--" + name
		return 0
	}
	r.seen = append(r.seen, args[i].text[:2+len(name)])
	if kind == "=?" || kind == "" {
		return 0
	}
	took := 0
	v := field{text: value}
	if !attached {
		if i+1 >= len(args) || args[i+1].glob {
			r.bad = "--" + name
			return 0
		}
		took, v = 1, args[i+1]
	}
	if kind == "=@" {
		r.read = append(r.read, v)
	}
	return took
}

// longKind finds name in a list like "all lines= files0-from=@".
func longKind(list, name string) (string, bool) {
	for list != "" {
		var item string
		item, list, _ = strings.Cut(list, " ")
		if strings.HasPrefix(item, name) {
			switch kind := item[len(name):]; kind {
			case "", "=", "=?", "=@":
				return kind, name != ""
			}
		}
	}
	return "", false
}

// shortFlags handles a cluster like -rn5; it returns how many more words it took.
func (s *spec) shortFlags(r *scan, args []field, i int) int {
	w := args[i].text
	for j := 1; j < len(w); j++ {
		c := w[j]
		switch {
		case strings.IndexByte(s.short, c) >= 0:
			r.seen = append(r.seen, "-"+w[j:j+1])
		case strings.IndexByte(s.shortV, c) >= 0, strings.IndexByte(s.shortP, c) >= 0:
			r.seen = append(r.seen, "-"+w[j:j+1])
			took, v := 0, field{text: w[j+1:]}
			if j+1 == len(w) {
				if i+1 >= len(args) || args[i+1].glob {
					r.bad = w
					return 0
				}
				took, v = 1, args[i+1]
			}
			if strings.IndexByte(s.shortP, c) >= 0 {
				r.read = append(r.read, v)
			}
			return took
		default:
			r.bad, r.letter = w, j
			return 0
		}
	}
	return 0
}

// has reports whether one of the flags was seen.
func (r *scan) has(flags ...string) bool {
	for _, s := range r.seen {
		for _, f := range flags {
			if s == f {
				return true
			}
		}
	}
	return false
}

// role is the role of operand i, or 0 where there may be none.
func role(roles string, i int) byte {
	if roles == "" {
		return 0
	}
	star := strings.HasSuffix(roles, "*")
	if star {
		roles = roles[:len(roles)-1]
	}
	switch {
	case i < len(roles):
		return roles[i]
	case star:
		return roles[len(roles)-1]
	}
	return 0
}
