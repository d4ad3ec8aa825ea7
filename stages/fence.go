package stages

import "strings"

// FenceMark returns the fence that a line opens, "" if it opens none: three or
// more backticks or tildes after any indentation, since a list may hold them.
func FenceMark(line string) string {
	s := strings.TrimLeft(line, " \t>")
	for _, c := range []string{"`", "~"} {
		n := len(s) - len(strings.TrimLeft(s, c))
		if n >= 3 && (c == "~" || !strings.Contains(strings.TrimRight(s[n:], "\r\n"), "`")) {
			return s[:n]
		}
	}
	return ""
}

// ClosesFence reports whether a line closes fence: at least as many of the same
// mark, and nothing behind.
func ClosesFence(line, fence string) bool {
	s := strings.TrimSpace(strings.TrimLeft(line, " \t>"))
	return len(s) >= len(fence) && strings.Trim(s, fence[:1]) == ""
}

// Fence puts text into a code block that it cannot leave (D2).
func Fence(lang, text string) string {
	mark := "```"
	for strings.Contains(text, mark) {
		mark += "`"
	}
	return mark + lang + "\n" + strings.TrimRight(text, "\n") + "\n" + mark
}

// CodeSpan puts a short text into inline code that it cannot leave; newlines
// are shown as ↵.
func CodeSpan(text string) string {
	text = strings.ReplaceAll(Visible(text), "\n", "↵")
	mark := "`"
	for strings.Contains(text, mark) {
		mark += "`"
	}
	if strings.HasPrefix(text, "`") || strings.HasSuffix(text, "`") || text == "" {
		text = " " + text + " "
	}
	return mark + text + mark
}
