package policy

import (
	"encoding/json"
	"fmt"
)

// Redacted is the explanation with every text in it passed through redact: the
// journal keeps what happened as it was, but what is printed may be passed on.
func (x Explanation) Redacted(redact func(string) string) (Explanation, error) {
	raw, err := json.Marshal(x)
	if err != nil {
		return Explanation{}, fmt.Errorf("redacting an explanation: %w", err)
	}
	var tree any
	if err := json.Unmarshal(raw, &tree); err != nil {
		return Explanation{}, fmt.Errorf("redacting an explanation: %w", err)
	}
	if raw, err = json.Marshal(redactTree(tree, redact)); err != nil {
		return Explanation{}, fmt.Errorf("redacting an explanation: %w", err)
	}
	var out Explanation
	if err := json.Unmarshal(raw, &out); err != nil {
		return Explanation{}, fmt.Errorf("redacting an explanation: %w", err)
	}
	return out, nil
}

func redactTree(v any, redact func(string) string) any {
	switch v := v.(type) {
	case string:
		return redact(v)
	case []any:
		for i := range v {
			v[i] = redactTree(v[i], redact)
		}
	case map[string]any:
		for k := range v {
			v[k] = redactTree(v[k], redact)
		}
	}
	return v
}
