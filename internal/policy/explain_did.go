package policy

import (
	"fmt"
	"strings"

	"ctpipe/pipeline"
)

// ExplainedHook is one hook's part in the hooks stage; Abstain if it had no
// opinion.
type ExplainedHook struct {
	Hook    string           `json:"hook"`
	Verdict pipeline.Verdict `json:"verdict"`
	TookUS  int64            `json:"took_us"`
}

func hooksOf(s pipeline.Step) []ExplainedHook {
	var out []ExplainedHook
	for _, ran := range s.Ran {
		h := ExplainedHook{Hook: ran.Name, TookUS: ran.Took.Microseconds()}
		for _, v := range s.Votes {
			if v.By == ran.Name {
				h.Verdict = v.Verdict
			}
		}
		out = append(out, h)
	}
	return out
}

func hooksInWords(hooks []ExplainedHook) string {
	said := make([]string, len(hooks))
	for i, h := range hooks {
		said[i] = fmt.Sprintf("%s %s %s", h.Hook, h.Verdict, milli(h.TookUS))
	}
	return strings.Join(said, " · ")
}

// settled says what becomes of the verdict: a mode or a grant may answer where
// nothing voted.
func settled(effects []pipeline.Effect) string {
	for _, e := range effects {
		switch e := e.(type) {
		case pipeline.AnswerTool:
			return answered(e)
		case pipeline.Hold:
			return "asks people"
		}
	}
	return ""
}

func answered(a pipeline.AnswerTool) string {
	switch a.Verdict {
	case pipeline.Allow:
		return "lets Claude go on, by " + a.By
	case pipeline.Ask:
		return "asks people"
	case pipeline.Deny:
		return fmt.Sprintf("tells Claude: %q", a.Reason)
	}
	return "leaves it to Claude's own auto mode"
}
