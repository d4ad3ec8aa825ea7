package session

import (
	"fmt"

	"ctpipe/internal/claude"
	"ctpipe/internal/display"
)

// compaction is where the CLI shortens the conversation.
type compaction struct {
	block string // "" while none is under way
	done  bool   // it worked; the boundary with its figures may still come
	count int
}

// status takes what the CLI says that it does; the session's lock is held.
func (c *compaction) status(m *claude.Status) []piece {
	switch {
	case m.Status == "compacting" && c.block == "":
		c.count++
		c.block, c.done = fmt.Sprintf("compact/%d", c.count), false
		return []piece{{block: c.block, what: "notice", text: display.Compacting() + "\n"}}
	case m.CompactResult == "success":
		c.done = true
	case m.CompactResult != "":
		return c.end(display.CompactFailed(m.CompactError))
	}
	return nil
}

// boundary takes what a compaction did.
func (c *compaction) boundary(b *claude.CompactBoundary) []piece {
	if c.block == "" {
		c.count++
		c.block = fmt.Sprintf("compact/%d", c.count)
	}
	return c.end(display.Compacted(b))
}

// stop ends what is under way with its turn or with Claude (STR-14).
func (c *compaction) stop() []piece {
	switch {
	case c.block == "":
		return nil
	case c.done:
		return c.end(display.Compacted(nil))
	}
	return c.end(display.CompactStopped())
}

func (c *compaction) end(text string) []piece {
	p := piece{block: c.block, what: "notice", text: text, final: true}
	if c.block == "" {
		c.count++
		p.block = fmt.Sprintf("compact/%d", c.count)
	}
	c.block, c.done = "", false
	return []piece{p}
}
