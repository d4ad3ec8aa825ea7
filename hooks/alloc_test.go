package hooks

import (
	"context"
	"testing"

	"ctpipe/pipeline"
)

// TestAllocations holds the bar of a typical tool hook: at most 60 allocations
// a call, whether it has something to say or not.
func TestAllocations(t *testing.T) {
	if raceFactor > 1 {
		t.Skip("the race detector allocates too")
	}
	set := build(t, script(t, "deploy_window"))
	set.warm(1)
	for name, ev := range map[string]*pipeline.Event{"abstains": typical(), "asks": toolEvent(kubectl("prod"))} {
		got := testing.AllocsPerRun(200, func() { set.Run(context.Background(), ev) })
		if got > 60 {
			t.Errorf("%s: %.0f allocations, want at most 60", name, got)
		}
	}
}
