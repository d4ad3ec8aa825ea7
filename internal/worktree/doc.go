// Package worktree makes, lists and removes git worktrees for sessions: one
// directory per branch, beside the repository, so that two sessions never
// write into each other's files. It runs git, hardened: no hook, no file system
// monitor, no pager and no prompt of the repository's own runs, and no name
// that came from a person or from Claude can be taken for an option.
package worktree
