package pipeline

import (
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Branch is a line of a tree that explains a run: cells that stand below those
// of its siblings, and what belongs under it.
type Branch struct {
	Cells []string
	Kids  []Branch
}

// WriteTree writes a tree for a terminal. The root's cells are separated by two
// blanks; below it the columns of siblings are aligned. Characters that would
// not be seen, or would move the cursor, are shown as �.
func WriteTree(w io.Writer, root Branch) error {
	var b strings.Builder
	b.WriteString(strings.TrimRight(strings.Join(visible(root.Cells), "  "), " ") + "\n")
	writeKids(&b, root.Kids, "")
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("writing the trace: %w", err)
	}
	return nil
}

func writeKids(b *strings.Builder, kids []Branch, indent string) {
	widths := columns(kids)
	for i, kid := range kids {
		mark, below := "├ ", "│ "
		if i == len(kids)-1 {
			mark, below = "└ ", "  "
		}
		line := indent + mark
		for c, cell := range visible(kid.Cells) {
			line += cell
			if c < len(kid.Cells)-1 {
				line += strings.Repeat(" ", max(widths[c]-utf8.RuneCountInString(cell), 0)+2)
			}
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
		writeKids(b, kid.Kids, indent+below)
	}
}

// wideCell is how far a column is aligned; longer cells push the rest.
const wideCell = 32

func columns(kids []Branch) []int {
	var widths []int
	for _, kid := range kids {
		for c, cell := range visible(kid.Cells) {
			if c == len(widths) {
				widths = append(widths, 0)
			}
			if n := utf8.RuneCountInString(cell); n <= wideCell {
				widths[c] = max(widths[c], n)
			}
		}
	}
	return widths
}

func visible(cells []string) []string {
	out := make([]string, len(cells))
	for i, cell := range cells {
		out[i] = strings.Map(func(r rune) rune {
			switch {
			case r == '\n':
				return '⏎'
			case r == utf8.RuneError || r != ' ' && (unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)):
				return '�'
			}
			return r
		}, cell)
	}
	return out
}
