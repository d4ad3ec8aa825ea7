package claudetest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

func post(t *testing.T, srv *Server, user string, tools, stream bool) *http.Response {
	t.Helper()
	body := map[string]any{"model": "m", "stream": stream, "messages": []any{map[string]any{"role": "user", "content": user}}}
	if tools {
		body["tools"] = []any{map[string]any{"name": "Bash"}}
	}
	b, _ := json.Marshal(body)
	req, err := http.NewRequest(http.MethodPost, srv.URL+"/v1/messages", bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Api-Key", "dummy-key")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { res.Body.Close() })
	return res
}

func text(t *testing.T, res *http.Response) string {
	t.Helper()
	var m struct {
		Content []struct{ Text string }
		Error   struct{ Type string }
	}
	if err := json.NewDecoder(res.Body).Decode(&m); err != nil {
		t.Fatal(err)
	}
	if m.Error.Type != "" {
		return m.Error.Type
	}
	return m.Content[0].Text
}

func TestLanesRepeatsAndCaptures(t *testing.T) {
	srv := NewServer(t, Load(t, "testdata/lanes.json", map[string]string{"WHO": `a "quoted" name`}))
	steps := []struct {
		user  string
		tools bool
		want  string
	}{
		{"hello", true, `first from a "quoted" name`},
		{"no tools", false, "a title"},
		{"hello", true, `first from a "quoted" name`},
		{"MARK-HELPER go", true, "from the helper"},
		{"plan file: /tmp/p.md\n", true, "plan at /tmp/p.md, server " + srv.URL},
		{"hello", true, "overloaded_error"},
		{"hello", true, "(script exhausted)"},
	}
	for i, s := range steps {
		if got := text(t, post(t, srv, s.user, s.tools, false)); got != s.want {
			t.Errorf("step %d: got %q, want %q", i, got, s.want)
		}
	}
	if got := len(srv.Requests()); got != len(steps) {
		t.Errorf("recorded %d requests, want %d", got, len(steps))
	}
	if got := srv.Calls("helper"); len(got) != 1 || !got[0].Contains("MARK-HELPER") {
		t.Errorf("helper lane recorded %v", got)
	}
	if h := srv.Requests()[0].Header; h.Get("X-Api-Key") != "" {
		t.Error("a credential was recorded")
	}
}

// events returns the names of the server-sent events until the stream ends.
func events(t *testing.T, res *http.Response) (names []string, deltas string, err error) {
	t.Helper()
	sc := bufio.NewScanner(res.Body)
	for sc.Scan() {
		if name, ok := strings.CutPrefix(sc.Text(), "event: "); ok {
			names = append(names, name)
		}
		if data, ok := strings.CutPrefix(sc.Text(), "data: "); ok {
			var v struct {
				Delta struct {
					Text string
					JSON string `json:"partial_json"`
				}
			}
			if err := json.Unmarshal([]byte(data), &v); err != nil {
				t.Fatal(err)
			}
			deltas += v.Delta.Text + v.Delta.JSON
		}
	}
	return names, deltas, sc.Err()
}

func TestStreamCarriesTheWholeMessage(t *testing.T) {
	srv := NewServer(t, Scenario{Replies: []Reply{{Content: []Block{
		{Type: "thinking", Thinking: "hm"}, {Type: "text", Text: "grüße"}, ToolUse("Bash", map[string]string{"command": "ls"})}, Chunk: 2}}})
	names, deltas, err := events(t, post(t, srv, "x", true, true))
	if err != nil {
		t.Fatal(err)
	}
	if deltas != `grüße{"command":"ls"}` {
		t.Errorf("deltas add up to %q", deltas)
	}
	if names[0] != "message_start" || names[len(names)-1] != "message_stop" {
		t.Errorf("events %v", names)
	}
}

func TestFaults(t *testing.T) {
	long := Say(strings.Repeat("x", 60))
	for _, fault := range []string{"error", "drop", "stall"} {
		t.Run(fault, func(t *testing.T) {
			rep := long
			rep.Fault, rep.FaultAfter = fault, 3
			srv := NewServer(t, Scenario{Replies: []Reply{rep}})
			res := post(t, srv, "x", true, true)
			if fault == "stall" {
				buf := make([]byte, 16)
				if _, err := io.ReadFull(res.Body, buf); err != nil {
					t.Fatal(err)
				}
				res.Body.Close()
				srv.Wait(t, 5*time.Second, "client leaving", func(s *Server) bool { return s.Gone() == 1 })
				return
			}
			names, deltas, err := events(t, res)
			if len(deltas) != 18 {
				t.Errorf("%d runes before the fault, want 18", len(deltas))
			}
			last := names[len(names)-1]
			if fault == "error" && (err != nil || last != "error") || fault == "drop" && err == nil {
				t.Errorf("fault %s: err %v, last event %s", fault, err, last)
			}
		})
	}
}

func TestBadCaptureIsRefused(t *testing.T) {
	for _, re := range []string{"(", "no group"} {
		if _, err := Start(Scenario{Capture: map[string]string{"X": re}}); err == nil {
			t.Errorf("capture %q was accepted", re)
		}
	}
}

func TestPinnedCLIAnswersFromTheScript(t *testing.T) {
	t.Parallel()
	cli := CLI(t)
	srv := NewServer(t, Scenario{Replies: []Reply{Say("hello from the script")}})
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, cli, "-p", "--setting-sources", "user", "hi")
	cmd.Dir, cmd.Env = t.TempDir(), append(Env(t, srv), "PATH="+os.Getenv("PATH"))
	out, err := cmd.CombinedOutput()
	if err != nil || strings.TrimSpace(string(out)) != "hello from the script" {
		t.Fatalf("claude -p: %v\n%s", err, out)
	}
	for _, r := range srv.Requests() {
		if !strings.HasPrefix(r.Path, "/v1/messages") && r.Method == http.MethodPost {
			t.Errorf("unexpected request %s %s", r.Method, r.Path)
		}
	}
	if len(srv.Calls("main")) != 1 {
		t.Errorf("%d calls of the main lane, want 1", len(srv.Calls("main")))
	}
}
