package secrets

import (
	"context"
	"os"
	"path/filepath"
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

// SEC-14: each source gives its token without the white space around it, and
// says by its name what is wrong with it.
func TestTokenSources(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("credential", "systemd\n", 0o400)
	t.Setenv("CREDENTIALS_DIRECTORY", dir)
	t.Setenv("CTPIPE_TEST_BLANK", " ")
	e := &Env{taken: map[string]string{"TEAM_SECRET": " taken\n"}}
	for _, c := range []struct {
		name        string
		from        rules.Platform
		want, fails string
	}{
		{name: "in the file", from: rules.Platform{Token: "plain"}, want: "plain"},
		{name: "variable", from: rules.Platform{TokenEnv: "TEAM_SECRET"}, want: "taken"},
		{name: "blank variable", from: rules.Platform{TokenEnv: "CTPIPE_TEST_BLANK"}, fails: "token_env names CTPIPE_TEST_BLANK, which is not set"},
		{name: "file", from: rules.Platform{TokenFile: write("own", " tok \n", 0o600)}, want: "tok"},
		{name: "credential", from: rules.Platform{TokenFile: "credential"}, want: "systemd"},
		{name: "open file", from: rules.Platform{TokenFile: write("open", "tok", 0o640)}, fails: "can be read by others"},
		{name: "empty file", from: rules.Platform{TokenFile: write("empty", "\n", 0o600)}, fails: "token_file is empty"},
		{name: "no file", from: rules.Platform{TokenFile: filepath.Join(dir, "none")}, fails: "no such file"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.from.ID = "main"
			got, err := e.Token(t.Context(), c.from)
			if got != c.want || (err != nil) != (c.fails != "") {
				t.Fatalf("%q, %v", got, err)
			}
			if err != nil && (!strings.Contains(err.Error(), c.fails) || !strings.HasPrefix(err.Error(), "platform main: ")) {
				t.Error(err)
			}
		})
	}
}
