package session

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ctpipe/internal/claude"
	"ctpipe/internal/mattermost/chattest"
)

var update = flag.Bool("update", false, "write testdata/sequences anew")

// sequences are pieces of the recordings of the real CLI: what comes in is in
// the recording's lines from..to, what the thread then shows in
// testdata/sequences.
var sequences = []struct {
	name, file string
	from, to   int
}{
	{"plain-answer", "01-plain-partial", 1, 48},
	{"allow-and-deny", "02-permissions", 2, 19},
	{"bash-fails", "02-permissions", 77, 84},
	{"two-calls-at-once", "02-permissions", 64, 75},
	{"write-edit-read", "03-tools", 2, 72},
	{"image-notebook", "03-tools", 73, 95},
	{"web-and-unknown-tools", "03-tools", 96, 141},
	{"outside-and-broken", "03-tools", 151, 181},
	{"search", "03b-tools-flag", 2, 22},
	{"todo-without-the-tool", "03b-tools-flag", 23, 28},
	{"task-list", "03b-tools-flag", 30, 71},
	{"questions", "04-ask-user-question", 2, 54},
	{"plan", "05-plan-mode", 1, 26},
	{"subagent", "07-subagent", 1, 48},
	{"subagent-in-background", "07c-subagent-background", 1, 25},
	{"interrupt-mid-stream", "08-interrupt", 5, 38},
	{"interrupt-mid-tool", "08-interrupt", 40, 75},
	{"interrupt-at-a-card", "08-interrupt", 77, 116},
	{"interrupt-thinking", "08-interrupt", 118, 151},
	{"context-and-cost", "09-slash-commands", 29, 42},
	{"compact", "09-slash-commands", 2, 68},
	{"clear-and-model", "09-slash-commands", 70, 111},
	{"auto-compaction", "15-extras", 77, 105},
	{"overloaded-then-ok", "11-api-errors", 2, 7},
	{"overloaded", "11-api-errors", 12, 17},
	{"rate-limited", "11-api-errors", 41, 46},
	{"server-error", "11-api-errors", 22, 27},
	{"forbidden", "11-api-errors", 67, 70},
	{"no-such-model", "11-api-errors", 75, 79},
	{"prompt-too-long", "11-api-errors", 116, 125},
	{"credit", "11-api-errors", 130, 133},
	{"abandoned-blocks", "11-api-errors", 138, 149},
	{"connection-dropped", "11-api-errors", 154, 166},
	{"refusal", "11-api-errors", 181, 187},
	{"max-turns", "11c-limits-and-auth", 2, 11},
	{"max-budget", "11c-limits-and-auth", 16, 22},
	{"not-logged-in", "11c-limits-and-auth", 38, 45},
	{"bad-key", "11c-limits-and-auth", 50, 54},
	{"server-down", "11c-limits-and-auth", 59, 63},
	{"model-by-control", "14-control-requests", 26, 40},
	{"background-bash", "13e-background-bash", 2, 46},
	{"mcp", "13c-mcp", 2, 13},
	{"usage-limit", "13g-rate-limit", 0, 1000},
	{"long-tool", "17-long-tool", 2, 33},
}

// recorded is one line of a recording.
type recorded struct {
	T   int             `json:"t"` // ms
	Dir string          `json:"dir"`
	Msg json.RawMessage `json:"msg"`
}

func recording(t *testing.T, name string) (lines []recorded) {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "claude", "testdata", "recordings", name+".jsonl.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	unzipped, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	for in := bufio.NewReader(unzipped); ; {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return lines
		}
		var r recorded
		if err := json.Unmarshal(line, &r); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, r)
	}
}

// request is what a control message of either side says.
type request struct {
	Type      string `json:"type"`
	RequestID string `json:"request_id"`
	Request   struct {
		Subtype  string          `json:"subtype"`
		ToolName string          `json:"tool_name"`
		ToolUse  string          `json:"tool_use_id"`
		Input    json.RawMessage `json:"input"`
	} `json:"request"`
	Response struct {
		Response struct {
			Behavior string `json:"behavior"`
			Input    struct {
				Answers map[string]any `json:"answers"`
			} `json:"updatedInput"`
		} `json:"response"`
	} `json:"response"`
	Message struct {
		Content any `json:"content"`
	} `json:"message"`
}

// player lets a session hear a recording, and does in the thread what its host
// did on the wire.
type player struct {
	*world
	root  string
	agent *fakeAgent
}

func (p *player) plays(lines []recorded) {
	for i, line := range lines {
		if wait := line.T - lines[max(i-1, 0)].T; wait > 0 {
			time.Sleep(time.Duration(wait) * time.Millisecond)
		}
		var r request
		_ = json.Unmarshal(line.Msg, &r) // notes are of any shape
		switch line.Dir {
		case "in":
			p.does(r)
		case "out":
			p.hears(line.Msg, r)
		}
		synctest.Wait()
	}
	time.Sleep(5 * time.Second)
	synctest.Wait()
}

func (p *player) hears(line []byte, r request) {
	switch {
	case r.Type == "control_request" && r.Request.Subtype == "can_use_tool":
		fields := map[string]any{}
		_ = json.Unmarshal(r.Request.Input, &fields)
		q := r.Request
		p.agent.h.Gate(claude.GateCall{RequestID: "g" + r.RequestID, ToolUseID: q.ToolUse, ToolName: q.ToolName, Input: q.Input, Fields: fields, Cwd: p.agent.spec.Dir})
		synctest.Wait()
		p.agent.h.Ask(claude.AskCall{RequestID: r.RequestID, ToolUseID: q.ToolUse, ToolName: q.ToolName, Input: q.Input, Fields: fields, Cwd: p.agent.spec.Dir})
		time.Sleep(time.Second) // for the card
	case r.Type == "control_cancel_request":
		p.agent.h.Withdraw(r.RequestID)
	case strings.HasPrefix(r.Type, "control_"):
	default:
		m, err := claude.Decode(line)
		if err != nil {
			p.Fatalf("%v: %s", err, line)
		}
		p.agent.h.Message(m)
	}
}

// does is what people do where the recording's host wrote something.
func (p *player) does(r request) {
	switch {
	case r.Type == "user":
		if text, ok := r.Message.Content.(string); ok && !strings.HasPrefix(text, "/") {
			p.post("alice", p.root, text)
		}
	case r.Type == "control_request" && r.Request.Subtype == "interrupt":
		p.post("alice", p.root, "!escape")
	case r.Type == "control_response" && len(r.Response.Response.Input.Answers) > 0:
		p.answers()
	case r.Type == "control_response" && r.Response.Response.Behavior == "allow":
		p.reactsNow("+1")
	case r.Type == "control_response":
		p.reactsNow("-1")
	}
}

// answers gives the first answer to every question that comes.
func (p *player) answers() {
	for range 4 {
		p.reactsNow("one")
		p.reactsNow("white_check_mark")
	}
}

func (p *player) reactsNow(emoji string) {
	synctest.Wait()
	if cards := p.chat.OfKind(p.root, "card"); len(cards) > 0 {
		p.reacts("alice", cards[len(cards)-1].ID, emoji)
	}
}

// shows is the thread as people see it. Of cards and of the header there is the
// first line: they have tests of their own.
func (p *player) thread() string {
	var b strings.Builder
	p.chat.Mu.Lock()
	defer p.chat.Mu.Unlock()
	for _, post := range p.chat.Posts {
		if post.ID == p.root || post.RootID != p.root {
			continue
		}
		kind, text := fmt.Sprint(post.Props["ctpipe"]), strings.TrimRight(post.Message, "\n")
		switch {
		case post.UserID != chattest.BotID:
			kind = "@" + strings.TrimPrefix(post.UserID, "u-")
		case kind == "header":
			continue
		case kind == "card":
			text, _, _ = strings.Cut(text, "\n")
		}
		text = strings.ReplaceAll(text, p.agent.spec.Dir, "/home/user/repo")
		text = strings.ReplaceAll(strings.ReplaceAll(text, "\u200b", ""), "\t", "→")
		fmt.Fprintf(&b, "══ %s\n%s\n\n", kind, text)
	}
	return b.String()
}

// TestSequences covers STR-08, STR-09, STR-11 and STR-14 on what the real CLI
// wrote: recorded streams in, the thread's posts out.
func TestSequences(t *testing.T) {
	for _, q := range sequences {
		t.Run(q.name, func(t *testing.T) {
			lines := recording(t, q.file)
			var got string
			inWorld(t, "", func(w *world) {
				root, a := w.opened()
				p := &player{world: w, root: root, agent: a}
				p.plays(lines[min(q.from, len(lines)):min(q.to+1, len(lines))])
				got = p.thread()
			})
			path := filepath.Join("testdata", "sequences", q.name+".txt")
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("the thread shows\n%s\nwant\n%s", got, want)
			}
			for _, words := range []string{"Running...", "Compacting context", "Starting"} {
				if strings.Contains(got, words) && !slices.Contains([]string{"subagent-in-background"}, q.name) {
					t.Errorf("%q stays", words)
				}
			}
		})
	}
}
