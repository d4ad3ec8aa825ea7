// Package rehearsal is a scripted agent that speaks the stdio protocol of the
// Claude Code CLI, so that ctpipe can be tried and tested where there is no
// Claude: no account, no network. It runs as a child of ctpipe, as the CLI
// does, and every tool it uses passes the same gate: the PreToolUse
// callback, then can_use_tool for what is asked.
//
// It always says that it is the rehearsal agent. It runs nothing that the host
// did not allow, and no tool at all for a host that registered no gate. What it
// writes is compared with recordings of the real CLI by this package's tests.
package rehearsal
