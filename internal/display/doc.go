// Package display says how a session looks in a thread: tool calls and how they
// ended, subagents, the task list, compaction, the session's header and the
// channel's list of sessions, all as markdown.
//
// The package is pure: text in, text out, no clock, no files, no network. What
// Claude, a tool, a file or a name supplies is inert in what comes out: it
// stands in code that it cannot leave, or is escaped, and ctpipe's own words are
// never inside those fences. It can mention nobody, hide nothing and break no
// table. Whatever is left out is counted, and the count stands outside the
// foreign text. All texts are bounded in size. Secrets are not this package's
// business: its texts and files pass redaction afterwards.
package display
