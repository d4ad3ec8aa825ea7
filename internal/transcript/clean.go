package transcript

import (
	"bytes"
	"encoding/json"
	"strings"

	"ctpipe/internal/display"
)

// clean takes credentials out of a text.
func (t cleaner) clean(text string) string {
	if t.conf.Redact == nil {
		return text
	}
	return t.conf.Redact(text)
}

// cleanValue takes credentials out of the texts within decoded JSON, in place
// where it can.
func (t cleaner) cleanValue(v any) any {
	if t.conf.Redact == nil {
		return v
	}
	switch v := v.(type) {
	case string:
		return t.conf.Redact(v)
	case map[string]any:
		for k := range v {
			v[k] = t.cleanValue(v[k])
		}
	case []any:
		if lines, ok := texts(v); ok {
			return t.cleanLines(v, lines)
		}
		for i := range v {
			v[i] = t.cleanValue(v[i])
		}
	}
	return v
}

// cleanLines cleans what may be the lines of one text, as in a diff: a private key
// has many.
func (t cleaner) cleanLines(was []any, lines []string) []any {
	whole := strings.Join(lines, "\n")
	text := t.conf.Redact(whole)
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

// cleanOutcome takes credentials out of a call's result. One that cannot be read is
// left out: its text says what there is to say.
func (t cleaner) cleanOutcome(out display.Outcome) display.Outcome {
	if t.conf.Redact == nil {
		return out
	}
	out.Text = t.conf.Redact(out.Text)
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
	out.Result, _ = json.Marshal(t.cleanValue(v)) // what was decoded can be encoded
	return out
}
