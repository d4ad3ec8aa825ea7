// Package session runs Claude sessions in chat threads. A Host belongs to one
// chat platform: it makes events of what the chat and Claude say, has them
// judged, and does what the runs want done. Nothing in here decides what somebody
// may do: that is the pipeline's.
//
// A Session is a value with hands. Its parts are plain data in packages of their
// own: about, inbox, calls, process (with the pauses), transcript, and the
// thread's desk; save.go takes all of them down and puts them back, which nothing
// but the tests does so far: what a restart needs is in record.go. The lock of its
// thread owns the parts; it is held for moments, never over I/O, and taken after
// the host's. What a session and a host do in the world stands in types by subject
// (acting.go).
//
// Goroutines: what people do is handled in the thread's lane, tool calls in its
// gate lane, Claude's words in its show lane, records in its state lane; each is
// ordered and none waits for another.
//
// Where to look. From the chat: receive.go and start_commands.go (posts),
// reaction.go, catchup.go. perform.go is the one place that acts; commands.go and
// commanded_*.go are what chat commands act on, asked.go what answers of people
// act on (package thread). From Claude: handler.go, pre_tool_use.go and
// can_use_tool.go (tool calls), show.go (words), turn.go, exit.go. To Claude:
// deliver.go. launch.go starts it, idle.go pauses it, slots.go says which sessions
// there are, record.go writes them down, header.go and listing.go say it where
// people look.
package session
