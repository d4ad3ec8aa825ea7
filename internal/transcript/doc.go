// Package transcript is Claude's words on their way to posts: what Claude says,
// streamed and whole, its tool calls and how they end, its task list and its
// compactions become block updates; what has been judged of them becomes changes of
// the thread's posts.
//
// A Transcript is plain data. It knows no clock (the time is passed in), no chat, no
// outbox, no file, no goroutine and no lock: the lock of the session that it belongs
// to owns it. Nothing in here decides what may be shown: between Take, which gives
// the block updates that are to be judged, and Delivered or Withheld stands the show
// chain.
//
// Where to look: transcript.go has the way in, update.go what waits to be judged and
// when, form.go what is judged, answer.go the posts. stream.go, call.go, list.go,
// compaction.go, background.go and trouble.go make updates of what Claude says;
// save.go keeps it all over a restart.
package transcript
