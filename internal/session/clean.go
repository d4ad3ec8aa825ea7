package session

import "ctpipe/internal/paginate"

// clean takes credentials out of what ctpipe itself writes.
func (h *Host) clean(text string) string {
	if h.Redact == nil {
		return text
	}
	return h.Redact(text)
}

// fit takes credentials out of a text and keeps it within a post.
func (h *Host) fit(text string) string { return paginate.Fit(h.clean(text), h.MaxRunes) }
