package markdown

import "strings"

type lineKind uint8

const (
	lineProse  lineKind = iota
	lineCode            // certainly in a fence, or the fence itself
	lineUnsure          // one parser may take it for code and another for prose
)

// blocks follows a text line by line through its fences.
type blocks struct {
	fence  string // the open one's mark
	indent int    // and how far it is indented
	unsure bool   // from here on parsers may disagree
}

// enter says what the next line is.
func (b *blocks) enter(line string) lineKind {
	if b.unsure {
		return lineUnsure
	}
	mark, indent := leftFence(line)
	switch {
	case b.fence == "" && mark != "":
		b.fence, b.indent = mark, indent
		return lineCode
	case b.fence == "" && nestedFence(line):
		b.unsure = true
		return lineUnsure
	case b.fence == "":
		return lineProse
	case mark != "" && ClosesFence(line, b.fence):
		// Some want exactly the mark that opened it; and further left than a
		// list's text it closes nothing, but opens a new one.
		b.unsure = len(mark) > len(b.fence) || indent < b.indent
		b.fence = ""
		return lineCode
	case strings.TrimSpace(line) != "" && indentOf(line) < b.indent:
		b.unsure = true // in a list the fence has ended, elsewhere not
		return lineUnsure
	}
	return lineCode
}

// leftFence returns the mark of a fence at the left edge, up to three blanks
// in, where it is one for every parser. The same mark may close one.
func leftFence(line string) (mark string, indent int) {
	indent = indentOf(line)
	if indent > 3 || strings.HasPrefix(line[indent:], ">") {
		return "", 0
	}
	return FenceMark(line), indent
}

// nestedFence reports a line that opens a fence within a quote, a list item or
// an indented block, or does not, depending on who reads it.
func nestedFence(line string) bool {
	s := strings.TrimLeft(line, " \t>-+*0123456789.)")
	return len(s) < len(line) && (strings.HasPrefix(s, "```") || strings.HasPrefix(s, "~~~")) ||
		strings.HasPrefix(s, "```") // with a backtick behind: a span for some
}

// indentOf counts the blanks a line begins with; a tab counts as four, and
// ends the count.
func indentOf(line string) int {
	for i := range len(line) {
		switch line[i] {
		case ' ':
		case '\t':
			return 4
		default:
			return i
		}
	}
	return len(line)
}
