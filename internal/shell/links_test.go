package shell

import "testing"

// TestPathsThroughOwnLinks (F1): what a script names behind a link that it
// makes itself cannot be resolved before it runs.
func TestPathsThroughOwnLinks(t *testing.T) {
	for script, known := range map[string]bool{
		"ln -s .claude x; echo '{}' > x/settings.json":   false,
		"ln -s .claude x && cd x && touch settings.json": false,
		"ln -s .claude x && touch x/settings.json":       false,
		"ln -s /etc . && cat etc/passwd":                 false,
		"ln -s /etc && cat ./etc/passwd":                 false,
		"ln -sf /etc x && cat x":                         false,
		"ln -s a b && cat c":                             true,
		"ln -s a b/ && cat c":                            true,
		"ln -s a . && cat c":                             true,
		"ln -s a xy && cat x xyz":                        true,
		"ln -s a b":                                      true,
	} {
		if f := Analyze(script, world); f.PathsKnown != known {
			t.Errorf("%s: paths known %v, want %v\n%s", script, f.PathsKnown, known, Describe(f))
		}
	}
}
