package markdown

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

// ClosesFence reports whether a line closes the fence that open, its first line
// or its mark, began: in as many quotes, at least as many of the same mark, not
// indented like code, and nothing behind.
func ClosesFence(line, open string) bool {
	mark := FenceMark(open)
	if mark == "" {
		return false
	}
	depth, indent, s := quoted(line)
	inside, least, _ := quoted(open)
	s = strings.TrimRight(s, " \t\r\n")
	return depth == inside && indent <= least+3 && len(s) >= len(mark) && strings.Trim(s, mark[:1]) == ""
}

// FenceAfter returns the first line of the fence that is open behind a line,
// given the one that is open before it; "" is none. A fence in a quote ends
// with the quote.
func FenceAfter(open, line string) string {
	if open != "" {
		depth, _, _ := quoted(line)
		inside, _, _ := quoted(open)
		switch {
		case depth < inside:
		case ClosesFence(line, open):
			return ""
		default:
			return open
		}
	}
	if FenceMark(line) == "" {
		return ""
	}
	return strings.TrimRight(line, " \t\r\n")
}

// FenceEnd is the line that closes the fence of an opening one, in its quotes
// and with its indentation.
func FenceEnd(open string) string {
	mark := FenceMark(open)
	return open[:strings.Index(open, mark)] + mark
}

// quoted takes the quote marks off a line: how many they are, how far what
// follows is indented, and that.
func quoted(line string) (depth, indent int, rest string) {
	for rest = line; ; rest = rest[1:] {
		switch {
		case strings.HasPrefix(rest, ">"):
			depth, indent = depth+1, -1 // a blank behind it belongs to it
		case strings.HasPrefix(rest, " "):
			indent++
		case strings.HasPrefix(rest, "\t"):
			indent += 4
		default:
			return depth, max(indent, 0), rest
		}
	}
}

// Fence puts text into a code block that it cannot leave: the fence is longer
// than every run of backticks in it. Lang is one word; otherwise it is dropped.
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
