// Package board keeps what stands in a channel outside of any thread: the
// pinned list of its sessions, and the posts about the policy.
//
// What to do is decided by plain data that reads no clock and calls nobody:
// pinned (what becomes of the list's post), pace (when it is looked at) and book
// (the open policy cards). List and PolicyDesk act on it; each has a lock of its
// own, which is never held while the chat or the store is asked.
package board
