package stages

import (
	"unicode"
	"unicode/utf8"
)

// marked puts a sign before a reason, unless it begins with one of its own.
func marked(reason string) string {
	if first, _ := utf8.DecodeRuneInString(reason); unicode.IsSymbol(first) {
		return reason
	}
	return "⛔ " + reason
}
