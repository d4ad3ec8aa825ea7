package display

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestChangeIsWhole covers D1 and D10: from the diff of an Edit both its texts
// can be read again, whatever they are.
func TestChangeIsWhole(t *testing.T) {
	line := rapid.SampledFrom([]string{"", "one", "two", "-minus", "+plus", " space", "@@ -1 +1 @@", `\\ No newline`, "```", "end\r"})
	text := rapid.Map(rapid.SliceOfN(line, 1, 12), func(l []string) string { return strings.Join(l, "\n") })
	rapid.Check(t, func(t *rapid.T) {
		old, new := text.Draw(t, "old"), text.Draw(t, "new")
		diff, note, ok := Change("Edit", map[string]any{"file_path": "/f", "old_string": old, "new_string": new})
		if !ok {
			if old != new {
				t.Fatalf("no diff of %q and %q", old, new)
			}
			return
		}
		if strings.Contains(note, "CRLF") && !strings.Contains(note, "→") {
			return // the marks stand in the note, not at the lines
		}
		gotOld, gotNew := sides(diff)
		if gotOld != strings.TrimSuffix(old, "\n") || gotNew != strings.TrimSuffix(new, "\n") {
			t.Fatalf("diff %q of %q and %q", diff, old, new)
		}
	})
}

// sides reads both texts of a diff, without a line break at their end.
func sides(diff string) (old, new string) {
	var was, will []string
	for _, l := range strings.Split(diff, "\n") {
		switch l[0] {
		case '-':
			was = append(was, l[1:])
		case '+':
			will = append(will, l[1:])
		case ' ':
			was, will = append(was, l[1:]), append(will, l[1:])
		}
	}
	return strings.Join(was, "\n"), strings.Join(will, "\n")
}
