package policy

import (
	"log/slog"
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler)) // hooks that fail on purpose say so a thousand times
	os.Exit(m.Run())
}
