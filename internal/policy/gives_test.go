package policy

import (
	"context"
	"strings"
	"testing"
)

const givesRules = `
default = { show = "allow", start = "allow", command = "allow" }
[[rule]]
id        = "tools-short"
on        = "show"
when      = 'show.what == "tool"'
style     = "fold"
max_lines = 3
[[rule]]
id   = "web"
on   = "start"
when = 'thread.channel_name == "web"'
set  = { dir = "/web", model = "opus", mode = "auto" }
[[rule]]
id    = "raise"
on    = "command"
when  = 'command.name == "permissions"'
raise = "auto"
[[rule]]
id    = "lost"
on    = "session"
when  = 'notice.what == "lost"'
reply = "@ana {session.id} is gone: {notice.text}"
label = { lost = "yes" }
[[rule]]
id    = "refused"
on    = "policy"
when  = 'notice.what == "refused"'
reply = "mend it"
`

// TestGives: a test sees what rules set and say, and fails where it differs.
func TestGives(t *testing.T) {
	for _, c := range []struct{ test, why string }{
		{`show = { what = "tool", text = "x" }
want = "allow"
gives = { style = "fold", max_lines = 3, template = "" }`, ""},
		{`show = { what = "tool", text = "x" }
want = "allow"
gives = { style = "line" }`, `want style "line", got "fold"`},
		{`show = { text = "x" }
want = "allow"
gives = { style = "" }`, ""},
		{`show = { text = "x" }
want = "deny"
gives = { style = "fold" }`, "want deny, got allow"},
		{`start = { prompt = "x" }
thread = { channel_name = "web" }
want = "allow"
gives = { dir = "/web", model = "opus", mode = "auto" }`, ""},
		{`command = { name = "permissions" }
want = "allow"
gives = { raise = "bypass" }`, `want raise "bypass", got "auto"`},
		{`on = "session"
notice = { what = "lost", text = "@bo *x*" }
gives = { reply = "@ana test is gone: @\u200bbo \\\\*x\\\\*", label = "lost=yes" }`, ""},
		{`on = "session"
notice = { what = "lost" }
gives = { reply = "", label = "lost=no" }`, `want the label lost=no, got ["lost=yes"]`},
		{`on = "session"
notice = { what = "lost" }
gives = { reply = "" }`, `want a reply with "", got ["@ana test is gone: "]`},
		{`on = "session"
notice = { what = "idle" }
gives = { reply = "" }`, ""},
		{`on = "policy"
notice = { what = "refused" }
gives = { reply = "mend it" }`, ""},
		{`on = "policy"
notice = { what = "lost" }
gives = { reply = "gone" }`, `want a reply with "gone", got []`},
	} {
		l := write(t, map[string]string{"rules.toml": givesRules + "[[test]]\nname = \"x\"\n" + strings.ReplaceAll(c.test, `\\\\`, `\\`) + "\n"})
		p, _, findings := l.LoadUntested()
		if p == nil {
			t.Fatal(text(findings))
		}
		res := l.Test(context.Background(), p, nil).Results[0]
		if c.why == "" && res.Outcome != Passed || c.why != "" && (res.Outcome != Failed || !strings.Contains(res.Why, c.why)) {
			t.Errorf("%s\n%s: %s", c.test, res.Outcome, res.Why)
		}
	}
}
