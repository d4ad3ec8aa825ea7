package policy

import (
	"strings"
	"testing"
)

// A file that an editor has truncated and not yet written is no policy (P2).
func TestBlankFileIsNoPolicy(t *testing.T) {
	for _, src := range []string{"", "\n \n", "# only this\n"} {
		p, _, findings := write(t, map[string]string{"rules.toml": src}).Load()
		if p != nil || !strings.Contains(text(findings), "rules.toml: it says nothing") {
			t.Errorf("%q: %s", src, text(findings))
		}
		h := newHouse(t, twoRules)
		old := h.in
		if h.save(src); h.in != old {
			t.Errorf("%q is in force", src)
		}
	}
}
