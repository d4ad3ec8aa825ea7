package claudetest

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// stream writes one message as server-sent events.
type stream struct {
	w      http.ResponseWriter
	req    *http.Request
	rep    Reply
	msg    message
	deltas int
}

// play reports false when the client went away before the end.
func (s *stream) play() bool {
	s.w.Header().Set("Content-Type", "text/event-stream")
	s.w.WriteHeader(http.StatusOK)
	start := s.msg.usage
	start.Output = 1
	s.event("message_start", map[string]any{"message": s.msg.envelope([]any{}, nil, start)})
	s.event("ping", map[string]any{})
	for i, b := range s.msg.blocks {
		if over, ok := s.block(i, b); over {
			return ok
		}
	}
	s.event("message_delta", map[string]any{"usage": s.msg.usage.wire(),
		"delta": map[string]any{"stop_reason": s.msg.stop, "stop_sequence": nil}})
	s.event("message_stop", map[string]any{})
	return true
}

// block streams one content block. over means that the stream has ended inside
// it: by the script (ok) or because the client left (!ok).
func (s *stream) block(i int, b Block) (over, ok bool) {
	s.event("content_block_start", map[string]any{"index": i, "content_block": b.wire(true)})
	kind, field, text := "text_delta", "text", b.Text
	switch b.Type {
	case "thinking":
		kind, field, text = "thinking_delta", "thinking", b.Thinking
	case "tool_use":
		kind, field, text = "input_json_delta", "partial_json", string(b.Input)
	}
	chunk := s.rep.Chunk
	if chunk <= 0 {
		chunk = 6
	}
	for rs := []rune(text); len(rs) > 0; {
		k := min(chunk, len(rs))
		if over, ok := s.pause(); over {
			return true, ok
		}
		s.delta(i, map[string]any{"type": kind, field: string(rs[:k])})
		rs = rs[k:]
	}
	if b.Type == "thinking" {
		s.delta(i, map[string]any{"type": "signature_delta", "signature": signature})
	}
	s.event("content_block_stop", map[string]any{"index": i})
	return false, true
}

// pause stands before each delta: it plays the fault, or the scripted delay.
func (s *stream) pause() (over, ok bool) {
	s.deltas++
	if s.rep.Fault != "" && s.deltas > s.rep.FaultAfter {
		return true, s.fault()
	}
	if s.rep.DelayMS > 0 {
		return !wait(s.req, s.rep.DelayMS), false
	}
	return s.req.Context().Err() != nil, false
}

func (s *stream) fault() (ok bool) {
	switch s.rep.Fault {
	case "error":
		s.event("error", map[string]any{"error": map[string]string{"type": "overloaded_error", "message": "Overloaded"}})
	case "stall":
		<-s.req.Context().Done()
		return false
	default: // drop
		panic(http.ErrAbortHandler)
	}
	return true
}

func (s *stream) delta(i int, d map[string]any) {
	s.event("content_block_delta", map[string]any{"index": i, "delta": d})
}

func (s *stream) event(name string, v map[string]any) {
	v["type"] = name
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("claudetest: encoding %s: %v", name, err))
	}
	fmt.Fprintf(s.w, "event: %s\ndata: %s\n\n", name, b)
	if f, ok := s.w.(http.Flusher); ok {
		f.Flush()
	}
}
