package stages

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"ctpipe/pipeline"
)

// marked puts a sign before a reason, unless it begins with one of its own.
func marked(reason string) string {
	if first, _ := utf8.DecodeRuneInString(reason); unicode.IsSymbol(first) {
		return reason
	}
	return "⛔ " + reason
}

// Reasons joins what the votes say, each reason once.
func Reasons(votes []pipeline.Vote) string {
	var said []string
	seen := map[string]bool{}
	for _, v := range votes {
		why := v.Why
		if v.Err != "" {
			why = strings.TrimPrefix(why+" ("+v.Err+")", " ")
		}
		if why != "" && !seen[why] {
			seen[why] = true
			said = append(said, why)
		}
	}
	return strings.Join(said, "; ")
}

// Names joins who cast the votes: "rule no-force-push, hook deploy_window".
func Names(votes []pipeline.Vote) string {
	var b strings.Builder
	for i := range votes {
		v := &votes[i]
		if i > 0 {
			b.WriteString(", ")
		}
		switch v.Source {
		case pipeline.SourceRule, pipeline.SourceHook, pipeline.SourceFloor:
			b.WriteString(string(v.Source))
			b.WriteByte(' ')
		}
		b.WriteString(v.By)
	}
	return b.String()
}
