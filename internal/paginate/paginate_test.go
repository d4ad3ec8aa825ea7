package paginate

import (
	"ctpipe/internal/markdown"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// drawn draws text of the kind Claude writes, and of kinds it should not.
func drawn(t *rapid.T) string {
	line := rapid.OneOf(
		rapid.StringMatching(`[a-z ,.]{0,60}`),
		rapid.SampledFrom([]string{"", "", "```go", "```", "~~~", "~~~ python", "````", "  ```sh", "> ```", "> quoted", "- item", "# head",
			"## part", "| a | b |", "|:--|--:|", "| 1 | 2 |", "日本語のテキスト、とても長い行です。", "🙂🚀👩‍👩‍👧‍👦 emoji", "\t```", "`code` and ``more``"}),
		rapid.StringN(0, 40, 80),
		rapid.Custom(func(t *rapid.T) string {
			return strings.Repeat(rapid.SampledFrom([]string{"x", "字", "🙂", "`", "word "}).Draw(t, "unit"), rapid.IntRange(1, 700).Draw(t, "times"))
		}),
	)
	return strings.Join(rapid.SliceOfN(line, 0, 60).Draw(t, "lines"), "\n")
}

// carry reports that pages, without the fences that paginate opened again at
// their top (carried) and closed at their end, are text, but for line breaks
// at cuts. What a page ends with may be either, so both are tried.
func carry(pages []string, text, carried string) bool {
	if len(pages) == 0 {
		return strings.Trim(text, "\n") == ""
	}
	body := pages[0]
	if carried != "" {
		var ok bool
		if body, ok = strings.CutPrefix(body, carried+"\n"); !ok {
			return false
		}
	}
	breaks := func(s string) int { return len(s) - len(strings.TrimLeft(s, "\n")) }
	text = text[max(breaks(text)-breaks(body), 0):]
	if rest, ok := strings.CutPrefix(text, body); ok && carry(pages[1:], rest, openFence(carried, body)) {
		return true
	}
	i := strings.LastIndexByte(body, '\n')
	if i < 0 {
		return false
	}
	open := openFence(carried, body[:i])
	rest, ok := strings.CutPrefix(text, body[:i])
	return ok && open != "" && body[i+1:] == markdown.FenceEnd(open) && carry(pages[1:], rest, open)
}

// TestPaginateProperties covers STR-03 and STR-04: no page is over the limit,
// nothing of the text is lost, doubled or moved, fences are balanced on every
// page and keep their language, and it ends whatever it is given.
func TestPaginateProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text, limit := drawn(t), rapid.SampledFrom([]int{700, 1000, 4000}).Draw(t, "limit")
		pages := Pages(text, limit)
		for i, page := range pages {
			if n := utf8.RuneCountInString(page); n > limit {
				t.Fatalf("page %d has %d runes, limit %d", i, n, limit)
			}
			if open := openFence("", page); open != "" {
				t.Fatalf("page %d leaves %q open:\n%s", i, open, page)
			}
		}
		if !carry(pages, text, "") {
			t.Fatalf("the pages are not the text: %q", pages)
		}
	})
}

// TestPaginateEnds: whatever the limit, it ends and keeps to it.
func TestPaginateEnds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text, limit := drawn(t), rapid.IntRange(1, 300).Draw(t, "limit")
		for i, page := range Pages(text, limit) {
			if n := utf8.RuneCountInString(page); n > limit || page == "" {
				t.Fatalf("page %d has %d runes, limit %d", i, n, limit)
			}
		}
	})
}

// TestPaginateIsStable: while a text grows, the pages before the last do not
// change, so that posts are not edited in vain.
func TestPaginateIsStable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text, more := drawn(t), drawn(t)
		limit := rapid.IntRange(700, 3000).Draw(t, "limit")
		was, now := Pages(text, limit), Pages(text+more, limit)
		for i := 0; i+1 < len(was); i++ {
			if i >= len(now) || was[i] != now[i] {
				t.Fatalf("page %d of %d changed:\n%q\n%q", i, len(was), was[i], now[min(i, len(now)-1)])
			}
		}
	})
}

// TestPaginateExamples are the cases of STR-03 and STR-04 by name.
func TestPaginateExamples(t *testing.T) {
	t.Run("one line of 50 000", func(t *testing.T) {
		for _, unit := range []string{"x", "字", "🙂"} {
			pages := Pages(strings.Repeat(unit, 50000), 16383)
			if got := strings.Join(pages, ""); got != strings.Repeat(unit, 50000) || len(pages) > 5 {
				t.Errorf("%s: %d pages, %d bytes", unit, len(pages), len(got))
			}
		}
	})
	t.Run("the language is kept", func(t *testing.T) {
		for _, fence := range []string{"```go", "~~~ rust", "````md", "  ```sh"} {
			text := fence + "\n" + strings.Repeat("some code here\n", 60) + markdown.FenceEnd(fence) + "\nafter"
			pages := Pages(text, 500)
			if len(pages) < 2 {
				t.Fatalf("%s: %d pages", fence, len(pages))
			}
			for i, page := range pages[:len(pages)-1] {
				if !strings.HasPrefix(page, fence+"\n") || !strings.HasSuffix(page, "\n"+markdown.FenceEnd(fence)) {
					t.Errorf("%s page %d:\n%s", fence, i, page)
				}
			}
		}
	})
	t.Run("a table keeps its head", func(t *testing.T) {
		for pad := 300; pad < 400; pad += 7 {
			text := strings.Repeat("word ", pad/5) + "\n| name | value |\n|:--|--:|\n" + strings.Repeat("| a | b |\n", 40)
			for i, page := range Pages(text, 520) {
				if strings.HasSuffix(page, "| name | value |") || strings.HasSuffix(page, "|:--|--:|") {
					t.Errorf("pad %d page %d ends in the head", pad, i)
				}
			}
		}
	})
	t.Run("a longer fence holds a shorter", func(t *testing.T) {
		text := "````\n```\n" + strings.Repeat("inner line\n", 50) + "```\n````\nend"
		for i, page := range Pages(text, 300) {
			if strings.Count(page, "````")%2 != 0 {
				t.Errorf("page %d:\n%s", i, page)
			}
		}
	})
	if got := Pages("", 100); got != nil {
		t.Errorf("nothing gives %q", got)
	}
}

func BenchmarkPaginate(b *testing.B) {
	text := strings.Repeat("A line of prose, as Claude writes it.\n", 2000)
	for b.Loop() {
		Pages(text, 16383)
	}
	b.ReportMetric(float64(len(text)), "bytes/text")
}
