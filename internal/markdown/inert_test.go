package markdown

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// D5, D6, D7, SEC-12: what becomes of dangerous markdown.
func TestInert(t *testing.T) {
	for _, c := range [][2]string{
		{"plain **text**, `code` and [ ] boxes", "plain **text**, `code` and [ ] boxes"},
		{"@bo hi", "@\u200bbo hi"},
		{"_@bo_ (@bo) .@bo -@bo", "_@\u200bbo_ (@\u200bbo) .@\u200bbo -@\u200bbo"},
		{"@all! @Channel @HERE", "@\u200ball! @\u200bChannel @\u200bHERE"},
		{"x@here", "x@\u200bhere"},
		{"see ~town-square", "see ~\u200btown-square"},
		{"~~gone~~ and ~/file", "~~gone~~ and ~/file"},
		{"ana@example.org", "ana@example.org"},
		{"git@github.com:o/r", "git@github.com:o/r"},
		{"`npm i @types/node`", "`npm i @types/node`"},
		{"`@all`", "`@\u200ball`"},
		{"a ` @bo", "a \\` @\u200bbo"},
		{"\\`@bo\\`", "\\`@\u200bbo\\`"},
		{"`` a ` @bo ``", "`` a ` @bo ``"},
		{"`\n@bo `", "\\`\n@\u200bbo \\`"},
		{"[safe](http://evil)", "safe (`http://evil`)"},
		{"[http://safe](http://evil)", "http://safe (`http://evil`)"},
		{"[http://a](http://a)", "http://a"},
		{"[safe](evil.example)", "safe (`evil.example`)"},
		{"[safe](//evil \"title\")", "safe (`//evil`)"},
		{"see http://gіthub.com/x.", "see http\\://gіthub.com/x. ⚠️ *letters of this host are not ASCII: і U+0456*"},
		{"[http://gіthub.com](http://gіthub.com)", "http\\://gіthub.com ⚠️ *letters of this host are not ASCII: і U+0456*"},
		{"www.gіthub.com, 日本語 https://example.org/日本語", "www\\.gіthub.com, ⚠️ *letters of this host are not ASCII: і U+0456* 日本語 https://example.org/日本語"},
		{"`http://gіthub.com`", "`http://gіthub.com`"},
		{"[a\\]](http://evil)", "[a\\]]\\(http://evil)"},
		{"[a [b] c](http://evil)", "[a [b] c]\\(http://evil)"},
		{"[sa\nfe](http://evil)", "[sa\nfe]\\(http://evil)"},
		{"[`x`](http://evil)", "[`x`]\\(http://evil)"},
		{"![](http://evil?q=1)", "`http://evil?q=1`"},
		{"![cat](http://evil)", "cat (`http://evil`)"},
		{"![a\\]](http://evil)", "!\\[a\\]]\\(http://evil)"},
		{"![cat][1]\n\n> [1]: http://evil", "!\\[cat][1]\n\n> [1]\\: http://evil"},
		{"```go\na[i](@bo)\n```", "```go\na[i](@bo)\n```"},
		{"```\n@all ![](u)\n```", "```\n@\u200ball !\u200b[](u)\n```"},
		{"```\nopen", "```\nopen\n```"},
		{"  ~~~\nx\n", "  ~~~\nx\n"},
		{"line\r\nend", "line\nend"},
		{"a\u202eb\u200bc\u00ad\U000e0041", `a\u{202E}b\u{200B}c\u{AD}\u{E0041}`},
	} {
		if got := Inert(c[0]); got != c[1] {
			t.Errorf("%q\n got %q\nwant %q", c[0], got, c[1])
		}
	}
}

// D7: where parsers disagree on what is code, nobody is pinged.
func TestInertTrustsNoDoubtfulFence(t *testing.T) {
	for _, text := range []string{
		"text\n\n    ```\n@bo\n", "> ```\n@bo", "- ```\n@bo", "1. ```\n@bo\n", "1. x\n   ```\n@bo", "```\n> ```\n```\n@bo",
		"```\n     ```\n```\n@bo", "````\n```\n````\n@bo", "```\n`````\n@bo", "~~~\n```\n~~~\n@bo", "``` a`b\n@bo", "\t```\n@bo", "```\n```\n@bo",
		"```\n```js\n```\n@bo", "   ```\n```\n@bo",
	} {
		if got := Inert(text); strings.Contains(got, "@bo") {
			t.Errorf("%q: pings in %q", text, got)
		}
	}
}

// nasty draws text from the pieces that markdown is fought with.
func nasty() *rapid.Generator[string] {
	piece := rapid.SampledFrom([]string{"@all", "@here", "@bo", "~town", "`", "``", "```", "~~~", "\n", "\n\n", "> ", "- ", "1. ", "    ", "  ",
		"\t", "\\", "[", "]", "(", ")", "](", "![", "]:", "http://e.x/?q", "http://gіt.x", "www.é.x", "a", "é", "_", "*", "\u200b", "\u200d", "\u202e", "\U000e0041", " ",
		"\r\n", "<", ">", "!", "🎉", "\"", strings.Repeat(" ", 70), "|"})
	return rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(piece, 0, 25).Draw(t, "pieces"), "")
	})
}

var (
	everybody  = regexp.MustCompile(`(?i)@(all|channel|here)\b`)
	liveImage  = regexp.MustCompile(`!\[[^\]\n]*\]\(`)
	definition = regexp.MustCompile(`(?m)^[ >-]*\[[^\]\n]+\]:\s*\S`)
)

func TestInertProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := nasty().Draw(t, "text")
		got := Inert(text)
		if again := Inert(got); again != got {
			t.Fatalf("twice is not once:\n%q\n%q\n%q", text, got, again)
		}
		if m := everybody.FindString(got); m != "" {
			t.Fatalf("%s in %q", m, got)
		}
		if m := liveImage.FindString(got); m != "" {
			t.Fatalf("an image in %q", got)
		}
		if strings.ContainsFunc(strings.NewReplacer("@\u200b", "", "~\u200b", "", "!\u200b", "", "🎉\u200d", "").Replace(got), hides) {
			t.Fatalf("something hidden in %q", got)
		}
	})
}

// Prose holds no live link, definition or mention at all.
func TestInertProse(t *testing.T) {
	named := regexp.MustCompile(`(^|[^\pL\pN])@[\pL\pN]`)
	rapid.Check(t, func(t *rapid.T) {
		text := strings.NewReplacer("`", "", "~~~", "").Replace(nasty().Draw(t, "text"))
		if strings.Contains(text, "~~~") {
			t.Skip("three of them again")
		}
		got := Inert(text)
		if m := named.FindString(got); m != "" {
			t.Fatalf("%q in %q", m, got)
		}
		if strings.Contains(got, "](") || definition.MatchString(got) {
			t.Fatalf("a link in %q", got)
		}
	})
}

// D3: what hides is spelled out; what people write stays.
func TestVisible(t *testing.T) {
	for in, want := range map[string]string{
		"a\x00b\x1b[0m\r":                       `a\u{0}b\u{1B}[0m\u{D}`,
		"x\u2066y\u2069\u200f":                  `x\u{2066}y\u{2069}\u{200F}`,
		"\u115f\u3164\uffa0\u2800":              `\u{115F}\u{3164}\u{FFA0}\u{2800}`,
		"\U000e0100\U0001d173\U0001bca0":        `\u{E0100}\u{1D173}\u{1BCA0}`,
		"\u034f\u180b\u2028":                    `\u{34F}\u{180B}\u{2028}`,
		"ad\u200dmin @\u200bbo":                 `ad\u{200D}min @\u{200B}bo`,
		"👩\u200d💻 ❤\ufe0f 👍🏽 naïve 日本 ~é":       "👩\u200d💻 ❤\ufe0f 👍🏽 naïve 日本 ~é",
		"ls" + strings.Repeat(" ", 40) + "; rm": "ls ⟨40 blanks⟩ ; rm",
		"é\t\t\t\t\t\t\t\t\t\u3000x":            "é ⟨10 blanks⟩ x",
		"a  b\n\t\tc\n          d":              "a  b\n\t\tc\n          d",
		strings.Repeat(" ", 70) + "x":           " ⟨70 blanks⟩ x",
		"bad \xff byte":                         "bad \ufffd byte",
	} {
		if got := Visible(in); got != want {
			t.Errorf("%q\n got %q\nwant %q", in, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "text")
		got := Visible(s)
		for before, r := range pairs(got) {
			if hides(r) && !(r == '\u200d' && pictured(before)) {
				t.Fatalf("%q still hides %U", got, r)
			}
		}
		if Visible(got) != got {
			t.Fatalf("%q is not done with", got)
		}
	})
}

func pairs(s string) func(func(before, r rune) bool) {
	return func(yield func(before, r rune) bool) {
		before := ' '
		for _, r := range s {
			if !yield(before, r) {
				return
			}
			before = r
		}
	}
}

// D2: nothing leaves a fence or a code span.
func TestFenceHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := nasty().Draw(t, "text")
		block := Fence(rapid.SampledFrom([]string{"", "go", "x\n```\n@all", "a b"}).Draw(t, "lang"), text)
		lines := strings.Split(block, "\n")
		open := FenceMark(lines[0])
		for i, line := range lines[1:] {
			if last := i == len(lines)-2; ClosesFence(line, open) != last {
				t.Fatalf("line %d of %q closes it: %v", i+2, block, !last)
			}
		}
		span := CodeSpan(text)
		mark := span[:tickRun(span)]
		inside := span[len(mark) : len(span)-len(mark)]
		if closingTicks(inside, len(mark)) >= 0 || strings.HasPrefix(inside, "`") || strings.HasSuffix(inside, "`") || strings.Contains(span, "\n") {
			t.Fatalf("%q leaves %q", text, span)
		}
	})
	if got := CodeSpan(""); got != "`  `" {
		t.Errorf("%q", got)
	}
	if got := Fence("", strings.Repeat("`", 1<<16)); len(got) != 3*(1<<16)+4 {
		t.Errorf("%d bytes", len(got))
	}
}

// STR-05, C4: a name or title stays in its line and in its table cell.
func TestPlain(t *testing.T) {
	for in, want := range map[string]string{
		"a | b": "a \\| b", "x\ny": "x y", "`a`": "'a'", "[l](u)": "\\[l\\](u)", "\\*a*": "\\\\\\*a\\*",
		"@all": "@\u200ball", "# h": "\\# h", "![i](u)": "\\!\\[i\\](u)", "~town": "\\~\u200btown", "\u202eevil": `\\u{202E}evil`,
	} {
		if got := Plain(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		got := Plain(nasty().Draw(t, "text"))
		bare := regexp.MustCompile(`\\.`).ReplaceAllString(got, "")
		if strings.ContainsAny(bare, "\n|`*[]#~") || everybody.MatchString(got) {
			t.Fatalf("%q", got)
		}
	})
}

func FuzzInert(f *testing.F) {
	f.Add("```\n> ```\n@all [a](b)")
	f.Fuzz(func(t *testing.T, text string) {
		got := Inert(text)
		if Inert(got) != got || everybody.MatchString(got) {
			t.Errorf("%q became %q, then %q", text, got, Inert(got))
		}
	})
}
