package claudetest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// messages answers one POST /v1/messages by the script.
func (s *Server) messages(w http.ResponseWriter, req *http.Request, r Request) {
	if err := json.Unmarshal(r.Body, &r.Call); err != nil {
		s.record(r)
		fail(w, Reply{Status: http.StatusBadRequest, ErrorType: "invalid_request_error", Message: err.Error()})
		return
	}
	rep, lane := s.pick(r)
	r.Lane = lane
	n := s.record(r)
	if rep.TTFBMS > 0 && !wait(req, rep.TTFBMS) {
		s.leave()
		return
	}
	w.Header().Set("Request-Id", requestID(n))
	for k, v := range rep.Headers {
		w.Header().Set(k, v)
	}
	if rep.Status >= 400 {
		fail(w, rep)
		return
	}
	m := compose(rep, r.Call.Model, n)
	if !r.Call.Stream {
		writeJSON(w, m.whole())
		return
	}
	st := stream{w: w, req: req, rep: rep, msg: m}
	if !st.play() {
		s.leave()
	}
}

// pick takes the next reply of the lane that serves r, with captures filled in.
func (s *Server) pick(r Request) (Reply, string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.match {
		if m := c.re.FindSubmatch(r.Body); m != nil {
			s.vars[c.name] = string(m[1])
		}
	}
	l := s.laneFor(r.Call)
	if l == nil {
		return Say(s.side), "side"
	}
	return expand(l.take(), s.vars), l.Name
}

// laneFor returns nil for a side request.
func (s *Server) laneFor(c Call) *lane {
	first := c.firstUser()
	for _, l := range s.lanes {
		if l.Match != "" && strings.Contains(first, l.Match) {
			return l
		}
	}
	if c.hasClientTools() {
		return s.lanes[len(s.lanes)-1]
	}
	for _, l := range s.lanes {
		if l.Name == "toolless" {
			return l
		}
	}
	return nil
}

func (l *lane) take() Reply {
	if l.next >= len(l.Replies) {
		return Say("(script exhausted)")
	}
	r := l.Replies[l.next]
	if l.served++; l.served >= max(1, r.Repeat) {
		l.next, l.served = l.next+1, 0
	}
	return r
}

func expand(rep Reply, vars map[string]string) Reply {
	b, err := json.Marshal(rep)
	if err != nil || !strings.Contains(string(b), "{{") {
		return rep
	}
	var out Reply
	if json.Unmarshal(fill(b, vars), &out) != nil {
		return rep
	}
	return out
}

// message is a composed reply, before it is written as JSON or as a stream.
type message struct {
	id, model, stop string
	blocks          []Block
	usage           Usage
}

func compose(rep Reply, model string, n int) message {
	m := message{id: fmt.Sprintf("msg_fake%04d", n), model: model, stop: rep.StopReason, usage: Usage{Input: 100, Output: 20}}
	if rep.Usage != nil {
		m.usage = *rep.Usage
	}
	stop := "end_turn"
	for i, b := range rep.Content {
		if b.Type == "tool_use" {
			stop = "tool_use"
			if b.ID == "" {
				b.ID = fmt.Sprintf("toolu_fake%04d%02d", n, i)
			}
			if len(b.Input) == 0 {
				b.Input = json.RawMessage("{}")
			}
		}
		m.blocks = append(m.blocks, b)
	}
	if m.stop == "" {
		m.stop = stop
	}
	return m
}

// whole is the message as the API answers it without streaming.
func (m message) whole() map[string]any {
	content := make([]map[string]any, 0, len(m.blocks))
	for _, b := range m.blocks {
		content = append(content, b.wire(false))
	}
	return m.envelope(content, m.stop, m.usage)
}

func (m message) envelope(content any, stop any, u Usage) map[string]any {
	return map[string]any{"id": m.id, "type": "message", "role": "assistant", "model": m.model,
		"content": content, "stop_reason": stop, "stop_sequence": nil, "usage": u.wire()}
}

func (u Usage) wire() map[string]any {
	return map[string]any{"input_tokens": u.Input, "cache_creation_input_tokens": u.CacheCreate,
		"cache_read_input_tokens": u.CacheRead, "output_tokens": u.Output, "service_tier": "standard"}
}

const signature = "c2NyaXB0ZWQ=" // of thinking blocks; the CLI only hands it back

// wire is the block as JSON; empty is how content_block_start shows it.
func (b Block) wire(empty bool) map[string]any {
	text, thinking, sig, input := b.Text, b.Thinking, signature, b.Input
	if empty {
		text, thinking, sig, input = "", "", "", json.RawMessage("{}")
	}
	switch b.Type {
	case "thinking":
		return map[string]any{"type": "thinking", "thinking": thinking, "signature": sig}
	case "tool_use":
		return map[string]any{"type": "tool_use", "id": b.ID, "name": b.Name, "input": input}
	}
	return map[string]any{"type": b.Type, "text": text}
}

// wait pauses for ms milliseconds; false when the client went away meanwhile.
func wait(req *http.Request, ms int) bool {
	select {
	case <-time.After(time.Duration(ms) * time.Millisecond):
		return true
	case <-req.Context().Done():
		return false
	}
}
