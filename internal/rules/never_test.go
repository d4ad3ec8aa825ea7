package rules

import (
	"testing"
	"time"

	"ctpipe/internal/diag"
)

// TestSessionTimeoutNever: "0" is never, whatever it comes by; other zeros are
// refused (FUN-13).
func TestSessionTimeoutNever(t *testing.T) {
	for _, c := range []struct {
		file  string
		flags Flags
		want  time.Duration
		bad   bool
	}{
		{"", nil, 30 * time.Minute, false},
		{"[limits]\nsession_timeout = \"0\"", nil, 0, false},
		{"[limits]\nsession_timeout = \"0s\"", nil, 0, true},
		{"[limits]\nsession_timeout = \"-5m\"", nil, 0, true},
		{"[limits]\nsession_timeout = \"0\"", Flags{"session-timeout": "2m"}, 2 * time.Minute, false},
		{"[limits]\nsession_timeout = \"2m\"", Flags{"session-timeout": "0"}, 0, false},
		{"", Flags{"session-timeout": "0m"}, 0, true},
	} {
		file, found := Parse("rules.toml", []byte(c.file))
		got, more := Resolve(file, c.flags, func(string) (string, bool) { return "", false })
		if bad := diag.HasErrors(append(found, more...)); bad != c.bad || !bad && got.Limits.SessionTimeout != c.want {
			t.Errorf("%q %v: %v, refused %v: %v", c.file, c.flags, got.Limits.SessionTimeout, bad, append(found, more...))
		}
	}
}
