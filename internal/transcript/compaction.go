package transcript

import (
	"fmt"

	"ctpipe/internal/claude"
	"ctpipe/internal/display"
)

// compaction is where the CLI shortens the conversation.
type compaction struct {
	Block string `json:"block,omitempty"` // "" while none is under way
	Done  bool   `json:"done,omitempty"`  // it worked; the boundary with its figures may still come
	Count int    `json:"count,omitempty"`
}

// status takes what the CLI says that it does.
func (c *compaction) status(m *claude.Status) []Update {
	switch {
	case m.Status == "compacting" && c.Block == "":
		c.begin()
		return []Update{{Block: c.Block, What: "notice", Text: display.Compacting() + "\n"}}
	case m.CompactResult == "success":
		c.Done = true
	case m.CompactResult != "":
		return c.end(display.CompactFailed(m.CompactError))
	}
	return nil
}

// boundary takes what a compaction did.
func (c *compaction) boundary(b *claude.CompactBoundary) []Update {
	return c.end(display.Compacted(b))
}

// stop ends what is under way with its turn or with Claude.
func (c *compaction) stop() []Update {
	switch {
	case c.Block == "":
		return nil
	case c.Done:
		return c.end(display.Compacted(nil))
	}
	return c.end(display.CompactStopped())
}

func (c *compaction) begin() {
	c.Count++
	c.Block, c.Done = fmt.Sprintf("compact/%d", c.Count), false
}

func (c *compaction) end(text string) []Update {
	if c.Block == "" {
		c.begin()
	}
	u := Update{Block: c.Block, What: "notice", Text: text, Final: true}
	c.Block, c.Done = "", false
	return []Update{u}
}
