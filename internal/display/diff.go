package display

import (
	"fmt"
	"strings"

	"ctpipe/internal/claude"

	"github.com/aymanbagabas/go-udiff"
)

// patch is a change of a file as a unified diff.
type patch struct {
	lines          []string
	added, removed int
	endings        string // what changed about line endings, or that they are CRLF
}

// diffable bounds what is compared line by line; beyond, all is old or new.
const diffable = 256 << 10

// patchOf is the diff of what the CLI says it changed.
func patchOf(hunks []claude.Hunk) patch {
	var p patch
	for _, h := range hunks {
		p.lines = append(p.lines, fmt.Sprintf("@@ -%d,%d +%d,%d @@", h.OldStart, h.OldLines, h.NewStart, h.NewLines))
		for _, line := range h.Lines {
			p.add(line)
		}
	}
	p.endOfLines()
	return p
}

// patchBetween is the diff of two pieces of text whose place is not known.
func patchBetween(old, new string) patch { return patchWithin(old, new, 3) }

// patchWithin is that diff with so many lines around each change.
func patchWithin(old, new string, around int) patch {
	var p patch
	if !strings.HasSuffix(old, "\n") && !strings.HasSuffix(new, "\n") {
		old, new = ended(old), ended(new)
	}
	edits := []udiff.Edit{{End: len(old), New: new}}
	if len(old)+len(new) <= diffable {
		edits = udiff.Lines(old, new)
	}
	diff, err := udiff.ToUnifiedDiff("", "", old, edits, around)
	if err != nil { // the edits are not ours: show all as old, then as new
		p.addAll("-", old)
		p.addAll("+", new)
	}
	for i, h := range diff.Hunks {
		if i > 0 {
			p.lines = append(p.lines, "@@ … @@")
		}
		for _, line := range h.Lines {
			p.addAll(map[udiff.OpKind]string{udiff.Delete: "-", udiff.Insert: "+"}[line.Kind], line.Content)
		}
	}
	p.endOfLines()
	return p
}

func ended(s string) string {
	if s == "" {
		return s
	}
	return s + "\n"
}

func (p *patch) addAll(mark, text string) {
	for line := range strings.Lines(text) {
		p.add(orElse(mark, " ") + strings.TrimSuffix(line, "\n"))
		if !strings.HasSuffix(line, "\n") {
			p.add(`\ No newline at the end`)
		}
	}
}

// add takes one line with its mark; without one it is context.
func (p *patch) add(line string) {
	line = strings.ReplaceAll(line, "\n", "↵")
	switch {
	case strings.HasPrefix(line, "+"):
		p.added++
	case strings.HasPrefix(line, "-"):
		p.removed++
	case !strings.HasPrefix(line, " ") && !strings.HasPrefix(line, `\`):
		line = " " + line
	}
	p.lines = append(p.lines, line)
}

// endOfLines looks at carriage returns: where every line has one they are
// left out and named once, where they come or go they stay visible.
func (p *patch) endOfLines() {
	var old, oldCR, new, newCR, all, allCR int
	for _, line := range p.lines {
		if strings.HasPrefix(line, "@@") || strings.HasPrefix(line, `\`) {
			continue
		}
		cr := 0
		if strings.HasSuffix(line, "\r") {
			cr = 1
		}
		all, allCR = all+1, allCR+cr
		switch line[0] {
		case '-':
			old, oldCR = old+1, oldCR+cr
		case '+':
			new, newCR = new+1, newCR+cr
		}
	}
	switch {
	case allCR == 0:
	case allCR == all:
		p.endings = "CRLF"
		for i, line := range p.lines {
			p.lines[i] = strings.TrimSuffix(line, "\r")
		}
	case old > 0 && oldCR == 0 && newCR == new:
		p.endings = "⚠️ line ends LF → CRLF"
	case new > 0 && newCR == 0 && oldCR == old:
		p.endings = "⚠️ line ends CRLF → LF"
	default:
		p.endings = "⚠️ mixed line ends"
	}
}

// counts is "+3 −1".
func (p patch) counts() string { return fmt.Sprintf("+%d −%d", p.added, p.removed) }

func (p patch) body(file string) body {
	return body{lang: "diff", text: strings.Join(p.lines, "\n"), lines: diffLines, file: file}
}
