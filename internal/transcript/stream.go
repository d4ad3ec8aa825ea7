package transcript

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"ctpipe/internal/claude"
	"ctpipe/internal/memory"
)

// stream turns a reply that is being written into blocks. Deltas are a preview; the
// assistant message that follows is the truth and replaces them.
type stream struct {
	Message string           `json:"message,omitempty"` // id of the reply that is being written
	Blocks  map[int]*preview `json:"blocks"`            // by index, while they are being written; nil before the first reply
	Number  int              `json:"number,omitempty"`  // of blocks that were not streamed
	Lines   *lines           `json:"lines"`             // /compact repeats some of them
}

// lines are the newest lines by uuid.
type lines = memory.Recent[string, struct{}]

// linesMost is how many lines are remembered.
const linesMost = 512

func newStream() stream { return stream{Lines: memory.NewRecent[string, struct{}](linesMost)} }

// repeated reports a line that was there before, and remembers it.
func (s *stream) repeated(uuid string) bool {
	return uuid != "" && !s.Lines.Add(uuid, struct{}{})
}

// preview is a block that grows.
type preview struct {
	id   string
	kind string
	text strings.Builder
}

// savedPreview is a preview as it is kept.
type savedPreview struct {
	ID   string `json:"id"`
	Kind string `json:"kind"`
	Text string `json:"text,omitempty"`
}

// MarshalJSON keeps the text so far.
func (p *preview) MarshalJSON() ([]byte, error) {
	return json.Marshal(savedPreview{ID: p.id, Kind: p.kind, Text: p.text.String()})
}

// UnmarshalJSON takes up what MarshalJSON kept.
func (p *preview) UnmarshalJSON(data []byte) error {
	var saved savedPreview
	if err := json.Unmarshal(data, &saved); err != nil {
		return err
	}
	p.id, p.kind = saved.ID, saved.Kind
	p.text.Reset()
	p.text.WriteString(saved.Text)
	return nil
}

func (s *stream) event(m *claude.StreamEvent) []Update {
	if m.ParentToolUseID != "" {
		return nil
	}
	switch ev := m.Event; ev.Type {
	case "message_start":
		dropped := s.drop(0)
		s.Message, s.Blocks = ev.Message.ID, map[int]*preview{}
		return dropped
	case "content_block_start":
		if s.Blocks != nil && (ev.Block.Type == "text" || ev.Block.Type == "thinking") {
			s.Blocks[ev.Index] = &preview{id: s.name(ev.Index), kind: ev.Block.Type}
		}
	case "content_block_delta":
		if p := s.Blocks[ev.Index]; p != nil && ev.Delta.Text != "" {
			p.text.WriteString(ev.Delta.Text)
			return []Update{{Block: p.id, What: "text", Text: p.text.String()}}
		}
	case "message_stop":
		if m.Abandoned != nil {
			return s.drop(m.Abandoned.FromBlockIndex)
		}
	}
	return nil
}

func (s *stream) name(index int) string { return fmt.Sprintf("%s/%d", s.Message, index) }

// drop forgets the previews from an index on that no assistant message has
// replaced: they will come again, under another id.
func (s *stream) drop(from int) []Update {
	var gone []Update
	for i, p := range s.Blocks {
		if i >= from {
			if p.text.Len() > 0 {
				gone = append(gone, Update{Block: p.id, What: p.kind, Gone: true})
			}
			delete(s.Blocks, i)
		}
	}
	slices.SortFunc(gone, func(a, b Update) int { return strings.Compare(a.Block, b.Block) })
	return gone
}

// assistant takes the finished blocks of a reply.
func (s *stream) assistant(m *claude.Assistant) []Update {
	var out []Update
	if s.Message != "" && m.Message.ID != s.Message {
		out = s.drop(0)
	}
	for _, b := range m.Message.Content {
		switch b := b.(type) {
		case claude.TextBlock:
			out = append(out, Update{Block: s.take("text"), What: "text", Text: b.Text, Final: true})
		case claude.ThinkingBlock:
			if id := s.take("thinking"); strings.TrimSpace(b.Thinking) != "" {
				out = append(out, Update{Block: id, What: "thinking", Text: b.Thinking, Final: true})
			}
		}
	}
	return out
}

// take ends the oldest preview of a kind and returns its block, or a new one
// where the reply was not streamed.
func (s *stream) take(kind string) string {
	least := -1
	for i, p := range s.Blocks {
		if p.kind == kind && (least < 0 || i < least) {
			least = i
		}
	}
	if least < 0 {
		s.Number++
		return fmt.Sprintf("whole/%d", s.Number)
	}
	id := s.Blocks[least].id
	delete(s.Blocks, least)
	return id
}
