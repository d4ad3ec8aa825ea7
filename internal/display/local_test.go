package display

import (
	"encoding/json"
	"testing"

	"ctpipe/internal/claude"
)

// TestLocalOutput covers STR-09: colours and the CLI's own tags are taken off,
// markdown stays markdown, and what blanks align stays aligned.
func TestLocalOutput(t *testing.T) {
	for in, want := range map[string]string{
		"<local-command-stdout>Set model to `x`</local-command-stdout>":                       "Set model to `x`",
		"<local-command-stdout>\x1b[1mTotal:\x1b[22m  $1\n  a:  2\r\n</local-command-stdout>": "```\nTotal:  $1\n  a:  2\n```",
		"<local-command-stderr>\x1b[38;5;1mno\x1b[0m</local-command-stderr>":                  "no",
		"## Usage\n\n| a | b |\n|--|--|\n| 1 | 2 |\n":                                         "## Usage\n\n| a | b |\n|--|--|\n| 1 | 2 |",
		"<local-command-stdout>Compacted </local-command-stdout>":                             "Compacted",
		"two\nlines with ``` in them\n":                                                       "````\ntwo\nlines with ``` in them\n````",
		"<local-command-stdout></local-command-stdout>":                                       "",
	} {
		if got := LocalOutput(in); got != want {
			t.Errorf("%q\n got %q\nwant %q", in, got, want)
		}
	}
}

func TestLimitNear(t *testing.T) {
	for in, want := range map[string]string{
		`{"status":"allowed_warning","resetsAt":1795367574,"rateLimitType":"five_hour","utilization":0.91}`: "⏳ Claude's 5-hour limit is nearly used up: 91 %; it is reset at 17:12 UTC on 22 November.",
		`{"status":"allowed_warning","rateLimitType":"@all"}`:                                               "⏳ Claude's usage limit is nearly used up.",
		`{"status":"rejected","rateLimitType":"five_hour","utilization":1}`:                                 "",
		`{"status":"allowed"}`: "",
	} {
		var r claude.RateLimit
		if err := json.Unmarshal([]byte(`{"rate_limit_info":`+in+`}`), &r); err != nil {
			t.Fatal(err)
		}
		if got := LimitNear(&r); got != want {
			t.Errorf("%s\n got %q\nwant %q", in, got, want)
		}
	}
}
