package pipeline

import (
	"strings"
	"testing"
)

func TestWriteTree(t *testing.T) {
	var b strings.Builder
	err := WriteTree(&b, Branch{Cells: []string{"01J9", "tool Bash", ""}, Kids: []Branch{
		{Cells: []string{"shell", "2 commands", "0.02 ms"}},
		{Cells: []string{"rules", "7 judged", "0.10 ms"}, Kids: []Branch{
			{Cells: []string{"a", "deny"}},
			{Cells: []string{"longer", "abstain"}, Kids: []Branch{{Cells: []string{"x > 1", "false"}}}}}},
		{Cells: []string{"verdict", "évil\x1b[2J\nname\u202e"}}}})
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Join([]string{
		"01J9  tool Bash",
		"├ shell    2 commands      0.02 ms",
		"├ rules    7 judged        0.10 ms",
		"│ ├ a       deny",
		"│ └ longer  abstain",
		"│   └ x > 1  false",
		"└ verdict  évil�[2J⏎name�",
		""}, "\n")
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
}
