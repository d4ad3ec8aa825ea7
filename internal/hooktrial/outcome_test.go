package hooktrial

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ctpipe/hooks"
	"ctpipe/pipeline"
)

// What a hook says is told line by line; what it logs only where that is asked
// for; of a hook that failed neither reason nor terms.
func TestOutcomeInWords(t *testing.T) {
	ask := &pipeline.Vote{Verdict: pipeline.Ask, Why: "who knows"}
	for _, c := range []struct {
		name       string
		out        Outcome
		result     *hooks.Result
		trace      bool
		want, lack []string
	}{
		{name: "no function", out: Outcome{Listed: true},
			want: []string{"x.lua on tool: abstain in 0s", "no function for this event"}, lack: []string{"does not list it"}},
		{name: "not listed", result: &hooks.Result{Took: time.Millisecond},
			want: []string{"in 1ms", "does not list it"}, lack: []string{"no function"}},
		{name: "asks", out: Outcome{Listed: true}, result: &hooks.Result{Vote: ask, Logs: []string{"seen"}},
			want: []string{"x.lua on tool: ask", "why      who knows", "terms    {"}, lack: []string{"seen"}},
		{name: "asks, traced", trace: true, result: &hooks.Result{Vote: ask, Logs: []string{"seen"}},
			want: []string{"log      seen"}},
		{name: "failed", result: &hooks.Result{Vote: ask, Err: errors.New("x.lua:3: no\x1b[2Jthing")},
			want: []string{`error    "x.lua:3: no\x1b[2Jthing"`}, lack: []string{"terms", "why", "\x1b"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.out.Script, c.out.Kind, c.out.Verdict = "x.lua", pipeline.KindTool, "abstain"
			if c.result != nil {
				c.out.take(*c.result)
			}
			var b bytes.Buffer
			if err := c.out.WriteText(&b, c.trace); err != nil {
				t.Fatal(err)
			}
			for _, want := range c.want {
				if !strings.Contains(b.String(), want) {
					t.Errorf("lacks %q:\n%s", want, b.String())
				}
			}
			for _, lack := range c.lack {
				if strings.Contains(b.String(), lack) {
					t.Errorf("has %q:\n%s", lack, b.String())
				}
			}
		})
	}
}

// Whatever a script says keeps off the terminal's controls; and as JSON it says
// the same.
func TestOutcomeIsSafe(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.String().Draw(rt, "text")
		out := Outcome{Script: "x.lua", Kind: pipeline.KindTool, Verdict: "deny", Why: text, Text: &text, Logs: []string{text}, judged: true, Listed: true}
		var words, raw bytes.Buffer
		if err := errors.Join(out.WriteText(&words, true), out.WriteJSON(&raw, true)); err != nil {
			rt.Fatal(err)
		}
		want := 4 // the heading, why, text, log
		if text == "" {
			want = 3
		}
		if n := strings.Count(words.String(), "\n"); n != want {
			rt.Fatalf("%d lines:\n%q", n, words.String())
		}
		if strings.ContainsFunc(words.String(), func(r rune) bool { return r != '\n' && (r < ' ' || r == 0x7f) }) {
			rt.Fatalf("a control: %q", words.String())
		}
		var back Outcome
		if err := json.Unmarshal(raw.Bytes(), &back); err != nil || back.Why != text || len(back.Logs) != 1 {
			rt.Fatalf("%+v, %v", back, err)
		}
	})
}
