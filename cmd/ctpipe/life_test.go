package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"ctpipe/internal/claude/claudetest"
	"ctpipe/internal/mattermost"
	"ctpipe/internal/playground"
)

// again starts ctpipe as it was started, on the same state and chat.
func (d *running) again() {
	d.t.Helper()
	cmd := exec.Command(d.cmd.Path, d.cmd.Args[1:]...)
	cmd.Env, cmd.Stderr = d.cmd.Env, d.errs
	d.cmd, d.out, d.done = cmd, &lockedBuffer{}, make(chan struct{})
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		d.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	go d.read(stdout, make(chan string, 1))
	d.eventually("ctpipe to listen again", func() bool { return strings.Contains(d.out.String(), "listening: ") })
}

// ended sends ctpipe a signal and waits for its end.
func (d *running) ended(sig syscall.Signal) {
	d.t.Helper()
	if err := d.cmd.Process.Signal(sig); err != nil {
		d.t.Fatal(err)
	}
	select {
	case <-d.done:
	case <-time.After(patience):
		d.t.Fatalf("ctpipe lives after %v", sig)
	}
}

// boards are the bot's posts at the channel's root.
func boards(srv *playground.Server) []mattermost.Post {
	var out []mattermost.Post
	for _, p := range srv.Posts() {
		if p.RootID == "" && p.Props["ctpipe"] == "sticky" {
			out = append(out, mattermost.Post{ID: p.ID, Message: p.Message})
		}
	}
	return out
}

// TestLifeOfASession runs the real binary through an idle time-out, a restart
// and a crash (DATA-09, DATA-10, FUN-10, STR-13): one post tells of the pause
// and of the resumption, the header stays the same post, there is one list.
func TestLifeOfASession(t *testing.T) {
	long(t, "sits through two time-outs")
	d, srv := platform(t, `token_env = "CTPIPE_TOKEN"`, []string{"CTPIPE_TOKEN={{TOKEN}}"}, "-session-timeout", "3s")
	post := func(root, text string) string {
		p, err := srv.PostAs("alice", root, text)
		if err != nil {
			t.Fatal(err)
		}
		return p.ID
	}
	root := post("", "@claude-code explain this repo")
	header := waitPost(t, srv, root, "Started by")
	waitPost(t, srv, root, "Session idle** - will timeout in ~1 minute")
	pause := waitPost(t, srv, root, "Session timed out** after 1 minute")
	d.eventually("the list", func() bool { all := boards(srv); return len(all) == 1 })

	d.ended(syscall.SIGTERM)
	d.again()
	if err := srv.React("alice", pause.ID, "arrows_counterclockwise"); err != nil {
		t.Fatal(err)
	}
	if now := waitPost(t, srv, root, "Session resumed** by"); now.ID != pause.ID {
		t.Error("the resumption has a post of its own")
	}
	d.ended(syscall.SIGKILL)
	d.again()
	post(root, "and now?")
	waitPost(t, srv, root, "Session resumed** after bot restart (v", "Reconnected to Claude session")
	d.eventually("the time-out after the crash", func() bool {
		n := 0
		for _, p := range srv.Posts() {
			if p.RootID == root && strings.Contains(p.Message, "Session timed out") {
				n++
			}
		}
		return n == 1
	})
	headers := 0
	for _, p := range srv.Posts() {
		if p.RootID == root && p.Props["ctpipe"] == "header" {
			headers++
		}
	}
	if headers != 1 || waitPost(t, srv, root, "Started by").ID != header.ID {
		t.Errorf("%d headers", headers)
	}
	d.eventually("the list of what is paused", func() bool {
		all := boards(srv)
		return len(all) == 1 && strings.Contains(all[0].Message, "**Recent**") && strings.Contains(all[0].Message, "explain this repo")
	})
	if err := srv.React("alice", header.ID, "octagonal_sign"); err != nil {
		t.Fatal(err)
	}
	waitPost(t, srv, root, "🛑 **Session cancelled** by")
}

// TestHeaderSaysWhatIsWrong: a save with a mistake is told in the header of a
// running session, and no more when it is mended (P1).
func TestHeaderSaysWhatIsWrong(t *testing.T) {
	d := rehearse(t)
	alice := d.as("alice")
	root := alice.says("", "@claude-code explain this repo")
	header := alice.sees(root, "Started by", "Rules")
	good := shippedRules(t)
	d.save("rules.toml", good+"\n[[rule]]\nid = \"x\"\non = \"tool\"\nwhen = 'tool.nam == 1'\nthen = \"deny\"\n")
	if now := alice.sees(root, "rules.toml on disk has mistakes"); now.ID != header.ID {
		t.Error("not in the header")
	}
	d.save("rules.toml", good+"\n# mended\n")
	d.eventually("the warning to go", func() bool {
		post, err := alice.client.GetPost(t.Context(), header.ID)
		return err == nil && !strings.Contains(post.Message, "mistakes") && row(post.Message, "Rules") != row(header.Message, "Rules")
	})
}

func row(text, name string) string {
	for _, line := range strings.Split(text, "\n") {
		if strings.Contains(line, "**"+name+"**") {
			return line
		}
	}
	return ""
}

// TestIdleClaudeIsResumed: the real CLI's process ends with the time-out, and
// the next message goes on in its conversation.
func TestIdleClaudeIsResumed(t *testing.T) {
	cli := claudetest.CLI(t)
	api := claudetest.NewServer(t, claudetest.Scenario{Replies: []claudetest.Reply{
		claudetest.Say("The word is amber."), claudetest.Say("It was amber.")}})
	d := startCtpipe(t, shippedRules(t), claudetest.Env(t, api), "-claude", cli, "-session-timeout", "3s")
	alice := d.as("alice")
	root := alice.says("", "@claude-code choose a word")
	alice.sees(root, "The word is amber.")
	pause := alice.sees(root, "Session timed out**")
	d.eventually("Claude's process to end", func() bool { return len(below(d.cmd.Process.Pid)) == 0 })
	alice.says(root, "which word?")
	alice.sees(root, "It was amber.")
	if now := alice.sees(root, "🔄 **Session resumed**"); now.ID != pause.ID {
		t.Error("the resumption has a post of its own")
	}
	if !told(api, "The word is amber.") {
		t.Error("the conversation was lost")
	}
}

// below are the processes that a process has started.
func below(pid int) (all []string) {
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, task := range tasks {
		raw, _ := os.ReadFile(task)
		all = append(all, strings.Fields(string(raw))...)
	}
	return all
}
