// Package claudetest lets tests drive the real Claude Code CLI with no network
// and no account: a scripted Anthropic Messages API on loopback, the path of
// the pinned CLI, and a clean environment to run it in.
//
// Only tests may import it.
package claudetest
