package intake

import (
	"ctpipe/internal/worktree"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"
)

// TestBranchClause covers FUN-04: a branch is named only by a clause of its own,
// first or last; English that holds the words stays what it is.
func TestBranchClause(t *testing.T) {
	for text, want := range map[string][2]string{
		"on branch fix/x: do y":                {"do y", "fix/x"},
		"On Branch Fix/X, do y\nand z":         {"do y\nand z", "Fix/X"},
		"on branch `fix/x`: do y":              {"do y", "fix/x"},
		"on branch fix/x:":                     {"", "fix/x"},
		"do y on branch fix/x":                 {"do y", "fix/x"},
		"do y, on branch fix/x.":               {"do y", "fix/x"},
		"do y\nand z on branch \"fix/x\"!":     {"do y\nand z", "fix/x"},
		"on branch a: do y on branch b":        {"do y on branch b", "a"},
		"what is on branch protection?":        {},
		"what is on branch protection":         {},
		"is it on branch main":                 {},
		"tell me what is on branch main":       {},
		"see what's on branch main":            {},
		"where did they put it on branch main": {},
		"on branch protection rules: explain":  {},
		"on branch protection we need docs":    {},
		"do y on branch fix/x and then z":      {},
		"do y on branch":                       {},
		"on branch: do y":                      {},
		"do y on branch --upload-pack=x":       {},
		"do y on branch a..b":                  {},
		"do y on branch fix/x?":                {},
		"do y on-branch fix/x":                 {},
		"carry on branch manager":              {"carry", "manager"},
		"":                                     {},
	} {
		rest, branch, err := BranchClause(text)
		if want[1] == "" {
			want[0] = text
		}
		if err != nil || rest != want[0] || branch != want[1] {
			t.Errorf("%q: %q %q %v, want %q", text, rest, branch, err, want)
		}
	}
	for _, text := range []string{"on branch -x: do y", "on branch a..b: do y", "on branch x.lock: y", "on branch --orphan, y"} {
		if _, branch, err := BranchClause(text); err == nil || branch != "" || !strings.Contains(err.Error(), "Invalid branch name") {
			t.Errorf("%q: %q %v", text, branch, err)
		}
	}
}

// TestBranchNames covers SEC-18 and G1: no name that a clause gives could be an
// option, or is refused by git.
func TestBranchNames(t *testing.T) {
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skip("there is no git")
	}
	rapid.Check(t, func(t *rapid.T) {
		name := strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "fix", "/", "-", ".", "..", "@{", "@", "~", "^", ":", "*", "[", "\\", "lock", ".lock", "HEAD", "ü", "$(id)"}), 1, 5).Draw(t, "name"), "")
		for _, text := range []string{"on branch " + name + ": do y", "do y on branch " + name} {
			_, branch, _ := BranchClause(text)
			if branch == "" {
				continue
			}
			if strings.HasPrefix(branch, "-") || worktree.ValidBranch(branch) != nil || exec.Command(git, "check-ref-format", "--branch", branch).Run() != nil {
				t.Fatalf("%q gave %q", text, branch)
			}
		}
	})
}

// TestBranchClauseKeepsWords: whatever the prompt, its words are in the rest or
// are the clause; none is lost, and none is made up.
func TestBranchClauseKeepsWords(t *testing.T) {
	pieces := []string{"on", "branch", "on branch", "fix/x", "do", "y", "fix/x:", "main.", "`a`", "what", "is", "a..b", ",", "\n"}
	rapid.Check(t, func(t *rapid.T) {
		prompt := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 10).Draw(t, "prompt"), " ")
		rest, branch, err := BranchClause(prompt)
		words := func(s string) []string {
			return strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(",;:`\"'.!", r) })
		}
		want := words(prompt)
		if err != nil || branch == "" {
			if rest != strings.TrimSpace(prompt) || branch != "" {
				t.Fatalf("%q: %q %q %v", prompt, rest, branch, err)
			}
			return
		}
		clause := words("on branch " + branch)
		got := words(rest)
		if !slices.Equal(append(slices.Clone(clause), got...), want) && !slices.Equal(append(slices.Clone(got), clause...), want) {
			t.Fatalf("%q became %q on %q", prompt, rest, branch)
		}
	})
}
