package worktree

import (
	"fmt"
	"strings"
	"unicode"
)

// branchMost is how long a branch's name may be, in bytes: each part becomes a
// folder.
const branchMost = 200

// ValidBranch says why a name cannot be a branch's, nil if it can. It refuses
// what git refuses (git-check-ref-format) and what git could take for an
// option; a name that passes is safe as an argument and as a path below a
// directory of ours.
func ValidBranch(name string) error {
	switch {
	case name == "":
		return fmt.Errorf("a branch needs a name")
	case len(name) > branchMost:
		return fmt.Errorf("a branch's name has at most %d bytes", branchMost)
	case name == "@" || strings.EqualFold(name, "HEAD"):
		return fmt.Errorf("%q is no branch", name)
	case strings.HasPrefix(name, "refs/"):
		return fmt.Errorf("write the branch without refs/")
	case strings.Contains(name, "@{"), strings.Contains(name, ".."), strings.Contains(name, "//"):
		return fmt.Errorf("a branch's name cannot hold two dots, two slashes or @{ in a row")
	case strings.HasSuffix(name, "."), strings.HasSuffix(name, "/"), strings.HasPrefix(name, "/"):
		return fmt.Errorf("a branch's name cannot begin or end with /, or end with a dot")
	}
	for _, r := range name {
		if unicode.IsControl(r) || unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar || strings.ContainsRune(`~^:?*[\`, r) {
			return fmt.Errorf("a branch's name cannot hold %q", r)
		}
	}
	for _, part := range strings.Split(name, "/") {
		if strings.HasPrefix(part, ".") || strings.HasPrefix(part, "-") || strings.HasSuffix(part, ".lock") {
			return fmt.Errorf("no part of a branch's name can begin with . or -, or end with .lock: %q", part)
		}
	}
	return nil
}
