package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"ctpipe/internal/mattermost"
	"ctpipe/internal/playground"
)

// platform runs ctpipe against a chat server that is not its own, as a
// [[platform]] of rules.toml names it.
func platform(t *testing.T, source string, env []string, args ...string) (*running, *playground.Server) {
	t.Helper()
	srv, err := playground.New(playground.Config{Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	if err := srv.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { srv.Close(context.Background()) })
	rules := shippedRules(t) + `
[[platform]]
id            = "main"
url           = "` + srv.APIURL() + `"
channel       = "main/playground"
bot_name      = "claude-code"
allowed_users = ["alice"]
` + source
	for i, kv := range env {
		env[i] = strings.ReplaceAll(kv, "{{TOKEN}}", srv.BotToken())
	}
	for i, a := range args {
		args[i] = strings.ReplaceAll(a, "{{TOKEN}}", srv.BotToken())
	}
	return launch(t, rules, append(env, "HOME="+t.TempDir()), append(args, "-claude", "rehearsal")...), srv
}

// TestTokenIsNowhereInProc starts with the token in the environment and on the
// command line; neither is to be found in /proc afterwards, of ctpipe or of
// its agent, and the session works (T1, T2, SEC-14).
func TestTokenIsNowhereInProc(t *testing.T) {
	for name, c := range map[string]struct {
		source string
		env    []string
		args   []string
	}{
		"environment":      {source: `token_env = "TEAM_CHAT_SECRET"`, env: []string{"TEAM_CHAT_SECRET={{TOKEN}}"}},
		"the usual name":   {env: []string{"CTPIPE_TOKEN={{TOKEN}}"}},
		"the command line": {args: []string{"-token", "{{TOKEN}}"}},
	} {
		t.Run(name, func(t *testing.T) {
			d, srv := platform(t, c.source, c.env, c.args...)
			root, err := srv.PostAs("alice", "", "@claude-code run: touch made")
			if err != nil {
				t.Fatal(err)
			}
			card := waitPost(t, srv, root.ID, "Permission requested", "touch made")
			for _, pid := range family(t, d.cmd.Process.Pid) {
				for _, file := range []string{"cmdline", "environ"} {
					raw, err := os.ReadFile(filepath.Join("/proc", pid, file))
					if err == nil && strings.Contains(string(raw), srv.BotToken()) {
						t.Errorf("the token stands in /proc/%s/%s", pid, file)
					}
				}
			}
			if err := srv.React("alice", card.ID, "+1"); err != nil {
				t.Fatal(err)
			}
			d.eventually("the file", func() bool { return exists(d, "made") })
			if strings.Contains(d.errs.String()+d.out.String(), srv.BotToken()) {
				t.Error("the token stands in the log")
			}
		})
	}
}

// family is a process and everything below it.
func family(t *testing.T, pid int) []string {
	t.Helper()
	all := []string{strconv.Itoa(pid)}
	for i := 0; i < len(all); i++ {
		tasks, _ := filepath.Glob("/proc/" + all[i] + "/task/*/children")
		for _, task := range tasks {
			raw, _ := os.ReadFile(task)
			all = append(all, strings.Fields(string(raw))...)
		}
	}
	if len(all) < 2 {
		t.Fatal("ctpipe has no agent to look at")
	}
	return all
}

func waitPost(t *testing.T, srv *playground.Server, root string, words ...string) mattermost.Post {
	t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		for _, p := range srv.Posts() {
			if p.RootID == root && holds(p.Message, words) {
				return mattermost.Post{ID: p.ID, Message: p.Message}
			}
		}
	}
	t.Fatalf("the thread never holds %q", words)
	return mattermost.Post{}
}

// TestWrongTokenSaysSo: a refused token ends the start with a sentence that
// says what is wrong, and does not hold the token (NET-09).
func TestWrongTokenSaysSo(t *testing.T) {
	srv, err := playground.New(playground.Config{Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	if err := srv.Start(); err != nil {
		t.Fatal(err)
	}
	defer srv.Close(context.Background())
	dir := t.TempDir()
	rules := shippedRules(t) + "\n[[platform]]\nurl = \"" + srv.APIURL() + "\"\nchannel = \"main/playground\"\ntoken_env = \"SOME_TOKEN\"\nallowed_users = [\"alice\"]\n"
	if err := os.WriteFile(filepath.Join(dir, "rules.toml"), []byte(rules), 0o600); err != nil {
		t.Fatal(err)
	}
	bin, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(bin, "-rules", filepath.Join(dir, "rules.toml"), "-state", filepath.Join(dir, "state"))
	cmd.Env = []string{"HOME=" + dir, "PATH=" + os.Getenv("PATH"), "SOME_TOKEN=abcdefghijklmnopqrstuvwxyz"}
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState.ExitCode() != exitBad || !strings.Contains(string(out), "refuses the bot's token") {
		t.Errorf("exit %v, says:\n%s", err, out)
	}
	if strings.Contains(string(out), "abcdefghijklmnopqrstuvwxyz") {
		t.Error("the token is printed")
	}
}
