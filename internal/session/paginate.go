package session

import (
	"strings"
	"unicode/utf8"

	"ctpipe/stages"
)

// fenceRoom is kept free on every page for closing a code fence and opening
// it again on the next.
const fenceRoom = 160

// paginate splits text into posts of at most limit runes. Where a page ends
// depends only on what is before that point, so that the first pages of a
// growing text stay as they are. A code fence that is cut is closed and opened
// again with its language.
func paginate(text string, limit int) []string {
	var pages []string
	open := "" // the line that opens the fence we are in
	for text != "" {
		head := ""
		if open != "" {
			head = open + "\n"
		}
		if utf8.RuneCountInString(head)+utf8.RuneCountInString(text) <= limit {
			return append(pages, head+text)
		}
		cut := breakAt(text, limit-fenceRoom-utf8.RuneCountInString(head))
		page := text[:cut]
		text = strings.TrimPrefix(text[cut:], "\n")
		open = openFence(open, page)
		page = head + strings.TrimRight(page, "\n")
		if open != "" {
			page += "\n" + fenceOf(open)
		}
		pages = append(pages, page)
	}
	return pages
}

// breakAt finds where to cut: at most n runes in, at the best place of the
// last third. Never 0, so that every page carries text.
func breakAt(text string, n int) int {
	most := byteOf(text, max(n, 1))
	window := text[:most]
	least := byteOf(text, n*2/3)
	for _, sep := range []string{"\n# ", "\n## ", "\n### ", "\n\n", "\n"} {
		if i := strings.LastIndex(window, sep); i >= least && i > 0 && !insideTable(window, i) {
			return i + 1
		}
	}
	if i := strings.LastIndexByte(window, '\n'); i > 0 && i >= least {
		return i + 1
	}
	if i := strings.LastIndexByte(window, ' '); i > 0 && i >= least {
		return i + 1
	}
	return most
}

// insideTable reports that a cut at the newline i would part a table's head
// from its first row.
func insideTable(s string, i int) bool {
	start := strings.LastIndexByte(s[:i], '\n') + 1
	before := strings.TrimSpace(s[start:i])
	after, _, _ := strings.Cut(s[i+1:], "\n")
	rule := func(line string) bool {
		return strings.Contains(line, "-") && strings.Trim(line, "|-: ") == ""
	}
	return strings.HasPrefix(before, "|") && (rule(before) || rule(strings.TrimSpace(after)))
}

// byteOf is the byte offset of rune n, or the length of s.
func byteOf(s string, n int) int {
	if n >= len(s) {
		return len(s)
	}
	for i := range s {
		if n == 0 {
			return i
		}
		n--
	}
	return len(s)
}

// openFence returns the line of the fence that is open at the end of page,
// given the one open at its beginning; "" if none is.
func openFence(open, page string) string {
	for line := range strings.Lines(page) {
		switch {
		case open == "" && stages.FenceMark(line) != "":
			open = strings.TrimRight(line, "\r\n")
			if utf8.RuneCountInString(open) > fenceRoom/2 {
				open = stages.FenceMark(line)
			}
		case open != "" && stages.ClosesFence(line, stages.FenceMark(open)):
			open = ""
		}
	}
	return open
}

// fenceOf is the closing line for an opening one, with its indentation.
func fenceOf(open string) string {
	mark := stages.FenceMark(open)
	return open[:strings.Index(open, mark)] + mark
}
