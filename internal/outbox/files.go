package outbox

import (
	"bytes"
	"fmt"
	"strings"

	"ctpipe/internal/markdown"
	"ctpipe/internal/paginate"
)

// Attachment is a file that goes with a post.
type Attachment struct {
	Name    string // as the thread shows it
	Content []byte // not empty: the server refuses an empty file; not changed afterwards
}

// uploadTries is how often a file is tried before its post is made without it:
// about two minutes, where the server takes everything but files.
const uploadTries = 8

// upload stores the next file of a post that is yet to be made.
func (o *Outbox) upload(e *entry) error {
	f := e.want.Files[len(e.files)]
	got, err := o.chat.UploadFile(o.ctx, o.channel, f.Name, bytes.NewReader(f.Content))
	if err != nil {
		return fmt.Errorf("attaching %q: %w", f.Name, err)
	}
	e.files = append(e.files[:len(e.files):len(e.files)], got.ID)
	return nil
}

// fileless makes the post say that its files are missing: what cannot be
// attached is not passed over in silence.
func (e *entry) fileless(limit int) {
	e.bare = e.want.Files
	e.want = e.want.without(e.bare, limit)
}

// without is the draft for a server that does not take the files.
func (d Draft) without(files []Attachment, limit int) Draft {
	var names []string
	for _, f := range files {
		names = append(names, markdown.CodeSpan(f.Name))
	}
	if d.Unsent != "" {
		d.Text = d.Unsent
	}
	if d.Text != "" {
		d.Text = marked(d.Text, "⚠️ *The chat server did not take "+strings.Join(names, ", ")+"; it is not attached.*", limit)
	}
	d.Files = nil
	return d
}

// marked puts a line below a text that keeps to the limit, 0 for none. What
// does not fit is cut before the mark, never the mark.
func marked(text, mark string, limit int) string {
	if limit > 0 {
		room := limit - len([]rune(mark)) - 2
		if page, ok := paginate.Last(text, "", room); ok {
			text = page
		} else {
			text, _, _ = paginate.First(text, "", max(room, 1))
		}
	}
	return text + "\n\n" + mark
}
