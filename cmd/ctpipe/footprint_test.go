package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestFootprint measures what a start costs, what ctpipe holds when nothing
// happens, and what each open session adds; Claude's own processes are not
// counted. It fails only far outside the bars (100 ms, 30 MB, 1 MB a session),
// since other work may share the machine.
func TestFootprint(t *testing.T) {
	if testing.Short() {
		t.Skip("a measurement")
	}
	const sessions = 20
	if _, err := binary(); err != nil { // built before the clock runs
		t.Fatal(err)
	}
	began := time.Now()
	d := startCtpipe(t, shippedRules(t), []string{"HOME=" + t.TempDir()}, "-claude", "rehearsal", "-max-sessions", strconv.Itoa(sessions))
	ready := time.Since(began)
	alice := d.as("alice")
	idle := resident(t, d)
	for end := time.Now().Add(3 * time.Second); idle > 30<<10 && time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		idle = resident(t, d) // what the start has left over is given back beside everything else
	}
	for i := range sessions {
		root := alice.says("", fmt.Sprintf("@claude-code hello %d", i))
		alice.sees(root, "rehearsal")
	}
	open := resident(t, d)
	each := (open - idle) / sessions
	t.Logf("ready after %v, %d kB when idle, %d kB with %d sessions: %d kB each", ready, idle, open, sessions, each)
	if ready > 2*time.Second || idle > 60<<10 || each > 3<<10 {
		t.Error("far outside the bars")
	}
}

// resident is the daemon's resident memory in kB.
func resident(t *testing.T, d *running) int {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(d.cmd.Process.Pid), "status"))
	if err != nil {
		t.Skip("no /proc here")
	}
	for line := range strings.Lines(string(raw)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			n, err := strconv.Atoi(strings.Fields(rest)[0])
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	t.Fatal("no VmRSS")
	return 0
}
