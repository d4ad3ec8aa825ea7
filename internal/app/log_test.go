package app

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"ctpipe/internal/secrets"
	"ctpipe/stages"
)

// T7, SEC-28: neither what is logged nor what is printed of a file has a credential in
// it: by its form at once, by its value as soon as that is known.
func TestLogHidesSecrets(t *testing.T) {
	screen := secrets.NewScreen(stages.Redactor(&stages.Build{}))
	var log bytes.Buffer
	logger := newLogger(&log, "info", screen.Hide)
	say := func() {
		logger.Info("calling ghp_0123456789012345678901234567", "err", errors.New("the server said my-own-token-1 is wrong"), "url", "https://u:pw@example.org")
	}
	say()
	if got := log.String(); strings.Contains(got, "ghp_") || strings.Contains(got, "u:pw@") || !strings.Contains(got, "my-own-token-1") {
		t.Error(got)
	}
	forms := stages.Redactor(&stages.Build{})
	screen.Use(func(text string) string { return strings.ReplaceAll(forms(text), "my-own-token-1", "•••") })
	say()
	if n := strings.Count(log.String(), "my-own-token-1"); n != 1 {
		t.Error(log.String())
	}
	var out bytes.Buffer
	text := `   12 | token = "Zk3qP0vXw81LmTnBq7Rs"` + "\n"
	if n, err := io.WriteString(screen.Writer(&out), text); n != len(text) || err != nil || strings.Contains(out.String(), "Zk3q") {
		t.Errorf("%d, %v: %s", n, err, out.String())
	}
}
