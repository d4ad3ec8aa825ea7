package desk

import (
	"slices"

	"ctpipe/internal/markdown"
	"ctpipe/pipeline"
)

// shareText says what is held, without a word of it.
func shareText(h *Held) string {
	what := map[string]string{
		"text":     "what it says",
		"thinking": "what it thinks",
		"tool":     "a tool call",
		"result":   "a tool's result",
		"diff":     "a change",
		"tasks":    "its task list",
		"plan":     "a plan",
	}[h.What]
	if what == "" {
		what = "something"
	}
	if h.Tool != "" {
		what += " (" + markdown.CodeSpan(h.Tool) + ")"
	}
	return "🔒 **Claude wants to show " + what + "** – held until a person shares it"
}

// Holding is the prompt that asks whether to share a block, nil if none does.
func (d *Desk) Holding(block string) *Prompt {
	return d.find(func(p *Prompt) bool { return p.Kind == Share && p.Held.Block == block })
}

// Share notes that people let a block be shown.
func (d *Desk) Share(block string, people []pipeline.User) {
	d.shared[block] = slices.Clone(people)
}

// SharedBy are the people who let a block be shown, nil where nobody did.
func (d *Desk) SharedBy(block string) []pipeline.User { return d.shared[block] }

// Shown forgets who let a block be shown, which changes no more.
func (d *Desk) Shown(block string) { delete(d.shared, block) }
