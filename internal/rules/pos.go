package rules

import (
	"sort"
	"strings"
	"unicode/utf8"
)

// Pos is a place in rules.toml: line and column count from 1, columns and
// length in characters. The zero Pos is "not known".
type Pos struct{ Line, Col, Len int }

// lines turns byte offsets into places.
type lines struct {
	src    string
	starts []int
}

func newLines(src string) *lines {
	l := &lines{src: src, starts: []int{0}}
	for i := 0; i < len(src); i++ {
		if src[i] == '\n' {
			l.starts = append(l.starts, i+1)
		}
	}
	return l
}

// pos is the place of a span; a span over several lines is cut at the first.
func (l *lines) pos(sp span) Pos {
	from := min(max(sp.from, 0), len(l.src))
	to := min(max(sp.to, from), len(l.src))
	line := sort.SearchInts(l.starts, from+1) - 1
	text := l.src[from:to]
	if cut := strings.IndexByte(text, '\n'); cut >= 0 {
		text = strings.TrimSuffix(text[:cut], "\r")
	}
	return Pos{
		Line: line + 1,
		Col:  utf8.RuneCountInString(l.src[l.starts[line]:from]) + 1,
		Len:  max(utf8.RuneCountInString(text), 1),
	}
}
