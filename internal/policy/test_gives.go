package policy

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"ctpipe/pipeline"
)

// missing says what a run does not give although the test expects it, or "".
func (c Case) missing(r *pipeline.Run) string {
	s := r.Settings
	got := map[string]string{"style": s.Style, "template": s.Template, "dir": s.Set.Dir, "model": s.Set.Model,
		"mode": string(s.Set.Mode), "raise": string(s.Raise)}
	if s.MaxLines > 0 {
		got["max_lines"] = strconv.Itoa(s.MaxLines)
	}
	for _, key := range slices.Sorted(maps.Keys(c.Gives)) {
		want := c.Gives[key]
		switch {
		case key == "reply":
			if replies := replies(r); !said(replies, want) {
				return fmt.Sprintf("want a reply with %q, got %q", want, replies)
			}
		case key == "label":
			if labels := labels(r); !slices.Contains(labels, want) {
				return fmt.Sprintf("want the label %s, got %q", want, labels)
			}
		case got[key] != want:
			return fmt.Sprintf("want %s %q, got %q", key, want, got[key])
		}
	}
	return ""
}

// said reports a reply that holds a text; "" stands for no reply at all.
func said(replies []string, want string) bool {
	if want == "" {
		return len(replies) == 0
	}
	return slices.ContainsFunc(replies, func(text string) bool { return strings.Contains(text, want) })
}

func replies(r *pipeline.Run) []string {
	out := []string{}
	for _, e := range r.Effects() {
		if reply, ok := e.(pipeline.Reply); ok {
			out = append(out, reply.Text)
		}
	}
	return out
}

func labels(r *pipeline.Run) []string {
	out := []string{}
	for _, e := range r.Effects() {
		if l, ok := e.(pipeline.Label); ok {
			out = append(out, l.Key+"="+l.Value)
		}
	}
	return out
}
