package rehearsal

import (
	"encoding/json"
	"strings"
	"time"
)

// block is a piece of one reply: text, or a tool use when name is set.
type block struct {
	text  string
	id    string
	name  string
	input map[string]any
}

func (b block) wire() frame {
	if b.name == "" {
		return frame{"type": "text", "text": b.text}
	}
	return frame{"type": "tool_use", "id": b.id, "name": b.name, "input": b.input}
}

// empty is how content_block_start shows the block.
func (b block) empty() frame {
	if b.name == "" {
		return frame{"type": "text", "text": ""}
	}
	return frame{"type": "tool_use", "id": b.id, "name": b.name, "input": frame{}}
}

// reply streams one message of the given blocks: pieces first, then each block
// whole, in the CLI's order.
func (t *turn) reply(blocks ...block) error {
	t.replies++
	t.where = "streaming"
	id, stop := freshID("msg_rehearsal"), "end_turn"
	t.ids = append(t.ids, id)
	if t.opt.partials {
		t.out.system("status", frame{"status": "requesting"})
	}
	t.event(id, frame{"type": "message_start", "message": t.envelope(id, []any{}, false)}, frame{"ttft_ms": 0})
	for i, b := range blocks {
		t.event(id, frame{"type": "content_block_start", "index": i, "content_block": b.empty()}, nil)
		if err := t.pieces(id, i, b); err != nil {
			return err
		}
		t.assistant(id, b, false)
		t.event(id, frame{"type": "content_block_stop", "index": i}, nil)
		if b.name != "" {
			stop = "tool_use"
		} else {
			t.last = b.text
			t.words += len(strings.Fields(b.text))
		}
	}
	t.event(id, frame{"type": "message_delta", "delta": frame{"stop_reason": stop, "stop_sequence": nil},
		"usage": tokens(t.words)}, nil)
	t.event(id, frame{"type": "message_stop"}, nil)
	return nil
}

// pieces streams the deltas of one block, a pause before each. An interrupt
// leaves the text so far as an aborted assistant message.
func (t *turn) pieces(id string, i int, b block) error {
	kind, field, whole := "text_delta", "text", b.text
	if b.name != "" {
		kind, field = "input_json_delta", "partial_json"
		raw, _ := json.Marshal(b.input) // made of strings, lists and maps here
		whole = string(raw)
	}
	said := 0
	for _, p := range split(whole) {
		if !t.pause() {
			if b.name == "" && said > 0 {
				t.assistant(id, block{text: whole[:said]}, true)
			}
			return errInterrupted
		}
		said += len(p)
		t.event(id, frame{"type": "content_block_delta", "index": i, "delta": frame{"type": kind, field: p}}, nil)
	}
	return nil
}

const pieceLen = 16 // bytes; a model's deltas are a few words

// split cuts text behind spaces and newlines into pieces of about pieceLen.
func split(text string) []string {
	var out []string
	start := 0
	for i := range len(text) {
		if c := text[i]; (c == ' ' || c == '\n') && i+1-start >= pieceLen {
			out = append(out, text[start:i+1])
			start = i + 1
		}
	}
	if start < len(text) {
		out = append(out, text[start:])
	}
	return out
}

// pause waits between two pieces; false when the turn was interrupted.
func (t *turn) pause() bool {
	if t.opt.delay == 0 {
		return t.ctx.Err() == nil
	}
	timer := time.NewTimer(t.opt.delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-t.ctx.Done():
		return false
	}
}

// event writes a partial message, where the host asked for them.
func (t *turn) event(id string, ev, extra frame) {
	if !t.opt.partials {
		return
	}
	f := frame{"type": "stream_event", "event": ev, "parent_tool_use_id": nil, "api_message_id": id}
	for k, v := range extra {
		f[k] = v
	}
	t.out.emit(f)
}

func (t *turn) assistant(id string, b block, aborted bool) {
	f := frame{"type": "assistant", "message": t.envelope(id, []any{b.wire()}, true), "parent_tool_use_id": nil,
		"timestamp": now(), "request_id": "req_" + id}
	if aborted {
		f["aborted"] = true
	}
	t.out.emit(f)
}

func (t *turn) envelope(id string, content []any, whole bool) frame {
	m := frame{"id": id, "type": "message", "role": "assistant", "model": t.opt.model, "content": content,
		"stop_reason": nil, "stop_sequence": nil, "usage": tokens(1)}
	if whole {
		m["context_management"] = nil
	}
	return m
}

func tokens(out int) frame {
	return frame{"input_tokens": 0, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0,
		"output_tokens": out, "service_tier": "standard"}
}
