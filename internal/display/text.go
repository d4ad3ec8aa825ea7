package display

import (
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"ctpipe/internal/markdown"
	"ctpipe/internal/paginate"
)

// How long single things may be, in runes.
const (
	pathRunes  = 300
	inlineRune = 160 // of a command, an address or a pattern
	plainRunes = 300 // of a description or a reason
	nameRunes  = 80  // of a tool, a server, a model
)

var tickRuns = regexp.MustCompile("`{9,}")

// ticks counts long runs of backticks instead of showing them: a fence has to be
// longer than any of them.
func ticks(s string) string {
	return tickRuns.ReplaceAllStringFunc(s, func(run string) string { return fmt.Sprintf("⟨%d backticks⟩", len(run)) })
}

// code is foreign text as inline code of at most n runes, "" for none.
func code(s string, n int) string {
	if s == "" {
		return ""
	}
	return markdown.CodeSpan(ticks(shown(s, n)))
}

// plain is foreign text without markdown, in one line of at most n runes.
func plain(s string, n int) string { return markdown.Plain(shown(s, n)) }

// shown is at most n runes of what s looks like with what hides spelled out.
func shown(s string, n int) string { return paginate.Cut(markdown.Visible(paginate.Cut(s, n)), n) }

var blockStart = regexp.MustCompile(`^(\d*)([-+=.)])`)

// quoted is plain text in a quote of its own line, where it begins no list and
// no rule.
func quoted(s string, n int) string {
	return blockStart.ReplaceAllString(plain(s, n), `$1\$2`)
}

// orElse is s, or what to say if there is none.
func orElse(s, none string) string {
	if strings.TrimSpace(s) == "" {
		return none
	}
	return s
}

// normal is what a terminal was given, as lines: colours are left out, a bare
// carriage return begins a line.
func normal(text string) string {
	if strings.Contains(text, "\x1b[") {
		text = colours.ReplaceAllString(text, "")
	}
	if strings.Contains(text, "\r") {
		text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	}
	return text
}

var colours = regexp.MustCompile("\x1b\\[[0-9;:]*m")

// spelled is text as it may stand in a fence. Inert leaves lines of code as they
// are but for what is dangerous even there.
func spelled(text string) string {
	text = strings.ReplaceAll(text, "\r", `\u{D}`) // Inert would take one at the end for a line's
	fenced := markdown.Inert(markdown.Fence("", ticks(text)))
	_, body, _ := strings.Cut(fenced, "\n")
	return body[:max(0, strings.LastIndexByte(body, '\n'))]
}

// secs is a duration worth mentioning, with a blank in front.
func secs(d time.Duration) string {
	if d < 3*time.Second {
		return ""
	}
	return " (" + spoken(d) + ")"
}

// spoken is a duration as people say it, to the second.
func spoken(d time.Duration) string {
	d = max(d, 0).Truncate(time.Second)
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%dm %ds", int(d.Minutes()), int(d.Seconds())%60)
	}
	return fmt.Sprintf("%dh %dm", int(d.Hours()), int(d.Minutes())%60)
}

// Counted is a number of things: "1 line", "3 lines".
func Counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	if stem, ok := strings.CutSuffix(what, "ch"); ok {
		return fmt.Sprintf("%d %sches", n, stem)
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// bytesOf is a size in bytes as people say it.
func bytesOf(n int64) string {
	switch {
	case n < 1<<10:
		return Counted(int(n), "byte")
	case n < 1<<20:
		return fmt.Sprintf("%d KB", n>>10)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
}

// lineCount is how many lines a text has; a last newline begins none.
func lineCount(s string) int {
	if s == "" {
		return 0
	}
	n := strings.Count(s, "\n")
	if !strings.HasSuffix(s, "\n") {
		n++
	}
	return n
}

func runes(s string) int { return utf8.RuneCountInString(s) }
