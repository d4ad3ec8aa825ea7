package rules

import (
	"os"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/BurntSushi/toml"
)

func agree(t *testing.T, src string) {
	t.Helper()
	var v map[string]any
	md, err := toml.Decode(src, &v)
	if err != nil || !utf8.ValidString(src) {
		return // Parse refuses those before it looks for keys
	}
	idx, ok := indexKeys(strings.TrimPrefix(src, "\ufeff"))
	if !ok {
		t.Fatalf("the scan did not reach the end of %q", src)
	}
	want := md.Keys()
	if len(want) != len(idx.keys) {
		t.Fatalf("%q: decoder lists %d keys %v, index %d %v", src, len(want), want, len(idx.keys), idx.keys)
	}
	for i := range want {
		if !reflect.DeepEqual([]string(want[i]), idx.keys[i]) {
			t.Fatalf("%q: key %d: decoder %v, index %v", src, i, want[i], idx.keys[i])
		}
	}
}

func TestKeyIndexAgrees(t *testing.T) {
	for _, src := range []string{
		"", "a=1", "a = 1 # x\nb=2", "[a]\nb=1\n[a.c]\nd=2", "[[r]]\nx=1\n[[r]]\ny=2\n[r.s]\nz=3",
		"a.b.c = 1\na.b.d = 'x'", `"a b"."c\u0041" = "x\"y"`, "a = '''\nx = 1\n'''\nb=2", `a = """x""""` + "\nb=1",
		"a = [1, 2, # c\n 3]\nb = {c=1, d={e=2}, f=[{g=1},{g=2}]}", "a = 1979-05-27 07:32:00\nb=1",
		"a = [\n\"]\", '#', {x=1}\n]\n", "\ufeffa=1\r\n[b]\r\nc=2\r\n",
		"[[r]]\ntool = { name = 'B', command = 'x' }\n[[r]]\ntool.name='q'\n",
	} {
		agree(t, src)
	}
}

func FuzzKeys(f *testing.F) {
	for _, s := range []string{"a=1", "[[r]]\nx='y'\n[[r]]\nx={a=[1,{b=2}]}", "a.\"b c\".d = '''\nx'''", "[a.b]\nc=\"\"\"x\\\"\"\"\"\"\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		if len(src) > 1<<14 {
			return
		}
		agree(t, src)
		Parse("rules.toml", []byte(src))
	})
}

// TestEveryKeyHasItsPlace: on the example of the language each key's place is
// where that key stands, and each value's where its value begins.
func TestEveryKeyHasItsPlace(t *testing.T) {
	raw, err := os.ReadFile("testdata/example.toml")
	if err != nil {
		t.Fatal(err)
	}
	f, fs := Parse("rules.toml", raw)
	if len(fs) > 0 {
		t.Fatal(fs)
	}
	lines, checked := strings.Split(string(raw), "\n"), 0
	for path, at := range f.places {
		_, key, ok := cutLast(path)
		if strings.HasSuffix(path, "]") {
			continue // a table of a list: its header
		}
		if !ok {
			key = path
		}
		if got := lines[at.Line-1][at.Col-1:]; !strings.HasPrefix(got, key) {
			t.Errorf("%s is said to stand at %d:%d, where %q stands", path, at.Line, at.Col, got)
		}
		checked++
	}
	if checked < 100 {
		t.Errorf("only %d keys were checked", checked)
	}
	if at, _ := f.valueAt("rule[5].then"); lines[at.Line-1][at.Col-1:] != `"deny"` {
		t.Errorf("%+v", at)
	}
}
