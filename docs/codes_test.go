package docs_test

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// What a requirement's code looks like. The families with a dash cannot be
// mistaken for anything else; a letter with a number can, so it counts only as
// a word of a comment.
var (
	space     = regexp.MustCompile(`\s+`)
	longCode  = regexp.MustCompile(`\b(SEC|DATA|STR|RACE|NET|FUN)-(\d{1,2})\b`)
	namedCode = regexp.MustCompile(`(SEC|DATA|STR|RACE|NET|FUN)(\d{2})(?:\D|$)`)
	shortCode = regexp.MustCompile(`(?:^|[\s(,–])([IADSFGTLXPC])(\d{1,2})(?:–([IADSFGTLXPC])(\d{1,2}))?(?:$|[\s),:;.])`)
	section   = regexp.MustCompile(`(?i)\b(behaviour|design)(?:,? section|,)? (\d+(?:\.\d+)?)\b`)
	matrix    = regexp.MustCompile(`\bthe (?:access )?matrix\b`)
	controls  = regexp.MustCompile(`\bC0\b|\bC1 control`)
)

// inText are the codes that stand in a comment, each once.
func inText(text string) []string {
	text = space.ReplaceAllString(text, " ")
	var codes []string
	for _, m := range longCode.FindAllStringSubmatch(text, -1) {
		codes = append(codes, m[0])
	}
	codes = append(codes, shortCodes(text)...)
	for _, m := range section.FindAllStringSubmatch(text, -1) {
		codes = append(codes, strings.ToLower(m[1])+" "+m[2])
	}
	if matrix.MatchString(text) {
		codes = append(codes, "matrix")
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}

// shortCodes reads "A1", "D1, D2" and "D1–D7".
func shortCodes(text string) []string {
	var codes []string
	aboutControls := controls.MatchString(text)
	for text != "" {
		m := shortCode.FindStringSubmatchIndex(text)
		if m == nil {
			break
		}
		family, from := text[m[2]:m[3]], number(text[m[4]:m[5]])
		to := from
		if m[6] >= 0 && text[m[6]:m[7]] == family {
			to = number(text[m[8]:m[9]])
		}
		for n := from; n <= to; n++ {
			codes = append(codes, family+strconv.Itoa(n))
		}
		end := m[5]
		if m[6] >= 0 {
			end = m[9]
		}
		text = text[end:] // what ends one code may begin the next
	}
	if aboutControls {
		codes = slices.DeleteFunc(codes, func(c string) bool { return c == "C0" || c == "C1" })
	}
	return codes
}

// inName are the codes in the name of a test: TestPrivateSEC14.
func inName(name string) []string {
	var codes []string
	for _, m := range namedCode.FindAllStringSubmatch(name, -1) {
		codes = append(codes, m[1]+"-"+m[2])
	}
	return codes
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		panic(err) // the expression found digits
	}
	return n
}

func TestCodesAreFound(t *testing.T) {
	for _, c := range []struct {
		text string
		want string
	}{
		{"TestX covers SEC-03 and A4.", "A4 SEC-03"},
		{"A7, I6: who may answer an ask.", "A7 I6"},
		{"inert (D1–D3, C4, STR-05).", "C4 D1 D2 D3 STR-05"},
		{"judged again (design 8.6, I3)", "I3 design 8.6"},
		{"to people (the design,\n3)", "design 3"},
		{"Design section 7's table", "design 7"},
		{"a directory that is gone (behaviour 1.16, 2)", "behaviour 1.16"},
		{"row by row, the access matrix", "matrix"},
		{"no C0 and C1 controls, U+D1, -L1,5 or a.C1", ""},
		{"a matrix of numbers, designed in 7 days", ""},
		{"by SHA-256 in 3D, X11 aside", "X11"},
	} {
		if got := strings.Join(inText(c.text), " "); got != c.want {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
		}
	}
	for name, want := range map[string]string{
		"TestPrivateSEC14":           "SEC-14",
		"TestFUN13":                  "FUN-13",
		"TestEndRacesSaveDATA05Late": "DATA-05",
		"TestNETMask255":             "",
		"TestT7":                     "",
	} {
		if got := strings.Join(inName(name), " "); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}
