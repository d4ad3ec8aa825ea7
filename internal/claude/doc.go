// Package claude runs the Claude Code CLI as a child process and speaks its
// stream-json control protocol over stdio.
//
// The package has three layers, each usable and tested without the next:
//
//   - protocol: Decode and the Message types read one stdout line; UserMessage
//     and the control frames write one stdin line. Pure, no I/O.
//   - process: Spec describes a child completely and is the only builder of
//     its argv and environment; Start, Process.Stop and the goroutines between
//     them own its pipes and its end.
//   - gate: every tool call passes the PreToolUse hook on that one stdio
//     channel, a callback registered for every tool with onFailure "block"
//     (GateCall); what it answers ask comes to can_use_tool (AskCall).
//     Hash tells whether the second is asked about the call that the first judged.
//
// Nothing here decides: calls are handed to a Handler and wait for an answer.
// What is missing, malformed, late or panics is answered deny or not at all,
// and a call without an answer does not run.
//
// Facts about the CLI are from recordings of version 2.1.330, kept in
// testdata/recordings.
package claude
