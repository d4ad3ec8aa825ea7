package intake

import (
	"regexp"
	"strings"

	"ctpipe/internal/command"
	"ctpipe/internal/worktree"
)

// A start names its branch in a clause of its own, at the start or at the end
// of what is asked:
//
//	on branch fix/x: do y      a colon or comma follows the name
//	do y on branch fix/x       nothing but a full stop follows the name
//
// Everything else that holds the words is plain English: a question, a sentence
// whose verb is a form of "to be" before them, or what cannot be a branch's name.
var (
	leadingBranch  = regexp.MustCompile("(?is)^on\\s+branch\\s+[`\"']?([^\\s`\"']+?)[`\"']?\\s*[:,](?:\\s+|$)(.*)$")
	trailingBranch = regexp.MustCompile("(?is)^(.*\\S)\\s+on\\s+branch\\s+[`\"']?([^\\s`\"']+?)[`\"']?[.!]?$")
	asksSomething  = regexp.MustCompile(`(?i)^(what|what's|whats|which|who|whose|where|when|why|how|is|are|was|were|does|did|has|have)\b`)
	tellsAState    = regexp.MustCompile(`(?i)(^|\s)(is|are|am|was|were|be|been|being|isn't|aren't|wasn't|weren't|\w+'s|\w+'re)$`)
)

// BranchClause takes the clause that names a branch off a prompt; the branch is
// "" where there is none. A command.UserError says that a name cannot be a
// branch's.
func BranchClause(prompt string) (rest, branch string, err error) {
	prompt = strings.TrimSpace(prompt)
	if m := leadingBranch.FindStringSubmatch(prompt); m != nil {
		if err := command.ValidBranch(m[1]); err != nil {
			return prompt, "", err
		}
		return strings.TrimSpace(m[2]), m[1], nil
	}
	m := trailingBranch.FindStringSubmatch(prompt)
	if m == nil || asksSomething.MatchString(prompt) || tellsAState.MatchString(m[1]) || worktree.ValidBranch(m[2]) != nil {
		return prompt, "", nil
	}
	return strings.TrimRight(m[1], " ,;:"), m[2], nil
}
