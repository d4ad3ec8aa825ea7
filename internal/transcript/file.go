package transcript

import (
	"fmt"

	"ctpipe/internal/display"
	"ctpipe/internal/markdown"
	"ctpipe/internal/outbox"
	"ctpipe/pipeline"
)

// attach posts a file; of names what it belongs to, "" where that is clear. What
// Claude says next begins a post below it. Where the server does not take it, its
// text is folded into the post.
func (t posts) attach(file pipeline.TextFile, of string) []outbox.Change {
	title := "📎 " + markdown.CodeSpan(file.Name) + fmt.Sprintf(" · %d lines", markdown.LineCount(file.Text))
	if of != "" {
		title += " of " + of
	}
	t.Seal()
	return []outbox.Change{{Key: t.key("file"), Seal: true, Put: &outbox.Draft{Text: title, Props: outbox.Props("file"),
		Files:  []outbox.Attachment{{Name: file.Name, Content: []byte(file.Text)}},
		Unsent: title + "\n" + display.Folded(file.Text)}}}
}

// title names the call that a block is of, "" where it is of none.
func (t posts) title(block string) string {
	for _, u := range t.taken {
		if u.Block == block && u.Call != nil {
			return u.Call.headLine()
		}
	}
	return ""
}
