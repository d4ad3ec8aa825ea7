// Package journal keeps one JSON line for every run: the event with its facts,
// the votes, the verdict and the settings. Explain, replay and the comparison
// on save read it.
//
// Files are named YYYY-MM-DD.NNN.jsonl (day in UTC), mode 0600, in a directory
// of mode 0700; they are only ever appended to, and removed when they are
// older than Config.Keep. A Writer is fed through a bounded queue and never
// makes its caller wait. Each batch taken from the queue is one write(2); it
// is followed by fsync unless all of it is show runs, so that a crash may lose
// the last of those. After an error the batch is written again, to a new file if
// the old one cannot be cut back, so a record can stand there twice but is not
// lost while the queue has room.
package journal
