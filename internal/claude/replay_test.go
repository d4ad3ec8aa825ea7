package claude

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

// entry is one line of a recording.
type entry struct {
	Dir string          `json:"dir"` // in, out, err, note, exit
	Msg json.RawMessage `json:"msg"`
}

func (e entry) object() map[string]any {
	var m map[string]any
	json.Unmarshal(e.Msg, &m)
	return m
}

func readRecording(path string) ([]entry, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	unzipped, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	var list []entry
	for dec := json.NewDecoder(unzipped); ; {
		var e entry
		if err := dec.Decode(&e); err == io.EOF {
			return list, nil
		} else if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		list = append(list, e)
	}
}

// process cuts out one process of a recording: it begins at the note with argv.
func processOf(list []entry, index int) []entry {
	var part []entry
	n := -1
	for _, e := range list {
		if e.Dir == "note" && e.object()["argv"] != nil {
			n++
		}
		if n == index {
			part = append(part, e)
		}
	}
	return part
}

func recordingPath(name string) string {
	return filepath.Join("testdata", "recordings", name+".jsonl.gz")
}

// fakeReplay plays the out lines of a recording's first process and compares
// what it is told with the in lines. Exit codes are the recorded ones; 97 is a
// difference, explained on stderr.
func fakeReplay(in *bufio.Reader, path string) int {
	list, err := readRecording(path)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 97
	}
	list = processOf(list, 0)
	r := replay{in: in, ids: map[string]string{}}
	if err := r.play(list); err != nil {
		fmt.Fprintln(os.Stderr, "replay:", err)
		return 97
	}
	// Stop says interrupt first; the recorded driver just closed stdin.
	fakeParrot(in)
	code := 0
	for _, e := range list {
		if e.Dir == "exit" {
			code = int(e.object()["code"].(float64))
		}
	}
	return code
}

type replay struct {
	in  *bufio.Reader
	ids map[string]string // recorded request id of the host → ours
}

func (r *replay) play(list []entry) error {
	if err := r.expectInitialize(list); err != nil {
		return err
	}
	first := true
	for i, e := range list {
		switch e.Dir {
		case "out":
			os.Stdout.Write(append(r.rewrite(e.Msg), '\n'))
		case "in":
			if first && subtypeOf(e) == "initialize" {
				first = false
				continue
			}
			first = false
			if err := r.expect(e); err != nil {
				return fmt.Errorf("entry %d: %w", i, err)
			}
		}
	}
	return nil
}

func subtypeOf(e entry) string {
	request, _ := e.object()["request"].(map[string]any)
	s, _ := request["subtype"].(string)
	return s
}

// expectInitialize reads our first line. Where the recorded driver did not
// initialize, it is confirmed here.
func (r *replay) expectInitialize(list []entry) error {
	got, err := r.next()
	if err != nil {
		return err
	}
	want := `{"PreToolUse":[{"hookCallbackIds":["gate"],"onFailure":"block"}]}`
	request, _ := got["request"].(map[string]any)
	hooks, _ := json.Marshal(request["hooks"])
	if string(hooks) != want {
		return fmt.Errorf("initialize registers %s", hooks)
	}
	id := got["request_id"].(string)
	for _, e := range list {
		if e.Dir == "in" {
			if subtypeOf(e) == "initialize" {
				r.ids[e.object()["request_id"].(string)] = id
				return nil
			}
			break
		}
	}
	succeed(id, map[string]any{})
	return nil
}

// rewrite puts our request ids and callback id where the driver's were.
func (r *replay) rewrite(msg json.RawMessage) []byte {
	msg = bytes.Replace(msg, []byte(`"callback_id": "cb"`), []byte(`"callback_id": "gate"`), 1)
	for theirs, ours := range r.ids {
		if bytes.Contains(msg, []byte(`"type": "control_response"`)) {
			msg = bytes.Replace(msg, []byte(`"request_id": "`+theirs+`"`), []byte(`"request_id": "`+ours+`"`), 1)
		}
	}
	return msg
}

func (r *replay) next() (map[string]any, error) {
	text, err := r.in.ReadBytes('\n')
	if err != nil {
		return nil, fmt.Errorf("waiting for a line: %w", err)
	}
	var got map[string]any
	return got, json.Unmarshal(text, &got)
}

// expect compares the next line of ours with a recorded one.
func (r *replay) expect(e entry) error {
	got, err := r.next()
	if err != nil {
		return err
	}
	want := e.object()
	switch want["type"] {
	case "user":
		if got["client_composed"] != true {
			return fmt.Errorf("client_composed is missing in %v", got)
		}
		delete(got, "client_composed")
		delete(got, "uuid")
		delete(want, "uuid")
	case "control_request":
		r.ids[want["request_id"].(string)] = got["request_id"].(string)
		delete(got, "request_id")
		delete(want, "request_id")
	}
	if !reflect.DeepEqual(got, want) {
		g, _ := json.Marshal(got)
		w, _ := json.Marshal(want)
		return fmt.Errorf("\n got %s\nwant %s", g, w)
	}
	return nil
}

// replayed lists the recordings whose both sides are replayed: text,
// permissions, questions, plans, interrupts, the gate.
var replayed = []string{
	"01-plain", "01-plain-partial", "02-permissions", "04-ask-user-question", "05-plan-mode",
	"05b-enter-plan-mode", "07-subagent", "08-interrupt", "16-concurrency", "21-gate-deny",
	"21-gate-ask-can-deny", "21-gate-subagent-deny", "21-gate-hook-rewrites", "21-gate-hostile-ask",
}

func TestReplayBothSides(t *testing.T) {
	for _, name := range replayed {
		t.Run(name, func(t *testing.T) {
			path, err := filepath.Abs(recordingPath(name))
			if err != nil {
				t.Fatal(err)
			}
			all, err := readRecording(path)
			if err != nil {
				t.Fatal(err)
			}
			drive(t, path, processOf(all, 0))
		})
	}
}

// drive does what the recorded driver did, through our own API.
func drive(t *testing.T, path string, list []entry) {
	p, w := startFake(t, fakeSpec(t, "replay:"+path))
	awaitReady(t, p)
	seen, code := 0, 0
	for i, e := range list {
		switch e.Dir {
		case "out":
			if e.object()["type"] != "control_response" {
				seen++
			}
		case "exit":
			code = int(e.object()["code"].(float64))
		case "in":
			ok := w.until(func() bool {
				return len(w.messages)+len(w.gates)+len(w.asks)+len(w.withdrew) >= seen || len(w.exits) > 0
			})
			if !ok {
				t.Fatalf("entry %d: the CLI is silent; stderr: %s", i, p.Stderr())
			}
			if err := act(p, e); err != nil {
				t.Fatalf("entry %d: %v; stderr: %s", i, err, p.Stderr())
			}
		}
	}
	w.mustUntil(t, "the last line", func() bool {
		return len(w.messages)+len(w.gates)+len(w.asks)+len(w.withdrew) >= seen || len(w.exits) > 0
	})
	exit := p.Stop(context.Background())
	if exit.Code != code || exit.Stderr != "" || exit.Stage > StageClose || exit.Err != nil {
		t.Fatalf("exit %+v, want code %d", exit, code)
	}
	compareOrder(t, w, list)
}

// act sends what one recorded in line says.
func act(p *Process, e entry) error {
	var l struct {
		Type    string
		UUID    string
		Message struct{ Content string }
		Request map[string]any
	}
	if err := json.Unmarshal(e.Msg, &l); err != nil {
		return err
	}
	switch l.Type {
	case "user":
		return p.Send(UserMessage{UUID: l.UUID, Text: l.Message.Content})
	case "control_request":
		subtype := l.Request["subtype"].(string)
		if subtype == "initialize" {
			return nil
		}
		delete(l.Request, "subtype")
		// Control would wait for the reply; the recorded driver went on.
		text, err := encodeRequest(p.asked.open(func(controlReply) {}), subtype, l.Request)
		if err != nil {
			return err
		}
		return p.in.send(text)
	}
	return answer(p, e.Msg)
}

// answer translates a recorded control response into our answers.
func answer(p *Process, msg json.RawMessage) error {
	var l struct {
		Response struct {
			RequestID string `json:"request_id"`
			Response  struct {
				Behavior, Message  string
				Interrupt          bool
				UpdatedInput       json.RawMessage
				UpdatedPermissions []Suggestion
				HookSpecificOutput struct {
					PermissionDecision       Decision
					PermissionDecisionReason string
					UpdatedInput             json.RawMessage
				}
			}
		}
	}
	if err := json.Unmarshal(msg, &l); err != nil {
		return err
	}
	id, r := l.Response.RequestID, l.Response.Response
	if r.Behavior != "" {
		return p.AnswerAsk(id, AskAnswer{Allow: r.Behavior == "allow", Message: r.Message, Interrupt: r.Interrupt,
			UpdatedInput: r.UpdatedInput, UpdatedPermissions: r.UpdatedPermissions})
	}
	hook := r.HookSpecificOutput
	if hook.PermissionDecision == "" {
		hook.PermissionDecision = None
	}
	return p.AnswerGate(id, GateAnswer{Decision: hook.PermissionDecision, Reason: hook.PermissionDecisionReason, UpdatedInput: hook.UpdatedInput})
}

// compareOrder checks that the handler got the recorded lines in their order.
func compareOrder(t *testing.T, w *watch, list []entry) {
	t.Helper()
	i := 0
	for _, e := range list {
		kind, _ := e.object()["type"].(string)
		if e.Dir != "out" || kind == "control_request" || kind == "control_response" || kind == "control_cancel_request" {
			continue
		}
		if i >= len(w.messages) {
			t.Fatalf("only %d messages arrived", i)
		}
		if got := w.messages[i].Header(); got.UUID != e.object()["uuid"] {
			t.Fatalf("message %d is %s %s, want %s", i, got.name(), got.UUID, e.Msg)
		}
		i++
	}
	if i != len(w.messages) {
		t.Fatalf("%d messages arrived, %d were recorded", len(w.messages), i)
	}
}
