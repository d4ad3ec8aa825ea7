package diag

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode"
)

func TestFormat(t *testing.T) {
	src := Sources{"rules.toml": []byte("a\nwhen = 'any(tool.comands, .prog == \"git\")'\n\tx = \"日本\u202e\x1b[2J\" + bad\r\n")}
	got := Format(Finding{File: "rules.toml", Line: 2, Col: 18, Len: 7, Text: `rule "r": tool has no field "comands"`, Suggest: "commands"}, src)
	want := "rules.toml:2:18: rule \"r\": tool has no field \"comands\" (did you mean \"commands\"?)\n" +
		"    2 | when = 'any(tool.comands, .prog == \"git\")'\n" +
		"      |                  ^^^^^^^\n"
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	// 14 runes before bad: tab, x = ", two wide, bidi, escape, [2J" +
	got = Format(Finding{File: "rules.toml", Line: 3, Col: 18, Len: 3, Text: "x"}, src)
	want = "rules.toml:3:18: x\n" +
		"    3 |     x = \"日本\\u{202e}\\x1b[2J\" + bad\n" +
		"      | " + strings.Repeat(" ", 4+5+4+8+4+4+3) + "^^^\n"
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestPlaces(t *testing.T) {
	for want, f := range map[string]Finding{
		"f:3:4: x": {File: "f", Line: 3, Col: 4, Text: "x"}, "f:3: warning: x": {File: "f", Line: 3, Level: Warning, Text: "x"},
		"f: x": {File: "f", Text: "x"}, "x⏎y": {Text: "x\ny"},
	} {
		if f.String() != want {
			t.Errorf("%q, want %q", f, want)
		}
	}
	for _, f := range []Finding{{File: "f", Line: 99, Col: 1}, {File: "f", Line: 1, Col: 99, Len: 9}, {File: "g", Line: 1, Col: 1}, {File: "f", Line: -1, Col: -1, Len: -1}} {
		Format(f, Sources{"f": []byte("ab")})
	}
}

func TestLongLineKeepsTheFaultInView(t *testing.T) {
	line := strings.Repeat("x", 3000) + "BAD" + strings.Repeat("y", 3000)
	got := Format(Finding{File: "f", Line: 1, Col: 3001, Len: 3, Text: "t"}, Sources{"f": []byte(line)})
	rows := strings.Split(got, "\n")
	if len(got) > 600 || !strings.Contains(rows[1], "BAD") {
		t.Fatal(got)
	}
	at := strings.Index(rows[2], "^^^")
	if []rune(rows[1])[at] != 'B' {
		t.Error(got)
	}
}

func TestJSONSortCount(t *testing.T) {
	fs := []Finding{{ID: "b", File: "f", Line: 2, Level: Warning}, {ID: "a", File: "f", Line: 2, Level: Error}, {ID: "c", File: "f", Line: 1, Level: Error}}
	Sort(fs)
	if fs[0].ID != "c" || fs[1].ID != "a" {
		t.Error(fs)
	}
	if e, w := Count(fs); e != 2 || w != 1 || !HasErrors(fs) || HasErrors(fs[2:]) {
		t.Error(e, w)
	}
	var b bytes.Buffer
	if err := JSON(&b, fs); err != nil {
		t.Fatal(err)
	}
	var back []Finding
	if err := json.Unmarshal(b.Bytes(), &back); err != nil || len(back) != 3 || back[0] != fs[0] {
		t.Error(b.String(), err)
	}
	b.Reset()
	if err := JSON(&b, nil); err != nil || strings.TrimSpace(b.String()) != "[]" {
		t.Error(b.String())
	}
	b.Reset()
	if err := Print(&b, fs, nil); err != nil || strings.Count(b.String(), "\n") != 3 {
		t.Error(b.String())
	}
}

func TestSuggest(t *testing.T) {
	from := []string{"commands", "command", "paths", "hosts", "when", "then"}
	for word, want := range map[string]string{"comands": "commands", "whne": "when", "Paths": "paths", "zzz": "", "hots": "hosts", "commands": "command", "th": ""} {
		if got := Suggest(word, from); got != want {
			t.Errorf("%s: %q, want %q", word, got, want)
		}
	}
}

func FuzzFormat(f *testing.F) {
	f.Add([]byte("a\tb\x00\xff日本"), 1, 3, 2)
	f.Fuzz(func(t *testing.T, src []byte, line, col, length int) {
		if length > 1<<20 {
			return
		}
		got := Format(Finding{File: "f", Line: line, Col: col, Len: length, Text: string(src)}, Sources{"f": src})
		for _, r := range got {
			if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
				t.Fatalf("%q prints %q", src, got)
			}
		}
	})
}
