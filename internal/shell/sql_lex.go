package shell

import "strings"

// sqlTokens splits SQL into upper-case words and single signs; literals become
// one sign each, comments vanish. ok is false where a literal or comment does
// not end, or where dialects read the text differently.
func sqlTokens(s string) (tokens []string, ok bool) {
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
		case strings.HasPrefix(s[i:], "--"), c == '#':
			n := strings.IndexByte(s[i:], '\n')
			if n < 0 {
				return tokens, c != '#'
			}
			if c == '#' {
				return tokens, false // a comment only in some dialects
			}
			i += n
		case strings.HasPrefix(s[i:], "/*"):
			n := strings.Index(s[i+2:], "*/")
			if n < 0 || strings.HasPrefix(s[i:], "/*!") || strings.Contains(s[i+2:i+2+n], "/*") {
				return tokens, false // code in comments, and nesting, differ by dialect
			}
			i += n + 4
		case c == '\'' || c == '"' || c == '`':
			n := quotedEnd(s[i:], c)
			if n < 0 {
				return tokens, false
			}
			tokens = append(tokens, string(c))
			i += n
		case c == '$' && i+1 < len(s) && !(s[i+1] >= '0' && s[i+1] <= '9'):
			return tokens, false // dollar quotes hide statements
		case sqlWordByte(c) || c == '\\' || c == '.':
			j := i + 1
			for j < len(s) && (sqlWordByte(s[j]) || c == '\\' && s[j] > ' ') {
				j++
			}
			tokens = append(tokens, strings.ToUpper(s[i:j]))
			i = j
		default:
			tokens = append(tokens, string(c))
			i++
		}
	}
	return tokens, true
}

// quotedEnd finds the end of a literal; a backslash in it is read differently
// by different servers.
func quotedEnd(s string, quote byte) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			return -1
		case quote:
			if i+1 < len(s) && s[i+1] == quote {
				i++
				continue
			}
			return i + 1
		}
	}
	return -1
}

func sqlWordByte(c byte) bool {
	return isWordByte(c) || c >= 0x80
}
