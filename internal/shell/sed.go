package shell

import "strings"

// sedFile is a file that a sed script names.
type sedFile struct {
	name  string
	write bool
}

// sedScript is what a sed script does beside editing its input.
type sedScript struct {
	files []sedFile
	runs  bool // the e command, or s with the flag e
	clear bool // every command was understood
}

// readSed takes a sed script apart, as GNU sed reads it. It stops at what it
// does not understand.
func readSed(script string) sedScript {
	var out sedScript
	s := script
	for s != "" {
		s = strings.TrimLeft(s, " \t\n;{}")
		if s == "" {
			break
		}
		if s[0] == '#' {
			_, s, _ = strings.Cut(s, "\n")
			continue
		}
		rest, ok := sedAddress(s)
		if !ok || rest == "" {
			return out
		}
		if s, ok = out.command(rest[0], rest[1:]); !ok {
			return out
		}
	}
	out.clear = true
	return out
}

// sedAddress skips one or two addresses and !.
func sedAddress(s string) (rest string, ok bool) {
	for range 2 {
		switch {
		case s == "":
			return "", false
		case s[0] == '/' || s[0] == '\\' && len(s) > 1:
			delim := s[0]
			if delim == '\\' {
				delim, s = s[1], s[1:]
			}
			_, after, found := sedUntil(s[1:], delim)
			if !found {
				return "", false
			}
			s = strings.TrimLeft(after, "IM")
		default:
			s = strings.TrimLeft(s, "0123456789$~+")
		}
		s = strings.TrimLeft(s, " \t")
		if !strings.HasPrefix(s, ",") {
			break
		}
		s = strings.TrimLeft(s[1:], " \t")
	}
	return strings.TrimLeft(s, "! \t"), true
}

// command handles one command and returns what follows it.
func (out *sedScript) command(c byte, s string) (rest string, ok bool) {
	line, after, _ := strings.Cut(s, "\n")
	switch c {
	case 'w', 'W', 'r', 'R':
		out.files = append(out.files, sedFile{strings.TrimSpace(line), c == 'w' || c == 'W'})
		return after, true
	case 'e':
		out.runs = true
		return after, true
	case 's', 'y':
		return out.substitute(c, s)
	case 'a', 'i', 'c':
		for strings.HasSuffix(line, `\`) {
			line, after, _ = strings.Cut(after, "\n")
		}
		return after, true
	case 'b', 't', 'T', ':', 'q', 'Q', 'l', 'L', 'v':
		if end := strings.IndexAny(s, ";\n}"); end >= 0 {
			return s[end:], true
		}
		return "", true
	case '{', '}', '=', 'd', 'D', 'g', 'G', 'h', 'H', 'n', 'N', 'p', 'P', 'x', 'z', 'F':
		return s, true
	}
	return "", false
}

// substitute handles s/a/b/flags and y/a/b/.
func (out *sedScript) substitute(c byte, s string) (rest string, ok bool) {
	if s == "" || s[0] == '\\' || s[0] == '\n' {
		return "", false
	}
	delim := s[0]
	_, s, ok = sedUntil(s[1:], delim)
	if ok {
		_, s, ok = sedUntil(s, delim)
	}
	if !ok || c == 'y' {
		return s, ok
	}
	for s != "" {
		switch f := s[0]; {
		case strings.IndexByte("gpiImM0123456789", f) >= 0:
		case f == 'e':
			out.runs = true
		case f == 'w':
			line, after, _ := strings.Cut(s[1:], "\n")
			out.files = append(out.files, sedFile{strings.TrimSpace(line), true})
			return after, true
		default:
			return s, true
		}
		s = s[1:]
	}
	return "", true
}

// sedUntil finds the next delimiter that is neither escaped nor in brackets.
func sedUntil(s string, delim byte) (before, after string, ok bool) {
	set := false
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\':
			i++
		case s[i] == '[' && !set:
			set = strings.IndexByte(s[i+1:], ']') >= 0
			if set && i+1 < len(s) && (s[i+1] == ']' || s[i+1] == '^') {
				i++
				if i+1 < len(s) && s[i] == '^' && s[i+1] == ']' {
					i++
				}
			}
		case s[i] == ']':
			set = false
		case s[i] == delim && !set:
			return s[:i], s[i+1:], true
		}
	}
	return "", "", false
}
