package facts

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestResolveAgreesWithTheKernel (F1): wherever links lead, resolve arrives
// where the kernel does, for whatever way of writing the path.
func TestResolveAgreesWithTheKernel(t *testing.T) {
	tr := newTree(t)
	for _, d := range []string{"a/b/c", "d"} {
		if err := os.MkdirAll(filepath.Join(tr.dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	tr.write("a/f", "")
	tr.link("a/b", "l")
	tr.link("../../d", "a/b/up")
	tr.link(tr.outside, "out")
	tr.link("l/up", "ll")
	tr.link("self", "self")
	parts := []string{"a", "b", "c", "d", "l", "up", "out", "ll", "f", ".", "..", "", "app", "self"}
	g := rand.New(rand.NewPCG(1, 2))
	agreed := 0
	for range 5000 {
		var name []string
		for range 1 + g.IntN(6) {
			name = append(name, parts[g.IntN(len(parts))])
		}
		full := tr.dir + "/" + strings.Join(name, "/")
		want, err := filepath.EvalSymlinks(full)
		if _, kernel := os.Stat(full); err != nil || kernel != nil {
			continue // what does not exist has no place that the kernel knows
		}
		got, err := resolve(Disk{}, tr.dir, strings.Join(name, "/"))
		if strings.HasPrefix(strings.Join(name, "/"), "/") {
			got, err = resolve(Disk{}, "/", full)
		}
		if err != nil || got != want {
			t.Fatalf("%s: %s (%v), the kernel says %s", full, got, err, want)
		}
		agreed++
	}
	if agreed < 500 {
		t.Errorf("only %d paths existed: the test proves little", agreed)
	}
}
