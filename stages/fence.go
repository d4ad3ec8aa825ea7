package stages

import "strings"

// FenceMark returns the fence that a line opens, "" if it opens none: three or
// more backticks or tildes after any indentation, since a list may hold them.
func FenceMark(line string) string {
	s := strings.TrimLeft(line, " \t>")
	for _, c := range []string{"`", "~"} {
		n := len(s) - len(strings.TrimLeft(s, c))
		if n >= 3 && (c == "~" || !strings.Contains(s[n:], "`")) {
			return s[:n]
		}
	}
	return ""
}

// ClosesFence reports whether a line closes fence: at least as many of the same
// mark, and nothing behind.
func ClosesFence(line, fence string) bool {
	s := strings.TrimSpace(strings.TrimLeft(line, " \t>"))
	return fence != "" && len(s) >= len(fence) && strings.Trim(s, fence[:1]) == ""
}

// Fence puts text into a code block that it cannot leave (D2). Lang is one
// word; anything else in it is dropped.
func Fence(lang, text string) string {
	mark := strings.Repeat("`", max(3, longestTicks(text)+1))
	if strings.ContainsAny(lang, " \t\r\n`~") {
		lang = ""
	}
	return mark + lang + "\n" + strings.TrimRight(text, "\n") + "\n" + mark
}

// CodeSpan puts a short text into inline code that it cannot leave; newlines
// are shown as ↵.
func CodeSpan(text string) string {
	text = strings.ReplaceAll(Visible(text), "\n", "↵")
	mark := strings.Repeat("`", longestTicks(text)+1)
	if strings.HasPrefix(text, "`") || strings.HasSuffix(text, "`") || strings.TrimSpace(text) == "" {
		text = " " + text + " "
	}
	return mark + text + mark
}

// longestTicks is the length of the longest run of backticks.
func longestTicks(s string) int {
	longest := 0
	for {
		at := strings.IndexByte(s, '`')
		if at < 0 {
			return longest
		}
		n := tickRun(s[at:])
		longest, s = max(longest, n), s[at+n:]
	}
}
