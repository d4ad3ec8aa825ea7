package state

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"
)

var quiet = slog.New(slog.DiscardHandler)

var epoch = time.Date(2026, 11, 22, 18, 0, 0, 0, time.UTC)

func open(t testing.TB, dir string) *Store {
	t.Helper()
	s, err := Open(dir, WithLog(quiet), withClock(func() time.Time { return epoch }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func notes(t testing.TB, s *Store) []string {
	t.Helper()
	n, err := s.Ready(deadline(t))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func deadline(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func home(t testing.TB) string { return filepath.Join(t.TempDir(), "state") }

func TestMain(m *testing.M) {
	childIfAsked()
	goleak.VerifyTestMain(m)
}

// withClock sets the clock that stamps records and names of files kept aside.
func withClock(now func() time.Time) Option { return func(s *Store) { s.now = now } }
