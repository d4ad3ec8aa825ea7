package policy

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"ctpipe/internal/journal"
	"ctpipe/pipeline"
)

// lineBytes is about what a tool call takes in the journal.
const lineBytes = 1600

// TestLineIsShort covers design 11: what is zero is not written, and comes back
// as zero.
func TestLineIsShort(t *testing.T) {
	p, _, findings := loaderOf("../..").Load()
	if p == nil {
		t.Fatal(text(findings))
	}
	ev := bashEvent(t, p, "01JQ9V3W6Z8K2M4N6P8R0T2V4X", "main:8ymb3fk7xbnqmpt9hqe3ghx6uo", "git status && go test ./...")
	ev.Session = pipeline.Session{ID: "6a0e7c1e-3d5c-4a57-9f0c-0f7a4f6c2d11", State: "running", Owner: "u1", Mode: "default", Model: "claude-sonnet", Dir: testDir, Branch: "main", Trigger: "human", Turns: 3, Cost: 0.12}
	run := p.Snapshot.Judge(context.Background(), ev)
	verdict, _ := run.Verdict()
	rec := journal.Record{Time: time.Unix(1.76e9, 0), Event: *run.Event, Votes: run.Votes(), Verdict: verdict, Rev: run.Event.Rev, TookUS: 140, Steps: run.Trace.Steps}
	line, err := json.Marshal(rec)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes: %s", len(line), line)
	if len(line) > lineBytes {
		t.Errorf("%d bytes, want %d at most", len(line), lineBytes)
	}
	var back journal.Record
	if err := json.Unmarshal(line, &back); err != nil {
		t.Fatal(err)
	}
	then, now := Recorded(&back), Rejudged(t.Context(), p, &back)
	if then.Verdict != verdict || now.Verdict != verdict {
		t.Errorf("was %v, comes back as %v, and is judged %v", verdict, then.Verdict, now.Verdict)
	}
}
