package shell

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// precheck refuses text that must not reach the parser, or that the parser and
// bash read differently. It returns why, or "".
func precheck(src string) string {
	if len(src) > maxBytes {
		return fmt.Sprintf("the command is %d bytes long; at most %d are analysed", len(src), maxBytes)
	}
	if why := strangeRune(src); why != "" {
		return why
	}
	if commentContinues(src) {
		return "a comment ends in a backslash, which shells and the parser read differently"
	}
	if tooDeep(src) {
		return fmt.Sprintf("the command is nested more than %d deep", maxDepth)
	}
	return ""
}

// commentContinues reports a line that may hold a comment and ends in a
// backslash. To a shell the comment ends there; to the parser it goes on, and
// the next line with it.
func commentContinues(src string) bool {
	for rest := src; ; {
		line, more, ok := strings.Cut(rest, "\\\n")
		if !ok {
			return false
		}
		line = line[strings.LastIndexByte(line, '\n')+1:]
		for i := range len(line) {
			if line[i] == '#' && (i == 0 || strings.IndexByte(" \t;&|()<>`{}", line[i-1]) >= 0) {
				return true
			}
		}
		rest = more
	}
}

// strangeRune finds what the parser and bash separate differently, and what a
// reader cannot see: the parser splits words at \r and drops NUL, bash does not.
func strangeRune(src string) string {
	for i, r := range src {
		if r >= 0x20 && r < 0x7f || r == '\t' || r == '\n' {
			continue
		}
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(src[i:], "\uFFFD"):
			return fmt.Sprintf("the command is not valid UTF-8 at byte %d", i)
		case unicode.IsControl(r):
			return fmt.Sprintf("the command has the control character %U at byte %d", r, i)
		case r > 0x7f && invisible(r):
			return fmt.Sprintf("the command has the invisible character %U at byte %d", r, i)
		}
	}
	return ""
}

// invisible reports spaces beyond ASCII, format characters and fillers.
func invisible(r rune) bool {
	switch {
	case unicode.IsSpace(r), unicode.In(r, unicode.Zs, unicode.Zl, unicode.Zp, unicode.Cf, unicode.Co):
		return true
	case r == 0x115f, r == 0x1160, r == 0x3164, r == 0xffa0, r == 0x2800, r == 0x034f:
		return true
	case r >= 0xfe00 && r <= 0xfe0f, r >= 0xe0100 && r <= 0xe01ef, r >= 0x180b && r <= 0x180f:
		return true
	}
	return false
}

// tooDeep counts openers without understanding quotes, which is cheap and
// bounds what the parser's recursion can cost.
func tooDeep(src string) bool {
	depth, word, command := 0, 0, true
	for i := 0; i <= len(src); i++ {
		if i < len(src) && isWordByte(src[i]) {
			continue
		}
		if word < i {
			n, still := keyword(src[word:i], command)
			depth, command = max(0, depth+n), still
		}
		word = i + 1
		if i == len(src) {
			break
		}
		switch src[i] {
		case '(', '{', '[':
			depth++
			command = true
		case ')', '}', ']':
			depth = max(0, depth-1)
			command = true
		case '\n', ';', '&', '|', '`', '!':
			command = true
		case ' ', '\t':
		default:
			command = false
		}
		if depth > maxDepth {
			return true
		}
	}
	return strings.Count(src, "`") > 2*maxDepth
}

// keyword says how a word changes the depth, and whether a command may follow.
// Words that are not where a command may stand are ordinary text.
func keyword(word string, command bool) (depth int, follows bool) {
	if !command {
		return 0, false
	}
	switch word {
	case "if", "while", "until", "time", "coproc":
		return 1, true
	case "for", "case", "select", "function":
		return 1, false
	case "fi", "done", "esac":
		return -1, true
	case "then", "else", "elif", "do", "in":
		return 0, true
	}
	return 0, false
}

func isWordByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_'
}
