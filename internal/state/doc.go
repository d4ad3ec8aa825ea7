// Package state keeps what must outlive the daemon: the state directory with
// its exclusive lock, and in it one SQLite database of sessions, invited
// people, open prompts, canary results, the last accepted policy and what
// hooks remember.
//
// Open takes the directory and the lock and returns; the database is opened in
// the background, so that nothing at start waits for it. Every method that
// needs the database waits for it, or for its context. All methods are safe
// for concurrent use; writes go through one connection, reads through others.
// A write has reached the disk when its method returns nil.
package state
