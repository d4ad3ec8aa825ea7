// Package session runs Claude sessions in chat threads. A Host belongs to one
// chat platform: it makes events of what the chat delivers, has them judged,
// and performs what they ask for. A Session is one thread's Claude process,
// its open prompts and its posts. Nothing in here decides what somebody may
// do: that is the pipeline's.
//
// Goroutines: what people do is handled in the thread's lane, tool calls in
// its gate lane, what Claude says in its show lane; each is ordered and none
// waits for another. One outbox per thread posts, edits and reacts.
package session
