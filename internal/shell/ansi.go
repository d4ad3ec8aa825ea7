package shell

import (
	"strconv"
	"strings"
)

// ansi decodes the inside of $'…' as bash does. ok is false where the result
// holds what no argument should: control characters, NUL, bytes above ASCII.
func ansi(s string) (string, bool) {
	if !strings.Contains(s, `\`) {
		return s, true
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		switch c := s[i]; c {
		case 'n':
			b.WriteByte('\n')
		case 't':
			b.WriteByte('\t')
		case '\\', '\'', '"', '?':
			b.WriteByte(c)
		case 'x':
			n := digits(s[i+1:], 2, 16)
			if !writeCode(&b, s[i+1:i+1+n], 16) {
				return "", false
			}
			i += n
		case '0', '1', '2', '3', '4', '5', '6', '7':
			n := digits(s[i:], 3, 8)
			if !writeCode(&b, s[i:i+n], 8) {
				return "", false
			}
			i += n - 1
		default:
			return "", false
		}
	}
	return b.String(), true
}

func digits(s string, most, base int) int {
	n := 0
	for n < len(s) && n < most {
		if _, err := strconv.ParseUint(s[n:n+1], base, 8); err != nil {
			break
		}
		n++
	}
	return n
}

func writeCode(b *strings.Builder, digits string, base int) bool {
	v, err := strconv.ParseUint(digits, base, 16)
	if err != nil || v > 0x7e || v < 0x20 && v != '\n' && v != '\t' {
		return false
	}
	b.WriteByte(byte(v))
	return true
}
