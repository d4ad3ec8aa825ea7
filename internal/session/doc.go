// Package session runs Claude sessions in chat threads. A Host belongs to one
// chat platform: it makes events of what the chat delivers, has them judged,
// and performs what they ask for. A Session is one thread's Claude process,
// its open prompts and its posts. Nothing in here decides what somebody may
// do: that is the pipeline's.
//
// Goroutines: what people do is handled in the thread's lane, tool calls in
// its gate lane, what Claude says in its show lane; each is ordered and none
// waits for another. One outbox per thread (package outbox) posts, edits and
// reacts.
//
// Where to look: receive.go sorts what the chat says; packages intake, roster and
// attachment know what a post is, whose it is and what came with it. slots.go has which sessions live, launch.go starts Claude,
// inbox.go gives it messages, handler.go hears it, gate.go and calls.go take its
// tool calls. What waits for people is a prompt (prompt.go) with a card
// (cards.go): of a call (asked.go), of what has no session yet (parked.go) or of
// a block (sharing.go); approval.go is the one way to a decision on it. show.go
// and answer.go bring Claude's words to the outbox, catchup.go what a cut link
// missed. idle.go pauses a session and life.go tells how it goes on, events.go tells
// hooks; header.go and listing.go say it where people look, kept.go over restarts.
// control.go lists the chat commands, cmd_*.go do them.
package session
