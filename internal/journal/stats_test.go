package journal

// stats counts since the Writer was made.
type stats struct {
	Written int64 // records
	Lost    int64 // records dropped: the queue was full, or they did not encode
	Errors  int64 // failed attempts to write
	Queued  int   // records waiting now
}

// Stats gives the counts.
func (w *Writer) Stats() stats {
	return stats{Written: w.written.Load(), Lost: w.lost.Load(), Errors: w.errors.Load(), Queued: len(w.queue)}
}
