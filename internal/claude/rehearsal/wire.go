package rehearsal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
)

// frame is one stdout line.
type frame map[string]any

// wire writes frames, whole lines at a time, from any goroutine.
type wire struct {
	mu      sync.Mutex
	w       io.Writer
	session string
}

// control writes a frame that belongs to no session.
func (w *wire) control(f frame) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(f); err != nil {
		panic(fmt.Sprintf("rehearsal: encoding a %v frame: %v", f["type"], err))
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	_, _ = w.w.Write(b.Bytes()) // a host that closed our stdout has gone
}

// emit writes a frame with the session's id and an id of its own.
func (w *wire) emit(f frame) {
	f["session_id"], f["uuid"] = w.session, uuid.NewString()
	w.control(f)
}

// system writes a system frame.
func (w *wire) system(subtype string, f frame) {
	f["type"], f["subtype"] = "system", subtype
	w.emit(f)
}

func now() string { return time.Now().UTC().Format("2006-01-02T15:04:05.000Z") }

// freshID makes ids that stay unique across a resume of the same session.
func freshID(prefix string) string {
	return prefix + strings.ReplaceAll(uuid.NewString(), "-", "")[:20]
}

// inbound is one stdin line.
type inbound struct {
	Type      string          `json:"type"`
	UUID      string          `json:"uuid"`
	RequestID string          `json:"request_id"`
	Request   json.RawMessage `json:"request"`
	Response  struct {
		Subtype   string          `json:"subtype"`
		RequestID string          `json:"request_id"`
		Response  json.RawMessage `json:"response"`
		Error     string          `json:"error"`
	} `json:"response"`
	Message struct {
		Role    string          `json:"role"`
		Content json.RawMessage `json:"content"`
	} `json:"message"`
	ShouldQuery *bool `json:"shouldQuery"`
}

// text is the words of a user message, without images.
func (m inbound) text() (string, error) {
	if m.Message.Role != "user" {
		return "", fmt.Errorf("user message has role %q", m.Message.Role)
	}
	var s string
	if json.Unmarshal(m.Message.Content, &s) == nil {
		return s, nil
	}
	var blocks []struct{ Type, Text string }
	if err := json.Unmarshal(m.Message.Content, &blocks); err != nil {
		return "", fmt.Errorf("user message content: %w", err)
	}
	var texts []string
	for _, b := range blocks {
		if b.Type == "text" {
			texts = append(texts, b.Text)
		}
	}
	return strings.Join(texts, "\n"), nil
}

func trim(b []byte) []byte { return bytes.TrimSpace(b) }
