package session

import (
	"fmt"
	"slices"
	"strings"

	"ctpipe/internal/claude"
)

// stream turns Claude's messages into blocks to show. Deltas are a preview;
// the assistant message that follows is the truth and replaces them. It is
// used by the one goroutine that reads the CLI, under the session's lock.
type stream struct {
	message string           // id of the reply that is being written
	blocks  map[int]*preview // by index, while they are being written
	number  int
	lines   []string // uuids of the newest lines: /compact repeats some of them
}

// linesMost is how many lines are remembered.
const linesMost = 512

// repeated reports a line that was there before, and remembers it.
func (s *stream) repeated(uuid string) bool {
	if uuid == "" {
		return false
	}
	if slices.Contains(s.lines, uuid) {
		return true
	}
	if s.lines = append(s.lines, uuid); len(s.lines) > linesMost {
		s.lines = slices.Clone(s.lines[linesMost/2:])
	}
	return false
}

// preview is a block that grows.
type preview struct {
	id   string
	kind string
	text strings.Builder
}

// piece is what a block looks like now.
type piece struct {
	block string
	what  string // text, thinking, tool
	text  string
	tool  string
	final bool
	era   int       // see pages
	line  *toolLine // of a tool call, whose text is composed when it is shown
	gone  bool      // it will be repeated under another id: nothing of it stays
}

func (s *stream) event(m *claude.StreamEvent) []piece {
	if m.ParentToolUseID != "" {
		return nil
	}
	switch ev := m.Event; ev.Type {
	case "message_start":
		dropped := s.drop(0)
		s.message, s.blocks = ev.Message.ID, map[int]*preview{}
		return dropped
	case "content_block_start":
		if s.blocks != nil && (ev.Block.Type == "text" || ev.Block.Type == "thinking") {
			s.blocks[ev.Index] = &preview{id: s.name(ev.Index), kind: ev.Block.Type}
		}
	case "content_block_delta":
		if p := s.blocks[ev.Index]; p != nil && ev.Delta.Text != "" {
			p.text.WriteString(ev.Delta.Text)
			return []piece{{block: p.id, what: "text", text: p.text.String()}}
		}
	case "message_stop":
		if m.Abandoned != nil {
			return s.drop(m.Abandoned.FromBlockIndex)
		}
	}
	return nil
}

func (s *stream) name(index int) string { return fmt.Sprintf("%s/%d", s.message, index) }

// drop forgets the previews from an index on that no assistant message has
// replaced: they will come again, under another id.
func (s *stream) drop(from int) []piece {
	var gone []piece
	for i, p := range s.blocks {
		if i >= from {
			if p.text.Len() > 0 {
				gone = append(gone, piece{block: p.id, what: p.kind, gone: true})
			}
			delete(s.blocks, i)
		}
	}
	return gone
}

// assistant takes the finished blocks of a reply.
func (s *stream) assistant(m *claude.Assistant) []piece {
	var out []piece
	if s.message != "" && m.Message.ID != s.message {
		out = s.drop(0)
	}
	for _, b := range m.Message.Content {
		switch b := b.(type) {
		case claude.TextBlock:
			out = append(out, piece{block: s.take("text"), what: "text", text: b.Text, final: true})
		case claude.ThinkingBlock:
			if id := s.take("thinking"); strings.TrimSpace(b.Thinking) != "" {
				out = append(out, piece{block: id, what: "thinking", text: b.Thinking, final: true})
			}
		}
	}
	return out
}

// take ends the oldest preview of a kind and returns its block, or a new one
// where the reply was not streamed.
func (s *stream) take(kind string) string {
	least := -1
	for i, p := range s.blocks {
		if p.kind == kind && (least < 0 || i < least) {
			least = i
		}
	}
	if least < 0 {
		s.number++
		return fmt.Sprintf("whole/%d", s.number)
	}
	id := s.blocks[least].id
	delete(s.blocks, least)
	return id
}
