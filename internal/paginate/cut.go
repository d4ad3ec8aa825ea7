package paginate

import (
	"fmt"
	"unicode/utf8"
)

// Cut keeps at most n runes of a text and marks a cut with an ellipsis.
func Cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for i := range s {
		if n == 0 {
			return s[:i] + "…"
		}
		n--
	}
	return s
}

// CutMark says that n more characters are not shown.
func CutMark(n int) string {
	return fmt.Sprintf("\n⚠️ **cut: %d more characters are not shown**", n)
}

// Fit keeps a text within limit runes. A cut closes what it leaves open, and
// says so.
func Fit(text string, limit int) string {
	n := utf8.RuneCountInString(text)
	if n <= limit {
		return text
	}
	const mark = 400 // for the closing of a fence and the mark
	keep := max(limit-mark, 0)
	head, _ := Last(text[:byteOf(text, keep)], "", limit)
	return head + "\n" + CutMark(n-keep)
}
