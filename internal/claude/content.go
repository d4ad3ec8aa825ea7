package claude

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// Block is one content block of an assistant or user message: TextBlock,
// ThinkingBlock, ToolUseBlock, ToolResultBlock or OtherBlock.
type Block interface{ block() }

// TextBlock is text of the model or of the user.
type TextBlock struct {
	Text string `json:"text"`
}

// ThinkingBlock is the model's reasoning; Thinking may be empty when the CLI
// withholds it.
type ThinkingBlock struct {
	Thinking  string `json:"thinking"`
	Signature string `json:"signature"`
}

// ToolUseBlock is the model's wish to use a tool. The CLI may have completed
// Input (replace_all, a plan's text); stream deltas carry the raw one.
type ToolUseBlock struct {
	ID    string          `json:"id"`
	Name  string          `json:"name"`
	Input json.RawMessage `json:"input"`
}

// ToolResultBlock is what a tool gave back to the model. Results come in
// finishing order: match on ToolUseID only.
type ToolResultBlock struct {
	ToolUseID string  `json:"tool_use_id"`
	Content   Content `json:"content"`
	IsError   bool    `json:"is_error"`
}

// OtherBlock is a block of any other type (image, document, …), kept as it came.
type OtherBlock struct {
	Type string
	Raw  json.RawMessage
}

func (TextBlock) block()       {}
func (ThinkingBlock) block()   {}
func (ToolUseBlock) block()    {}
func (ToolResultBlock) block() {}
func (OtherBlock) block()      {}

// Content is a message's content. The CLI writes a plain string or a list of
// blocks; a string arrives as one TextBlock.
type Content []Block

// Text joins the text blocks, ignoring all others.
func (c Content) Text() string {
	var sb strings.Builder
	for _, b := range c {
		if t, ok := b.(TextBlock); ok {
			sb.WriteString(t.Text)
		}
	}
	return sb.String()
}

// UnmarshalJSON implements json.Unmarshaler.
func (c *Content) UnmarshalJSON(data []byte) error {
	*c = nil
	data = bytes.TrimSpace(data)
	switch {
	case len(data) == 0 || string(data) == "null":
		return nil
	case data[0] == '"':
		var s string
		if err := json.Unmarshal(data, &s); err != nil {
			return err
		}
		*c = Content{TextBlock{Text: s}}
		return nil
	case data[0] != '[':
		*c = Content{OtherBlock{Raw: bytes.Clone(data)}}
		return nil
	}
	var raws []json.RawMessage
	if err := json.Unmarshal(data, &raws); err != nil {
		return err
	}
	for i, raw := range raws {
		b, err := decodeBlock(raw)
		if err != nil {
			return fmt.Errorf("content block %d: %w", i, err)
		}
		*c = append(*c, b)
	}
	return nil
}

// decodeBlock reads one content block; what it does not know it keeps raw.
func decodeBlock(raw json.RawMessage) (Block, error) {
	kind, _, ok := peekTypes(raw)
	if !ok {
		return OtherBlock{Raw: raw}, nil
	}
	switch kind {
	case "text":
		return blockOf[TextBlock](raw)
	case "thinking":
		return blockOf[ThinkingBlock](raw)
	case "tool_use":
		return blockOf[ToolUseBlock](raw)
	case "tool_result":
		return blockOf[ToolResultBlock](raw)
	}
	return OtherBlock{Type: kind, Raw: raw}, nil
}

func blockOf[B Block](raw json.RawMessage) (Block, error) {
	var b B
	err := json.Unmarshal(raw, &b)
	return b, err
}
