package mattermost

import (
	"testing"
)

// The jittered pauses of a reconnect never exceed a minute, and never end.
func TestReconnectDelays(t *testing.T) {
	d := reconnectDelays()
	for i := range 2000 {
		wait := d.NextBackOff()
		if wait <= 0 || wait > maxDelay {
			t.Fatalf("pause %d is %s", i, wait)
		}
	}
}
