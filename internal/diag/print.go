package diag

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Sources gives the text of a file by its name in Finding.File.
type Sources map[string][]byte

const (
	tabWidth  = 4
	maxShown  = 160 // cells of a source line that are printed
	leadCells = 60  // of them, before the fault, when the line is cut
)

// Print writes every finding: its line, then, if the source is known, the
// source line and a caret under the fault.
func Print(w io.Writer, findings []Finding, sources Sources) error {
	for _, f := range findings {
		if _, err := io.WriteString(w, Format(f, sources)); err != nil {
			return fmt.Errorf("printing findings: %w", err)
		}
	}
	return nil
}

// Format is one finding as Print writes it, with its final newline.
func Format(f Finding, sources Sources) string {
	var b strings.Builder
	b.WriteString(f.String())
	b.WriteByte('\n')
	line, ok := sourceLine(sources[f.File], f.Line)
	if !ok || f.Col <= 0 {
		return b.String()
	}
	shown, carets := mark(line, f.Col, max(f.Len, 1))
	fmt.Fprintf(&b, "%5d | %s\n", f.Line, shown)
	fmt.Fprintf(&b, "      | %s\n", carets)
	return b.String()
}

// JSON writes the findings as one JSON array, an empty one when there are none.
func JSON(w io.Writer, findings []Finding) error {
	if findings == nil {
		findings = []Finding{}
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(findings); err != nil {
		return fmt.Errorf("writing findings: %w", err)
	}
	return nil
}

func sourceLine(src []byte, line int) (string, bool) {
	if src == nil || line <= 0 {
		return "", false
	}
	text := strings.TrimPrefix(string(src), "\ufeff")
	for n := 1; n < line; n++ {
		_, rest, ok := strings.Cut(text, "\n")
		if !ok {
			return "", false
		}
		text = rest
	}
	text, _, _ = strings.Cut(text, "\n")
	return strings.TrimSuffix(text, "\r"), true
}

// mark renders a source line safely and draws carets under length characters
// from column col (1-based, in characters). Both strings are cut to the same
// window where the line is long.
func mark(line string, col, length int) (shown, carets string) {
	var cells []string // one entry per character: what is printed for it
	var widths []int
	at := 0
	for i := 0; i < len(line); {
		r, size := utf8.DecodeRuneInString(line[i:])
		text, width := cell(r, size, line[i], at)
		cells, widths = append(cells, text), append(widths, width)
		at += width
		i += size
	}
	from := min(col-1, len(cells))
	to := min(from+length, len(cells))
	start, cutLeft := window(widths, from)
	var b, c strings.Builder
	used := 0
	if cutLeft {
		b.WriteString("… ")
		c.WriteString("  ")
	}
	for i := start; i < len(cells); i++ {
		if used += widths[i]; used > maxShown {
			b.WriteString(" …")
			break
		}
		b.WriteString(cells[i])
		switch {
		case i < from:
			c.WriteString(strings.Repeat(" ", widths[i]))
		case i < to:
			c.WriteString(strings.Repeat("^", widths[i]))
		}
	}
	if from >= to {
		c.WriteByte('^')
	}
	return b.String(), c.String()
}

// window picks the first character to print so that the fault stays in view.
func window(widths []int, from int) (start int, cut bool) {
	total := 0
	for _, w := range widths {
		total += w
	}
	if total <= maxShown {
		return 0, false
	}
	before := 0
	for start = from; start > 0 && before+widths[start-1] <= leadCells; start-- {
		before += widths[start-1]
	}
	return start, start > 0
}

// cell is what is printed for one character, and how many columns it takes.
func cell(r rune, size int, first byte, at int) (string, int) {
	switch {
	case r == '\t':
		n := tabWidth - at%tabWidth
		return strings.Repeat(" ", n), n
	case r == utf8.RuneError && size == 1:
		s := fmt.Sprintf(`\x%02x`, first)
		return s, len(s)
	case hidden(r):
		s := escape(r)
		return s, len(s)
	}
	return string(r), width(r)
}

// hidden reports characters that would move the cursor, change the direction
// of the text or not be seen at all.
func hidden(r rune) bool {
	if r == ' ' {
		return false
	}
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Zl, r) ||
		unicode.Is(unicode.Zp, r) || unicode.Is(unicode.Co, r) || unicode.Is(unicode.Zs, r) && r != '\u3000'
}

func escape(r rune) string {
	if r < 0x80 {
		return fmt.Sprintf(`\x%02x`, r)
	}
	return `\u{` + strconv.FormatInt(int64(r), 16) + `}`
}

// safe makes a whole message printable; line breaks become ⏎ so that a finding
// stays one line.
func safe(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return hidden(r) || r == utf8.RuneError }) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == '\n':
			b.WriteString("⏎")
		case r == '\t':
			b.WriteByte(' ')
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case hidden(r):
			b.WriteString(escape(r))
		default:
			b.WriteRune(r)
		}
		i += size
	}
	return b.String()
}
