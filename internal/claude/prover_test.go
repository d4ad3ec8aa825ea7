package claude

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// keptProofs is a Proofs whose reads and writes can fail.
type keptProofs struct {
	kept        map[string]Proof
	read, write error
}

func (k *keptProofs) Proof(_ context.Context, key string) (Proof, error) {
	return k.kept[key], k.read
}

func (k *keptProofs) SaveProof(_ context.Context, p Proof) error {
	if k.write == nil {
		k.kept[p.Key] = p
	}
	return k.write
}

// trial is a Prover over a canary and a CLI that say which version they are.
type trial struct {
	*Prover
	proofs   *keptProofs
	log      bytes.Buffer
	versions []string // what the canary finds, one each time; "" is a gate that leaks
	tried    int
}

var errLeaks = errors.New("the gate leaks")

func newTrial(versions ...string) *trial {
	tr := &trial{proofs: &keptProofs{kept: map[string]Proof{}}, versions: versions}
	tr.reopen()
	return tr
}

// reopen is a restart of ctpipe.
func (tr *trial) reopen() {
	tr.Prover = NewProver(tr.proofs, slog.New(slog.NewTextHandler(&tr.log, nil)))
	tr.check = func(context.Context, Canary) (CanaryResult, error) {
		version := tr.versions[min(tr.tried, len(tr.versions)-1)]
		tr.tried++
		if version == "" {
			return CanaryResult{}, &CanaryError{Lock: LockGate, Err: errLeaks}
		}
		return CanaryResult{Version: version}, nil
	}
}

// fakeCLI is the version that fakeParrot calls itself.
const fakeCLI = "fake"

// SEC-01: no session starts on a CLI whose gate was not proved, and the proof
// is asked for once per binary, over restarts too.
func TestProverStartsOnlyWhatIsProved(t *testing.T) {
	for _, c := range []struct {
		name     string
		versions []string
		kept     string // version of a proof from an earlier run
		read     error
		write    error
		tried    int
		fails    string
		logs     string
	}{
		{name: "new", versions: []string{fakeCLI}, tried: 1, logs: "the gate holds"},
		{name: "kept", kept: fakeCLI, versions: []string{""}, tried: 0},
		{name: "leaks", versions: []string{""}, tried: 1, fails: "the gate leaks"},
		{name: "kept cannot be read", versions: []string{fakeCLI}, read: errors.New("disk"), tried: 1, logs: "cannot read"},
		{name: "result cannot be kept", versions: []string{fakeCLI}, write: errors.New("disk"), tried: 1, logs: "is not kept"},
		{name: "another version since", kept: "older", versions: []string{fakeCLI}, tried: 1, logs: "another version"},
		{name: "another version, which leaks", kept: "older", versions: []string{""}, tried: 1, fails: "the gate leaks"},
		{name: "never the version that was tried", versions: []string{"1", "2"}, tried: 2, fails: `version fake now, but 2 when`},
	} {
		t.Run(c.name, func(t *testing.T) {
			tr, spec := newTrial(c.versions...), fakeSpec(t, "parrot")
			bin, err := Fingerprint(spec.Command)
			if err != nil {
				t.Fatal(err)
			}
			if c.kept != "" {
				tr.proofs.kept[bin.Key] = Proof{Binary: bin, Version: c.kept, Passed: bin.ModTime}
			}
			tr.proofs.read, tr.proofs.write = c.read, c.write
			p, err := tr.Start(t.Context(), spec, newWatch().handler())
			if p != nil {
				defer p.Stop(context.Background())
			}
			if c.fails == "" && (err != nil || p == nil) || c.fails != "" && (p != nil || err == nil || !strings.Contains(err.Error(), c.fails)) {
				t.Errorf("%v, %v", p, err)
			}
			if tr.tried != c.tried || !strings.Contains(tr.log.String(), c.logs) {
				t.Errorf("the canary ran %d times; the log is:\n%s", tr.tried, tr.log.String())
			}
		})
	}
}

// A CLI that is not there is told as such, and nothing is tried.
func TestProverWithoutCLI(t *testing.T) {
	tr := newTrial(fakeCLI)
	spec := fakeSpec(t, "parrot")
	spec.Command = []string{t.TempDir() + "/claude"}
	_, err := tr.Start(t.Context(), spec, Handler{})
	var fault *StartError
	if !errors.As(err, &fault) || fault.Command != spec.Command[0] || tr.tried != 0 {
		t.Errorf("%v after %d trials", err, tr.tried)
	}
}

// Whatever is asked in which order, and however often ctpipe restarts: a
// version is given only where the canary found it last, and the canary runs
// again only for what it has not seen, has failed on, or is told to.
func TestProverSequences(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		tr := newTrial("")
		last := map[string]string{} // key → what the canary found last, where it passed
		for range rapid.IntRange(1, 30).Draw(rt, "steps") {
			key := rapid.SampledFrom([]string{"a", "b"}).Draw(rt, "binary")
			found := rapid.SampledFrom([]string{"", "1", "2"}).Draw(rt, "found")
			again := rapid.Bool().Draw(rt, "again")
			if rapid.Bool().Draw(rt, "restart") {
				tr.reopen()
			}
			tr.versions, tr.tried = []string{found}, 0
			got, err := tr.prove(t.Context(), Binary{Key: key}, nil, again)
			if due := again || last[key] == ""; due != (tr.tried == 1) {
				rt.Fatalf("%s: tried %d times, again %v, known %q", key, tr.tried, again, last[key])
			} else if due && found != "" {
				last[key] = found
			} else if due {
				if !errors.Is(err, errLeaks) || got != "" {
					rt.Fatalf("%s leaks, but %q, %v", key, got, err)
				}
				continue
			}
			if err != nil || got != last[key] {
				rt.Fatalf("%s: %q, %v; want %q", key, got, err, last[key])
			}
		}
	})
}

// RACE-05: a CLI that ends before its gate is confirmed is an error with its
// last words, and nobody hears of its exit beside that.
func TestStartReady(t *testing.T) {
	w := newWatch()
	if _, err := StartReady(t.Context(), fakeSpec(t, "exit:3"), w.handler()); err == nil || !strings.Contains(err.Error(), "going with 3") {
		t.Errorf("%v", err)
	}
	if exits := w.ends(); len(exits) > 0 {
		t.Errorf("its exit was reported too: %+v", exits)
	}
	p, err := StartReady(t.Context(), fakeSpec(t, "parrot"), w.handler())
	if err != nil {
		t.Fatal(err)
	}
	select {
	case <-p.Ready():
	default:
		t.Error("it is not ready")
	}
	p.Stop(context.Background())
	awaitDone(t, p)
	for len(w.ends()) == 0 {
		<-w.changed
	}
	if exits := w.ends(); len(exits) != 1 || exits[0].Code != 0 {
		t.Errorf("exits %+v", exits)
	}
}

// ends are the exits that were reported.
func (w *watch) ends() []Exit {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.exits)
}
