package session

import "ctpipe/pipeline"

// WhyQuery says which verdict somebody wants explained. The newest one that
// fits is meant; without Event and Tool that is the thread's last tool
// call, or what else was last judged in it.
type WhyQuery struct {
	Thread pipeline.ThreadID // verdicts of other threads are nobody's business here; required
	Event  string            // an event's id, or how it begins or ends, four characters at least
	Tool   pipeline.ToolID
}
