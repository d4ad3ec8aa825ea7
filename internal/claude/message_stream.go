package claude

import "encoding/json"

// StreamEvent is a piece of the reply that is being written (main thread
// only). Discard partial text on Abandoned, on APIRetry, and when a
// message_start or an Assistant with another id arrives.
type StreamEvent struct {
	Head
	Origin
	ParentToolUseID string           `json:"parent_tool_use_id"`
	APIMessageID    string           `json:"api_message_id"`
	TTFTMS          int              `json:"ttft_ms"` // on message_start
	Event           Event            `json:"event"`
	Abandoned       *AbandonedBlocks `json:"abandoned_blocks"`
}

// Event is the Messages API event inside a StreamEvent.
type Event struct {
	Type    string       `json:"type"` // message_start, content_block_start, content_block_delta, …
	Index   int          `json:"index"`
	Delta   Delta        `json:"delta"`
	Block   StartedBlock `json:"content_block"` // on content_block_start
	Message struct {
		ID    string `json:"id"`
		Model string `json:"model"`
	} `json:"message"` // on message_start
	Usage Usage `json:"usage"` // on message_delta
}

// Delta is what one event adds to a block or to the message.
type Delta struct {
	Type        string `json:"type"` // text_delta, thinking_delta, input_json_delta, signature_delta
	Text        string `json:"text"`
	Thinking    string `json:"thinking"`
	PartialJSON string `json:"partial_json"`
	StopReason  string `json:"stop_reason"` // on message_delta
}

// StartedBlock is the empty block of a content_block_start.
type StartedBlock struct {
	Type  string          `json:"type"`
	ID    string          `json:"id"`
	Name  string          `json:"name"`
	Input json.RawMessage `json:"input"`
}

// AbandonedBlocks says that blocks from FromBlockIndex on will be repeated
// under another message id, because the stream failed in the middle.
type AbandonedBlocks struct {
	APIMessageID   string `json:"api_message_id"`
	FromBlockIndex int    `json:"from_block_index"`
}
