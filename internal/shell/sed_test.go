package shell

import (
	"slices"
	"testing"
)

// TestReadSed (S4): what a sed script does beside editing, as GNU sed reads it.
func TestReadSed(t *testing.T) {
	for _, c := range []struct {
		script string
		files  []string // ">" in front of those that are written
		runs   bool
		clear  bool
	}{
		{"s/a/b/", nil, false, true},
		{"s/a/b/gw out", []string{">out"}, false, true},
		{"s,a,b,w/etc/x", []string{">/etc/x"}, false, true},
		{"s/a/b/2ge", nil, true, true},
		{`s/\//w x/;p`, nil, false, true},
		{"s/[/]w x/y/", nil, false, true},
		{"1e id", nil, true, true},
		{"e", nil, true, true},
		{"/x/,+2{w a\n}\nr b", []string{">a", "b"}, false, true},
		{"r x;w y", []string{"x;w y"}, false, true}, // the name goes on to the end of the line
		{"a\\\nw x\nW y", []string{">y"}, false, true},
		{"5i w x", nil, false, true},
		{":w;N;$!bw;s/\\n/e/g", nil, false, true},
		{`\,x,!{=;p}`, nil, false, true},
		{"0~3d", nil, false, true},
		{"# w x\np", nil, false, true},
		{"y/ew/we/;R z", []string{"z"}, false, true},
		{"s/a/b", nil, false, false},
		{"Mx", nil, false, false},
	} {
		got := readSed(c.script)
		var files []string
		for _, f := range got.files {
			if f.write {
				f.name = ">" + f.name
			}
			files = append(files, f.name)
		}
		if !slices.Equal(files, c.files) || got.runs != c.runs || got.clear != c.clear {
			t.Errorf("%q: %q runs %v clear %v, want %q %v %v", c.script, files, got.runs, got.clear, c.files, c.runs, c.clear)
		}
	}
}
