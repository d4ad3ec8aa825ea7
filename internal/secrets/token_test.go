package secrets

import (
	"context"
	"strings"
	"testing"
	"time"

	"ctpipe/internal/rules"
)

// TestTokenCommand: a token_cmd that leaves a process behind (an agent, say)
// keeps nobody waiting, and one that prints nothing says so.
func TestTokenCommand(t *testing.T) {
	for cmd, want := range map[string]string{"echo tok": "tok", "sleep 30 & echo tok": "tok"} {
		began := time.Now()
		got, err := (&Env{}).Token(context.Background(), rules.Platform{ID: "main", TokenCmd: cmd})
		if err != nil || got != want {
			t.Errorf("%s: %q, %v", cmd, got, err)
		}
		if took := time.Since(began); took > tokenWait {
			t.Errorf("%s took %v", cmd, took)
		}
	}
	for cmd, want := range map[string]string{"true": "printed nothing", "exit 3": "exit status 3"} {
		_, err := (&Env{}).Token(context.Background(), rules.Platform{ID: "main", TokenCmd: cmd})
		if err == nil || !strings.Contains(err.Error(), "platform main: token_cmd") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", cmd, err)
		}
	}
}
