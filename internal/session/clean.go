package session

import (
	"bytes"
	"encoding/json"
	"strings"

	"ctpipe/internal/display"
	"ctpipe/internal/paginate"
)

// clean takes credentials out of what ctpipe itself writes.
func (h *Host) clean(text string) string {
	if h.Redact == nil {
		return text
	}
	return h.Redact(text)
}

// fit takes credentials out of a text and keeps it within a post.
func (h *Host) fit(text string) string { return paginate.Fit(h.clean(text), h.MaxRunes) }

// cleanValue takes credentials out of the texts within decoded JSON, in place
// where it can. It comes before folding, which may part a credential so that
// the show chain does not know it any more.
func (h *Host) cleanValue(v any) any {
	if h.Redact == nil {
		return v
	}
	switch v := v.(type) {
	case string:
		return h.Redact(v)
	case map[string]any:
		for k := range v {
			v[k] = h.cleanValue(v[k])
		}
	case []any:
		if lines, ok := texts(v); ok {
			return h.cleanLines(v, lines)
		}
		for i := range v {
			v[i] = h.cleanValue(v[i])
		}
	}
	return v
}

// cleanLines cleans what may be the lines of one text, as in a diff: a private
// key has many.
func (h *Host) cleanLines(was []any, lines []string) []any {
	whole := strings.Join(lines, "\n")
	text := h.Redact(whole)
	if text == whole {
		return was
	}
	var out []any
	for line := range strings.SplitSeq(text, "\n") {
		out = append(out, line)
	}
	return out
}

func texts(v []any) ([]string, bool) {
	out := make([]string, len(v))
	for i, e := range v {
		s, ok := e.(string)
		if !ok {
			return nil, false
		}
		out[i] = s
	}
	return out, true
}

// cleanOutcome takes credentials out of a call's result. One that cannot be
// read is left out: its text says what there is to say.
func (h *Host) cleanOutcome(out display.Outcome) display.Outcome {
	if h.Redact == nil {
		return out
	}
	out.Text = h.Redact(out.Text)
	if len(out.Result) == 0 {
		return out
	}
	d := json.NewDecoder(bytes.NewReader(out.Result))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		out.Result = nil
		return out
	}
	out.Result, _ = json.Marshal(h.cleanValue(v)) // what was decoded can be encoded
	return out
}
