package hooktrial

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ctpipe/internal/journal"
	"ctpipe/pipeline"
)

// A call without facts gets those of a real one; one with facts keeps them; what
// is no event is refused with the reason.
func TestDecode(t *testing.T) {
	for _, c := range []struct {
		name, raw, fails string
		holds            func(*Event) bool
	}{
		{name: "facts are found", raw: `{"kind":"tool","tool":{"name":"Bash","input":{"command":"git push"}}}`,
			holds: func(e *Event) bool {
				return len(e.Tool.Commands) == 1 && e.Tool.Commands[0].Prog == "git" && e.Tool.Hash != "" && e.Tool.Cwd != ""
			}},
		{name: "facts are kept", raw: `{"kind":"tool","tool":{"name":"Bash","input":{"command":"git push"},"commands":[{"prog":"ls"}]}}`,
			holds: func(e *Event) bool {
				return len(e.Tool.Commands) == 1 && e.Tool.Commands[0].Prog == "ls" && e.Tool.Hash == ""
			}},
		{name: "a time as written", raw: `{"kind":"post","time":{"rfc3339":"2026-01-02T04:04:05+01:00"}}`,
			holds: func(e *Event) bool { return e.Time.Unix == 1767323045 && e.Time.RFC3339 == "2026-01-02T03:04:05Z" }},
		{name: "now", raw: `{"kind":"post"}`,
			holds: func(e *Event) bool { return time.Since(time.Unix(e.Time.Unix, 0)) < time.Minute }},
		{name: "a misspelt field", raw: `{"kind":"tool","tol":{}}`, fails: `unknown field "tol"`},
		{name: "no kind", raw: `{}`, fails: `the event's kind is ""; want one of [post start`},
		{name: "no JSON", raw: `kind = "post"`, fails: "the event is none"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Decode([]byte(c.raw))
			if c.fails != "" {
				if err == nil || !strings.Contains(err.Error(), c.fails) {
					t.Errorf("%v", err)
				}
				return
			}
			if err != nil || got.recorded || !c.holds(got) {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}

// A line of the journal is taken as it is, whatever stands in it.
func TestDecodeRecorded(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		rec := journal.Record{Event: pipeline.Event{
			ID:   pipeline.EventID(rapid.StringMatching(`[0-9A-Z]{8}`).Draw(rt, "id")),
			Kind: rapid.SampledFrom(pipeline.Kinds).Draw(rt, "kind"),
			Post: pipeline.Post{Text: rapid.String().Draw(rt, "text")},
			Tool: pipeline.Tool{Name: rapid.SampledFrom([]string{"", "Bash", "Read"}).Draw(rt, "tool")},
		}}
		raw, err := json.Marshal(rec)
		if err != nil {
			rt.Fatal(err)
		}
		var kept journal.Record
		if err := json.Unmarshal(raw, &kept); err != nil {
			rt.Fatal(err)
		}
		got, err := Decode(raw)
		if err != nil || !got.recorded || !reflect.DeepEqual(got.Event, kept.Event) {
			rt.Fatalf("%+v, %v; want %+v", got, err, kept.Event)
		}
	})
}
