package attachment

import (
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"
)

// TestFileNames covers F3, SEC-19 and SEC-20: whatever a file is called, it is
// saved in the folder under a plain name.
func TestFileNames(t *testing.T) {
	for name, want := range map[string]string{
		"a.txt": "a.txt", "../../.bashrc": "bashrc", "/etc/passwd": "passwd", `C:\x\y.doc`: "y.doc", ".env": "env", "...": "file", "": "file", "-rf": "rf",
		"a\u202Egnp.sh": "agnp.sh", "a\x00b\nc.txt": "c.txt", "ü b.txt": "ü b.txt", "a`b|c.txt": "a_b_c.txt", "x.": "x", "~/x": "x",
		".png": "png", strings.Repeat("a", 300) + ".jpeg": strings.Repeat("a", nameBytes-5) + ".jpeg", "__proto__": "__proto__", "bad\xff.txt": "bad�.txt",
	} {
		if got := fileName(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.String().Draw(t, "name")
		got := fileName(name)
		if got == "" || got != filepath.Base(got) || strings.HasPrefix(got, ".") || len(got) > nameBytes+3 || strings.ContainsFunc(got, unicode.IsControl) || !filepath.IsLocal(got) {
			t.Fatalf("%q became %q", name, got)
		}
	})
}
