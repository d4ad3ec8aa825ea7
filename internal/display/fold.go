package display

import (
	"fmt"
	"math"
	"strings"

	"ctpipe/internal/markdown"
	"ctpipe/internal/paginate"
)

// How much of a body is shown.
const (
	outputLines  = 12
	diffLines    = 20
	previewLines = 6
	fullLines    = 400
	foldRunes    = 4000
	fullRunes    = 12000
	foldWidth    = 300
	fullWidth    = 2000
	wholeRunes   = 4 << 20 // of all bodies of a call
)

// body is foreign text that stands in a fence.
type body struct {
	lang  string
	title string // a line of ctpipe's own above it
	text  string
	lines int    // shown when folded and nothing else is asked
	tail  bool   // the end matters as much as the beginning
	full  bool   // shown only in Full
	file  string // what it is called as a file
}

// limits are lines, runes in all and runes a line.
func (b body) limits(o Options) (lines, all, width int) {
	switch {
	case o.verbosity() == Whole:
		return math.MaxInt32, o.room, math.MaxInt32
	case o.verbosity() == Full:
		return fullLines, min(fullRunes, o.room), fullWidth
	case o.MaxLines > 0:
		return min(o.MaxLines, fullLines), min(foldRunes, o.room), foldWidth
	}
	return b.lines, min(foldRunes, o.room), foldWidth
}

// fits reports whether nothing of the body has to be left out.
func (b body) fits(o Options) bool {
	_, _, left := b.fold(o)
	return left == 0
}

// show is the body as markdown, "" if there is nothing to show. What is left
// out is said outside the fence, where the text itself cannot say it.
func (b body) show(o Options) string {
	if strings.TrimSpace(b.text) == "" || b.full && o.verbosity() != Full && o.verbosity() != Whole {
		return ""
	}
	head, tail, left := b.fold(o)
	var out strings.Builder
	if b.title != "" {
		out.WriteString(b.title + "\n")
	}
	if left > 0 && o.verbosity() == File {
		fmt.Fprintf(&out, "📎 *%s, as a file*", Counted(lineCount(b.text), "line"))
		return out.String()
	}
	if len(head) > 0 {
		out.WriteString(markdown.Fence(b.lang, strings.Join(head, "\n")) + "\n")
	}
	if left > 0 {
		fmt.Fprintf(&out, "*… %s*\n", strings.Replace(Counted(left, "line"), " ", " more ", 1))
	}
	if len(tail) > 0 {
		out.WriteString(markdown.Fence(b.lang, strings.Join(tail, "\n")))
	}
	return strings.TrimRight(out.String(), "\n")
}

// fold picks the lines to show, and counts the others.
func (b body) fold(o Options) (head, tail []string, left int) {
	most, room, width := b.limits(o)
	all := strings.Split(strings.TrimRight(b.text, "\n"), "\n")
	if len(all) <= most+1 {
		most = len(all)
	}
	ends := 0
	if b.tail && most < len(all) {
		ends = most / 3
	}
	tail, room = take(reversed(all[len(all)-ends:]), room*ends/max(most, 1), room, width)
	tail = reversed(tail)
	head, _ = take(all[:most-ends], room, room, width)
	return head, tail, len(all) - len(head) - len(tail)
}

// take makes lines visible until budget runes are used up; it returns what of
// room is left then. The first line is taken if there is any room at all.
func take(lines []string, budget, room, width int) ([]string, int) {
	var out []string
	for _, line := range lines {
		line = visible(line, width)
		n := runes(line) + 1
		if n > budget && (len(out) > 0 || budget <= 0) {
			break
		}
		out, budget, room = append(out, line), budget-n, room-n
	}
	return out, room
}

// visible is one line as it is shown. Its width is bounded before and after
// what hides is spelled out.
func visible(line string, width int) string {
	short := paginate.Cut(spelled(paginate.Cut(line, width)), width)
	if len(short) < len(line) && strings.HasSuffix(short, "…") {
		short += fmt.Sprintf(" ⟨%d characters⟩", runes(line))
	}
	return short
}

func reversed(lines []string) []string {
	out := make([]string, 0, len(lines))
	for i := len(lines) - 1; i >= 0; i-- {
		out = append(out, lines[i])
	}
	return out
}
