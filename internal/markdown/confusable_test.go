package markdown

import (
	"strings"
	"testing"
)

// TestOddLetters covers D4: letters that only look like others are named; what
// people write in one script is not.
func TestOddLetters(t *testing.T) {
	for in, want := range map[string]string{
		"curl https://gіthub.com/a":                            "і U+0456",
		"git clone git@gіthub.com:o/r":                         "і U+0456",
		"https://user@exаmple.org:8443/x":                      "а U+0430",
		"cat раsswd.txt":                                       "р U+0440, а U+0430",
		"https://ｇithub.com":                                   "ｇ U+FF47",
		"https://bücher.example":                               "ü U+00FC",
		"cat README.md":                                        "",
		"echo 'Привет, мир' > notes.txt":                       "",
		"https://example.org/日本語?q=naïve":                      "",
		"grep Größe src/日本語.txt":                               "",
		"http://" + strings.Repeat("абвгдежз", 2) + ".example": "а U+0430, б U+0431, в U+0432, г U+0433, д U+0434, …",
	} {
		if got := OddLetters(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
