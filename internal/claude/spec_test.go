package claude

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestEverySpawnKeepsTheLocks is SEC-01 and P7: whatever a process is started
// with, its mode is the one asked for, and no lock is missing.
func TestEverySpawnKeepsTheLocks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := Spec{
			Command: []string{"/bin/claude"}, Dir: "/", SessionID: testSession,
			Resume: rapid.Bool().Draw(t, "resume"), Chrome: rapid.Bool().Draw(t, "chrome"),
			FileHooks:          rapid.Bool().Draw(t, "hooks"),
			Mode:               rapid.SampledFrom([]string{"", ModeDefault, ModeAuto}).Draw(t, "mode"),
			Model:              rapid.SampledFrom([]string{"", "opus", "claude-opus-5-5[1m]"}).Draw(t, "model"),
			AppendSystemPrompt: rapid.SampledFrom([]string{"", "be brief", "--dangerous"}).Draw(t, "prompt"),
		}
		if err := s.validate(); err != nil {
			t.Fatal(err)
		}
		argv := s.argv()
		value := func(flag string) string {
			i := slices.Index(argv, flag)
			if i < 0 || slices.Contains(argv[i+1:], flag) {
				t.Fatalf("%s does not stand once in %q", flag, argv)
			}
			return argv[i+1]
		}
		mode := s.Mode
		if mode == "" {
			mode = ModeDefault
		}
		if value("--permission-mode") != mode || value("--setting-sources") != "user" || value("--permission-prompt-tool") != "stdio" ||
			value("--input-format") != "stream-json" || value("--output-format") != "stream-json" {
			t.Fatalf("argv %q", argv)
		}
		value("--strict-mcp-config")
		value("--include-partial-messages")
		value("--verbose")
		id, other := "--session-id", "--resume"
		if s.Resume {
			id, other = other, id
		}
		if value(id) != testSession || slices.Contains(argv, other) || slices.Contains(argv, "--chrome") != s.Chrome {
			t.Fatalf("argv %q", argv)
		}
		var locks map[string]bool
		if err := json.Unmarshal([]byte(value("--settings")), &locks); err != nil {
			t.Fatal(err)
		}
		auto, ok := locks["useAutoModeDuringPlan"]
		if !locks["disableSkillShellExecution"] || auto || !ok || locks["disableAllHooks"] == s.FileHooks {
			t.Fatalf("settings %v", locks)
		}
		for _, a := range argv {
			if strings.HasSuffix(a, "dangerously-skip-permissions") || a == "bypassPermissions" {
				t.Fatalf("argv %q", argv)
			}
		}
	})
}

func TestSpecRefuses(t *testing.T) {
	good := Spec{Command: []string{"/bin/sh"}, Dir: "/", SessionID: testSession}
	if err := good.validate(); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Spec){
		"no command":      func(s *Spec) { s.Command = nil },
		"no UUID":         func(s *Spec) { s.SessionID = "x" },
		"flag as id":      func(s *Spec) { s.SessionID = "--dangerously-skip-permissions" },
		"braced UUID":     func(s *Spec) { s.SessionID = "{" + testSession + "}" },
		"bypass":          func(s *Spec) { s.Mode = "bypassPermissions" },
		"accept edits":    func(s *Spec) { s.Mode = "acceptEdits" },
		"flag as model":   func(s *Spec) { s.Model = "--dangerously-skip-permissions" },
		"spaces in model": func(s *Spec) { s.Model = "a b" },
		"long prompt":     func(s *Spec) { s.AppendSystemPrompt = strings.Repeat("x", 1<<17) },
		"NUL in prompt":   func(s *Spec) { s.AppendSystemPrompt = "a\x00b" },
		"no pair":         func(s *Spec) { s.Env = []string{"NAME"} },
		"no name":         func(s *Spec) { s.Env = []string{"=x"} },
		"NUL in env":      func(s *Spec) { s.Env = []string{"A=\x00"} },
		"ctpipe's name":   func(s *Spec) { s.Env = []string{"CTPIPE_TOKEN=s3cr3t"} },
		"lower case":      func(s *Spec) { s.Env = []string{"ctpipe_token=s3cr3t"} },
		"Mattermost's":    func(s *Spec) { s.Env = []string{"MM_TOKEN=s3cr3t"} },
	} {
		t.Run(name, func(t *testing.T) {
			s := good
			change(&s)
			_, err := Start(context.Background(), s, Handler{})
			if err == nil {
				t.Fatal("was taken")
			}
			if strings.Contains(err.Error(), "s3cr3t") {
				t.Errorf("the error tells the secret: %v", err)
			}
		})
	}
}

// TestEnvPrecedence: the daemon's own environment, then the operator's, then
// what ctpipe needs (T2).
func TestEnvPrecedence(t *testing.T) {
	got := buildEnv(
		[]string{"HOME=/h", "PATH=/p", "FOO=1", "CTX=1", "mmap=1", "HTTPS_PROXY=http://p", "XDG_RUNTIME_DIR=/r", "ODD"},
		[]string{"PATH=/q", "FOO=2", "DISABLE_AUTOUPDATER=0"}, 500*time.Microsecond, "m")
	want := []string{"AGENT_SPAWN_ID=m", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1", "CLAUDE_CODE_EMIT_SESSION_STATE_EVENTS=1",
		"CLAUDE_CODE_MAX_RETRIES=3", "CLAUDE_CODE_STREAM_EVENT_HOLD_MS=1", "DISABLE_AUTOUPDATER=1", "FOO=2", "HOME=/h",
		"HTTPS_PROXY=http://p", "PATH=/q", "XDG_RUNTIME_DIR=/r"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
