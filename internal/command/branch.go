package command

import (
	"ctpipe/internal/markdown"
	"ctpipe/internal/paginate"
	"ctpipe/internal/worktree"
)

// ValidBranch is a UserError where a name that a start gives cannot be a
// branch's.
func ValidBranch(name string) error {
	if err := worktree.ValidBranch(name); err != nil {
		return UserError(NoBranchName(name, " ("+markdown.Plain(err.Error())+"). "+NothingStarted))
	}
	return nil
}

// NoBranchName says that a name cannot be a branch's; end ends the sentence.
func NoBranchName(name, end string) string {
	return "❌ Invalid branch name: " + markdown.CodeSpan(paginate.Cut(name, 100)) + ". Please provide a valid git branch name" + end
}
