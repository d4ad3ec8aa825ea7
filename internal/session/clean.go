package session

// clean takes credentials out of what ctpipe itself writes.
func (h *Host) clean(text string) string {
	if h.Redact == nil {
		return text
	}
	return h.Redact(text)
}
