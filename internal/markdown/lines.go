package markdown

import "strings"

// LineCount is how many lines a text has; a line break at its end begins none.
func LineCount(text string) int {
	n := strings.Count(text, "\n")
	if text != "" && !strings.HasSuffix(text, "\n") {
		n++
	}
	return n
}
