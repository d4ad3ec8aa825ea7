package app

import (
	"ctpipe/internal/journal"
	"ctpipe/pipeline"
)

// observe writes every run into the journal, off the verdict's path, and counts
// for the headers what could not be judged.
func (s *server) observe(r *pipeline.Run) {
	s.hosts.Observe(r)
	verdict, _ := r.Verdict()
	s.book.Append(journal.Record{Event: *r.Event, Votes: r.Votes(), Verdict: verdict, Settings: r.Settings,
		Rev: r.Event.Rev, TookUS: r.Trace.Took.Microseconds(), Steps: r.Trace.Steps, Reads: r.Trace.Reads, Labels: labels(r)})
}

// labels are what hooks put on a run; nil for none.
func labels(r *pipeline.Run) map[string]string {
	var out map[string]string
	for _, e := range r.Effects() {
		if l, ok := e.(pipeline.Label); ok {
			if out == nil {
				out = map[string]string{}
			}
			out[l.Key] = l.Value
		}
	}
	return out
}
