// Package paginate splits text into posts that the chat server takes, without
// breaking its markdown.
package paginate

import (
	"strings"
	"unicode/utf8"

	"ctpipe/internal/markdown"
)

// fenceRoom is kept free on every page for closing a code fence; longestFence
// bounds the line that opens it again on the next page.
const (
	fenceRoom    = 160
	longestFence = 80
)

// Pages splits text into posts of at most limit runes. Where a page ends
// depends only on what is before that point, so that the first pages of a
// growing text stay as they are. A code fence that is cut is closed and opened
// again with its language. At a cut, line breaks may be left out, and nothing
// else.
func Pages(text string, limit int) []string {
	var pages []string
	open := "" // the line that opens the fence we are in
	for strings.Trim(text, "\n") != "" {
		if last, ok := Last(text, open, limit); ok {
			return append(pages, last)
		}
		page, rest, next := First(text, open, limit)
		if page != "" {
			pages = append(pages, page)
		}
		text, open = rest, next
	}
	return pages
}

// Last is all that is left, if it fits: with room for closing a fence,
// whether it has one or not, so that text which grows never fits again.
func Last(text, open string, limit int) (string, bool) {
	page := withHead(open, text)
	if utf8.RuneCountInString(page) > limit-min(fenceRoom, limit/4) {
		return "", false
	}
	if still := openFence(open, text); still != "" {
		page = strings.TrimRight(page, "\n") + "\n" + markdown.FenceEnd(still)
	}
	return page, utf8.RuneCountInString(page) <= limit
}

// First cuts a page off. Fences that are no less than a page themselves are
// not kept up: every page carries some of the text.
func First(text, open string, limit int) (page, rest, next string) {
	room := min(fenceRoom, limit/4)
	head := utf8.RuneCountInString(withHead(open, ""))
	cut := breakAt(text[:byteOf(text, limit-head)], limit-room-head)
	body := text[:cut]
	rest, next = strings.TrimPrefix(text[cut:], "\n"), openFence(open, body)
	if next == "" {
		rest = strings.TrimLeft(rest, "\n")
	}
	body = strings.TrimRight(body, "\n")
	if body == "" {
		return "", rest, next
	}
	page = withHead(open, body)
	if next != "" {
		page += "\n" + markdown.FenceEnd(next)
	}
	if utf8.RuneCountInString(page) > limit {
		cut = byteOf(text, limit)
		return text[:cut], text[cut:], ""
	}
	return page, rest, next
}

func withHead(open, body string) string {
	if open == "" {
		return body
	}
	return open + "\n" + body
}

// breakAt finds where to cut: at most n runes in, at the best place of the
// last third. Never 0, so that every page carries text. What text has beyond
// n is looked at, but not taken.
func breakAt(text string, n int) int {
	most := byteOf(text, max(n, 1))
	window := text[:most]
	least := max(byteOf(text, n*2/3), 1)
	for _, sep := range []string{"\n# ", "\n## ", "\n### ", "\n\n", "\n"} {
		for i := strings.LastIndex(window, sep); i >= least; i = strings.LastIndex(window[:i], sep) {
			if !insideTable(text, i) {
				return i + 1
			}
		}
	}
	if i := strings.LastIndexByte(window, ' '); i >= least {
		return i + 1
	}
	for at := most; at > least && at < len(text); at-- {
		if strings.IndexByte("`~", text[at]) < 0 || text[at-1] != text[at] {
			if utf8.RuneStart(text[at]) {
				return at
			}
		}
	}
	return most
}

// insideTable reports that a cut at the newline i would part a table's head
// from its rule, or the rule from its first row.
func insideTable(s string, i int) bool {
	start := strings.LastIndexByte(s[:i], '\n') + 1
	before := strings.TrimSpace(s[start:i])
	after, _, _ := strings.Cut(s[i+1:], "\n")
	rule := func(line string) bool {
		return strings.Contains(line, "-") && strings.Contains(line, "|") && strings.Trim(line, "|-: ") == ""
	}
	return strings.Contains(before, "|") && (rule(before) || rule(strings.TrimSpace(after)))
}

// byteOf is the byte offset of rune n, or the length of s.
func byteOf(s string, n int) int {
	if n >= len(s) {
		return len(s)
	}
	for i := range s {
		if n <= 0 {
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
		if next := markdown.FenceAfter(open, line); next != open {
			open = reopening(next)
		}
	}
	return open
}

// reopening is the line that opens a line's fence again, "" if it opens none:
// without what stands behind the mark if that is long. A mark that is itself
// as long as a line of text is taken for text.
func reopening(line string) string {
	mark := markdown.FenceMark(line)
	open := strings.TrimRight(line, " \t\r\n")
	switch {
	case mark == "":
		return ""
	case utf8.RuneCountInString(open) <= longestFence:
		return open
	}
	open = open[:strings.Index(open, mark)] + mark
	if utf8.RuneCountInString(open) > longestFence {
		return ""
	}
	return open
}
