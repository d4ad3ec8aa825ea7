// Package session runs Claude sessions in chat threads. A Host belongs to one
// chat platform: it makes events of what the chat delivers, has them judged,
// and performs what they ask for. A Session is one thread's Claude process,
// its open prompts and its posts. Nothing in here decides what somebody may
// do: that is the pipeline's.
//
// Goroutines: what people do is handled in the thread's lane, tool calls in
// its gate lane, what Claude says in its show lane; each is ordered and none
// waits for another. One outbox per thread posts, edits and reacts.
//
// Where to look: slots.go has which sessions live, launch.go starts Claude,
// inbox.go gives it messages, handler.go hears it, gate.go and calls.go take its
// tool calls, prompt.go and approval.go put them before people, show.go and
// answer.go bring its words to the outbox, catchup.go what a cut link missed.
package session
