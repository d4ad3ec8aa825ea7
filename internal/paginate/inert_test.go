package paginate

import (
	"ctpipe/internal/markdown"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	gmtext "github.com/yuin/goldmark/text"
	"pgregory.net/rapid"
)

var (
	commonMark = goldmark.New(goldmark.WithExtensions(extension.Table, extension.Strikethrough))
	someone    = regexp.MustCompile(`(^|[^\pL\pN])@[\pL\pN]`)
	everyone   = regexp.MustCompile(`(?i)@(all|channel|here)\b`)
)

// acts returns what of a post would ping somebody or load something, as a
// CommonMark parser reads it; "" is nothing.
func acts(post string) string {
	if m := everyone.FindString(post); m != "" {
		return m
	}
	source, found := []byte(post), ""
	_ = ast.Walk(commonMark.Parser().Parse(gmtext.NewReader(source)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.FencedCodeBlock, *ast.CodeSpan, *ast.CodeBlock:
			return ast.WalkSkipChildren, nil
		case *ast.Image:
			found = "an image"
		case *ast.Link:
			found = "a masked link"
		case *ast.Text:
			if m := someone.FindString(string(n.Segment.Value(source))); m != "" {
				found = m
			}
		}
		return ast.WalkContinue, nil
	})
	return found
}

// wild is text as it is fought with, in pieces that put cuts into awkward places.
func wild(t *rapid.T) string {
	piece := rapid.SampledFrom([]string{"@all", "@here ", "@bo", "ana@bo.example ", "`npm i @bo/x` ", "`", "``", "```go\n", "\n```\n", "\n~~~\n", "\n", "\n\n", "> ",
		"- ", "    ", "[a](http://e.x) ", "![i](http://e.x/?q) ", "\\", "|", "字", "🙂", "word ", "\n# head\n", "\n| a | b |\n|--|--|\n| 1 | 2 |\n",
		strings.Repeat("x", 90), strings.Repeat("@bo ", 60), "`" + strings.Repeat("@bo ", 200) + "`", "`" + strings.Repeat("a@bo", 150) + "`", "\n> ```\n", "\n````\n"})
	return strings.Join(rapid.SliceOfN(piece, 0, 40).Draw(t, "pieces"), "")
}

// TestPagesAreInert covers D5, D6, D7 and SEC-12 across a split: wherever a page
// ends, nobody is pinged and nothing is loaded, no page is over the limit, and
// no word is lost.
func TestPagesAreInert(t *testing.T) {
	words := func(s string) string {
		return strings.Map(func(r rune) rune {
			if strings.ContainsRune("abinoxword字🙂", r) {
				return r
			}
			return -1
		}, s)
	}
	rapid.Check(t, func(t *rapid.T) {
		text := markdown.Inert(wild(t))
		limit := rapid.IntRange(200, 900).Draw(t, "limit")
		pages := Inert(text, limit)
		for i, page := range pages {
			if n := utf8.RuneCountInString(page); n > limit {
				t.Fatalf("page %d has %d runes, limit %d", i, n, limit)
			}
			if what := acts(page); what != "" {
				t.Fatalf("page %d of %d: %s in\n%s", i, len(pages), what, page)
			}
		}
		if strings.Contains(text, "```") || strings.Contains(text, "~~~") {
			return // a page opens its fence again, with what stands behind the mark
		}
		if got, want := words(strings.Join(pages, "")), words(text); got != want {
			t.Fatalf("words are lost or doubled:\n%q\n%q", got, want)
		}
	})
}

// TestMentionAtTheCut covers D7: a mention that the end of a page parts from
// what made it harmless.
func TestMentionAtTheCut(t *testing.T) {
	for _, text := range []string{"ana@bo.example", "`npm i @bo/x`", "@all", "x@here", "`@channel`"} {
		for pad := 280; pad < 420; pad++ {
			whole := markdown.Inert(strings.Repeat("w", pad) + text + strings.Repeat("w", 200))
			for i, page := range Inert(whole, 400) {
				if what := acts(page); what != "" {
					t.Fatalf("%q behind %d: %s on page %d: %s", text, pad, what, i, page)
				}
			}
		}
	}
}

// TestFencesAreBalanced covers STR-04 with CommonMark's own idea of a fence:
// whatever stands behind a page is no code. (Where a list ends a fence, parsers
// disagree; Inert trusts no code behind such a place.)
func TestFencesAreBalanced(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := rapid.SampledFrom([]string{"```go", "```", "~~~", "~~~ py", "````", "  ```sh", "  ```", "> ```", "> ````", "> code", "word", "",
			"a longer line of text that fills the page a bit more than the others do"})
		text := strings.Join(rapid.SliceOfN(line, 0, 80).Draw(t, "lines"), "\n")
		for i, page := range Pages(text, 600) {
			source := []byte(page + "\n\nBEHIND\n")
			prose := false
			_ = ast.Walk(commonMark.Parser().Parse(gmtext.NewReader(source)), func(n ast.Node, _ bool) (ast.WalkStatus, error) {
				if leaf, ok := n.(*ast.Text); ok && string(leaf.Segment.Value(source)) == "BEHIND" {
					prose = true
				}
				return ast.WalkContinue, nil
			})
			if !prose {
				t.Fatalf("page %d leaves code open:\n%s", i, page)
			}
		}
	})
}
