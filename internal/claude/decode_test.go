package claude

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

// TestEveryRecordedLineDecodes: all 48 recordings, every line the CLI wrote,
// each into its own type.
func TestEveryRecordedLineDecodes(t *testing.T) {
	files, err := filepath.Glob(recordingPath("*"))
	if err != nil || len(files) != 48 {
		t.Fatalf("%d recordings, %v", len(files), err)
	}
	seen := map[string]int{}
	for _, file := range files {
		list, err := readRecording(file)
		if err != nil {
			t.Fatal(err)
		}
		for i, e := range list {
			if e.Dir != "out" {
				continue
			}
			m, err := Decode(e.Msg)
			if err != nil {
				t.Errorf("%s entry %d: %v\n%.300s", file, i, err, e.Msg)
				continue
			}
			if _, unknown := m.(*Unknown); unknown {
				t.Errorf("%s entry %d: unknown %s", file, i, m.Header().name())
			}
			if !bytes.Equal(m.Header().Raw, e.Msg) {
				t.Errorf("%s entry %d: Raw differs", file, i)
			}
			checkContent(t, m)
			key := m.Header().Type
			if key == "system" {
				key += "/" + m.Header().Subtype
			}
			seen[key]++
		}
	}
	for key := range decoders {
		if seen[key] == 0 {
			t.Errorf("no recording holds a %s", key)
		}
	}
}

// checkContent looks for fields that are always filled in the recordings: a
// misspelt tag would leave them empty.
func checkContent(t *testing.T, m Message) {
	t.Helper()
	filled := func(what string, ok bool) {
		if !ok {
			t.Errorf("%s: %s is empty: %.300s", m.Header().name(), what, m.Header().Raw)
		}
	}
	switch m := m.(type) {
	case *Assistant:
		filled("message", m.Message.ID != "" && m.Message.Model != "" && len(m.Message.Content) > 0)
		for _, b := range m.Message.Content {
			_, other := b.(OtherBlock)
			filled("block", !other)
		}
	case *User:
		filled("message", m.Message.Role == "user" && len(m.Message.Content) > 0)
		for _, b := range m.Message.Content {
			if r, ok := b.(ToolResultBlock); ok {
				filled("tool_use_id", r.ToolUseID != "")
			}
		}
	case *Init:
		filled("init", m.Cwd != "" && m.Model != "" && m.PermissionMode != "" && m.Version != "" && len(m.Tools) > 0)
	case *StreamEvent:
		filled("event", m.Event.Type != "")
		filled("delta", m.Event.Type != "content_block_delta" || m.Event.Delta.Type != "")
		filled("message id", m.Event.Type != "message_start" || m.Event.Message.ID != "")
		filled("block", m.Event.Type != "content_block_start" || m.Event.Block.Type != "")
	case *Result:
		filled("model usage", m.LocalCommand != "" || m.NumTurns == 0 || m.ModelUsage != nil)
	case *ControlRequest:
		filled("request", m.RequestID != "" && m.Request.Subtype != "")
	case *ControlResponse:
		filled("response", m.Response.RequestID != "" && (m.Response.Subtype == "success" || m.Response.Error != ""))
	case *ControlCancel:
		filled("request id", m.RequestID != "")
	case *CommandLifecycle:
		filled("state", m.State != "" && m.CommandUUID != "")
	case *RateLimit:
		filled("info", m.Info.Status != "" && m.Info.ResetsAt != 0 && m.Info.Type != "")
	case *TaskStarted:
		filled("task", m.TaskID.TaskID != "" && m.TaskType != "")
	case *TaskNotification:
		filled("task", m.TaskID.TaskID != "" && m.Status != "")
	case *TaskProgress:
		filled("task", m.LastToolName != "" && m.Usage.ToolUses > 0)
	case *ToolProgress:
		filled("progress", m.ToolName != "" && m.ElapsedSeconds > 0)
	case *APIRetry:
		filled("retry", m.Attempt > 0 && m.Error != "")
	case *PermissionDenied:
		filled("denial", m.ToolName != "" && m.ToolUseID != "" && m.Message != "")
	case *CompactBoundary:
		filled("metadata", m.Metadata.Trigger != "" && m.Metadata.PreTokens > 0)
	case *Informational:
		filled("content", m.Content != "" && m.Level != "")
	}
}

// TestRecordedCalls: every gate call and ask of the recordings has the fields
// that hosts decide on.
func TestRecordedCalls(t *testing.T) {
	files, _ := filepath.Glob(recordingPath("*"))
	gates, asks := 0, 0
	for _, file := range files {
		list, _ := readRecording(file)
		for _, e := range list {
			if e.Dir != "out" || !bytes.Contains(e.Msg, []byte(`"control_request"`)) {
				continue
			}
			m, _ := Decode(e.Msg)
			r := m.(*ControlRequest)
			w := newWatch()
			p := newProcess(Spec{SessionID: testSession}, w.handler())
			p.in = newWriter(nopCloser{}, p.limits)
			switch r.Request.Subtype {
			case "can_use_tool":
				p.serve(e.Msg)
				if len(w.asks) != 1 || w.asks[0].ToolName == "" || w.asks[0].ToolUseID == "" || w.asks[0].Fields == nil || w.asks[0].RequestID != r.RequestID {
					t.Errorf("%s: %s → %+v", file, e.Msg, w.asks)
				}
				asks++
			case "hook_callback":
				if !bytes.Contains(e.Msg, []byte(`"PreToolUse"`)) {
					continue
				}
				p.serve(bytes.Replace(e.Msg, []byte(`"callback_id": "`), []byte(`"callback_id": "gate", "was": "`), 1))
				if len(w.gates) != 1 || w.gates[0].ToolName == "" || w.gates[0].Cwd == "" || w.gates[0].SessionID == "" ||
					w.gates[0].PermissionMode == "" || w.gates[0].Fields == nil || w.gates[0].RequestID != r.RequestID {
					t.Errorf("%s: %s → %+v", file, e.Msg, w.gates)
				}
				gates++
			}
		}
	}
	if gates != 16 || asks != 84 {
		t.Errorf("%d gate calls and %d asks, want 16 and 84", gates, asks)
	}
}

type nopCloser struct{}

func (nopCloser) Write(p []byte) (int, error) { return len(p), nil }
func (nopCloser) Close() error                { return nil }

func TestDecodeOddLines(t *testing.T) {
	for _, bad := range []string{"", "x", "[]", "1", "null", "{}", `{"type":1}`, `{"type":""}`, `{"type":"user"`, "\x00"} {
		if m, err := Decode([]byte(bad)); err == nil || m != nil {
			t.Errorf("%q: %v, %v", bad, m, err)
		}
	}
	m, err := Decode([]byte(`{"type":"new_thing","subtype":"x","session_id":"s","n":1}`))
	if u, ok := m.(*Unknown); err != nil || !ok || u.SessionID != "s" || u.name() != "new_thing/x" {
		t.Errorf("%+v, %v", m, err)
	}
	m, err = Decode([]byte(`{"TYPE":"assistant","t\u0079pe":"user","message":{"role":"user","content":"x"}}`))
	if u, ok := m.(*User); err != nil || !ok || u.Message.Content.Text() != "x" {
		t.Errorf("an escaped key: %+v, %v", m, err)
	}
	m, err = Decode([]byte(`{"type":"result","subtype":"success","num_turns":"three"}`))
	if _, ok := m.(*Unknown); err == nil || !ok {
		t.Errorf("a result of another shape: %+v, %v", m, err)
	}
	m, err = Decode([]byte(`{"type":"user","message":{"role":"user","content":{"odd":1}}}`))
	if u, ok := m.(*User); err != nil || !ok || len(u.Message.Content) != 1 {
		t.Errorf("content of another shape: %+v, %v", m, err)
	}
}

func TestPeekTypes(t *testing.T) {
	for text, want := range map[string]string{
		`{"type":"a"}`: "a/",
		`{"x":{"type":"no","y":[1,"}\\\""]},"type":"a"}`:     "a/",
		`{ "type" : "a" , "subtype" : "b" }`:                 "a/b",
		`{"n":-1.5e3,"b":true,"s":"\\","type":"a","z":null}`: "a/",
		`{"type":"a","type":"b"}`:                            "b/",
		`{"type":"\u0061"}`:                                  "",
		`{"type":null}`:                                      "",
		`{"type":"a"`:                                        "",
		`{"type":"a","x":"y`:                                 "",
		`[{"type":"a"}]`:                                     "",
		`{}`:                                                 "",
		``:                                                   "",
		`{"type":"a","x":"\`:                                 "",
	} {
		kind, subtype, ok := peekTypes([]byte(text))
		if got := kind + "/" + subtype; ok != (want != "") || ok && got != want {
			t.Errorf("%s: %s, %v; want %s", text, got, ok, want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	files, _ := filepath.Glob(recordingPath("*"))
	for _, file := range files {
		list, _ := readRecording(file)
		for i, e := range list {
			if e.Dir == "out" && i%17 == 0 {
				f.Add([]byte(e.Msg))
			}
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := Decode(data)
		if m == nil {
			if err == nil {
				t.Fatal("neither message nor error")
			}
			return
		}
		if m.Header().Type == "" || !bytes.Equal(m.Header().Raw, data) {
			t.Fatalf("head %+v", m.Header())
		}
		// The quick look at the type must not change what comes out.
		var head Head
		if json.Unmarshal(data, &head) != nil || head.Type != m.Header().Type || head.Subtype != m.Header().Subtype {
			t.Fatalf("head %+v, encoding/json says %+v", m.Header(), head)
		}
		// Whatever comes, serving it neither panics nor allows anything.
		out := new(capture)
		p := newProcess(Spec{SessionID: testSession}, Handler{})
		p.in = newWriter(out, p.limits)
		p.serve(data)
		for _, l := range p.in.lines {
			if strings.Contains(string(l), `"allow"`) {
				t.Fatalf("allowed: %s", l)
			}
		}
	})
}

type capture struct{ bytes.Buffer }

func (*capture) Close() error { return nil }

func BenchmarkDecodeTextDelta(b *testing.B) {
	text := []byte(`{"type":"stream_event","event":{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a few more words of the answer "}},"session_id":"aaaaaaaa-0000-4000-8000-000000000001","parent_tool_use_id":null,"uuid":"b86090b6-0c0b-4881-a909-7de890c0ef45","api_message_id":"msg_01"}`)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Decode(text); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDecodeLongLine: a Read of an image carries it twice in one line.
func BenchmarkDecodeLongLine(b *testing.B) {
	data := strings.Repeat("QUJD", 5<<20)
	text := []byte(`{"type":"user","message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":[{"type":"image","source":{"data":"` +
		data + `"}}]}]},"session_id":"s","uuid":"u"}`)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Decode(text); err != nil {
			b.Fatal(err)
		}
	}
}
