package claude

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// UserMessage is what a person or ctpipe says to Claude.
type UserMessage struct {
	// UUID names the message in CommandLifecycle and Result; a UUID seen
	// before in the session is dropped by the CLI as a duplicate.
	UUID string
	Text string
	// Blocks, if any, are sent instead of Text: content blocks of the Messages
	// API (text, image), each a JSON object.
	Blocks []json.RawMessage
	// Images are put before Text, as blocks of their own (recording
	// 12-queue-and-images). The Messages API takes jpeg, png, gif and webp.
	Images []Image
	// AsTyped lets the CLI expand @path mentions and leading slash commands, as
	// if typed at its prompt. It puts files into the prompt past both hooks, so
	// it is false (client_composed: true) but for a slash command that a
	// command rule allowed by name and whose arguments hold no "@".
	AsTyped bool
	// Silent adds context without starting a turn (shouldQuery: false); it is
	// merged into the next prompt.
	Silent bool
}

// Image is a picture that is shown to the model.
type Image struct {
	MediaType string // image/png, …
	Data      []byte // not changed after the message was sent
}

// blocks are the content blocks of a message with pictures.
func (m UserMessage) blocks() []any {
	type source struct {
		Type      string `json:"type"`
		MediaType string `json:"media_type"`
		Data      []byte `json:"data"` // encoding/json writes base64
	}
	type block struct {
		Type   string  `json:"type"`
		Text   string  `json:"text,omitempty"`
		Source *source `json:"source,omitempty"`
	}
	out := make([]any, 0, len(m.Images)+1)
	for _, i := range m.Images {
		out = append(out, block{Type: "image", Source: &source{Type: "base64", MediaType: i.MediaType, Data: i.Data}})
	}
	if m.Text != "" {
		out = append(out, block{Type: "text", Text: m.Text})
	}
	return out
}

// encode makes the stdin line, with its newline.
func (m UserMessage) encode() ([]byte, error) {
	type message struct {
		Role    string `json:"role"`
		Content any    `json:"content"`
	}
	line := struct {
		Type            string  `json:"type"`
		Message         message `json:"message"`
		ParentToolUseID *string `json:"parent_tool_use_id"`
		UUID            string  `json:"uuid,omitempty"`
		ClientComposed  bool    `json:"client_composed,omitempty"`
		ShouldQuery     *bool   `json:"shouldQuery,omitempty"`
	}{Type: "user", Message: message{Role: "user", Content: m.Text}, UUID: m.UUID, ClientComposed: !m.AsTyped}
	if len(m.Blocks) > 0 {
		if m.Text != "" || len(m.Images) > 0 {
			return nil, errors.New("user message has blocks beside its text or images")
		}
		for i, b := range m.Blocks {
			if !isObject(b) {
				return nil, fmt.Errorf("user message: block %d is no JSON object", i)
			}
		}
		line.Message.Content = m.Blocks
	}
	if len(m.Images) > 0 {
		line.Message.Content = m.blocks()
	}
	if m.Silent {
		line.ShouldQuery = new(bool)
	}
	return encodeLine(line)
}

// encodeRequest makes a control request line; fields go beside the subtype.
func encodeRequest(id, subtype string, fields map[string]any) ([]byte, error) {
	request := map[string]any{}
	for k, v := range fields {
		request[k] = v
	}
	request["subtype"] = subtype
	return encodeLine(map[string]any{"type": "control_request", "request_id": id, "request": request})
}

// encodeReply makes a successful control response line.
func encodeReply(id string, response any) ([]byte, error) {
	return encodeLine(map[string]any{"type": "control_response", "response": map[string]any{
		"subtype": "success", "request_id": id, "response": response}})
}

// encodeError makes an error control response line. At PreToolUse it blocks
// the call (onFailure), at can_use_tool it denies it.
func encodeError(id, text string) ([]byte, error) {
	return encodeLine(map[string]any{"type": "control_response", "response": map[string]any{
		"subtype": "error", "request_id": id, "error": text}})
}

// encodeLine writes one JSON value and a newline, without HTML escapes. JSON
// strings hold no raw newline and raw values are compacted: the result is one
// line, whatever v contains.
func encodeLine(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("encoding a stdin line: %w", err)
	}
	return buf.Bytes(), nil
}

// isObject tells if raw is one valid JSON object.
func isObject(raw json.RawMessage) bool {
	trimmed := bytes.TrimSpace(raw)
	return len(trimmed) > 0 && trimmed[0] == '{' && json.Valid(trimmed)
}
