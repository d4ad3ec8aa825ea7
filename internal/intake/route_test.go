package intake

import (
	"strings"
	"testing"

	"ctpipe/internal/mattermost"
	"ctpipe/pipeline"

	"pgregory.net/rapid"
)

// TestRoute: each post is one event or none, and the event says why.
func TestRoute(t *testing.T) {
	const out, in = false, true
	for _, c := range []struct {
		session bool
		text    string
		kind    pipeline.Kind
		route   string
		name    string // of the command
	}{
		{out, "hello", "", "", ""},
		{out, "hello @bot", pipeline.KindStart, routeMention, ""},
		{out, "@bot !cd x do y", pipeline.KindStart, routeStartCommand, ""},
		{out, "@bot !worktree fix/x do y", pipeline.KindStart, routeStartCommand, ""},
		{out, "@bot !worktree list", pipeline.KindCommand, routeCommand, "worktree"},
		{out, "@bot !status", pipeline.KindCommand, routeCommand, "status"},
		{out, "@bot !nonsense", pipeline.KindCommand, routeCommand, "nonsense"},
		{out, "!status", "", "", ""},
		{out, "!kill", pipeline.KindCommand, routeAlone, "kill"},
		{out, "!kill that job", "", "", ""},
		{out, "!HELP", pipeline.KindCommand, routeAlone, "help"},
		{out, "stop", "", "", ""},
		{out, "/cost", "", "", ""},
		{out, "@bot /cost", pipeline.KindCommand, routeSlash, "cost"},
		{out, "@bot stop", pipeline.KindStart, routeMention, ""},
		{in, "hello", pipeline.KindPost, routeThread, ""},
		{in, "hello @bot", pipeline.KindPost, routeThread, ""},
		{in, "stop", pipeline.KindCommand, routeBareCommand, "stop"},
		{in, "@bot Cancel", pipeline.KindCommand, routeBareCommand, "stop"},
		{in, "stop the server", pipeline.KindPost, routeThread, ""},
		{in, "!stop", pipeline.KindCommand, routeCommand, "stop"},
		{in, "!cd x", pipeline.KindCommand, routeCommand, "cd"},
		{in, "!kill that job", pipeline.KindCommand, routeCommand, "kill"},
		{in, "/cost", pipeline.KindCommand, routeSlash, "cost"},
		{in, "/etc/hosts is odd", pipeline.KindPost, routeThread, ""},
		{in, "!", pipeline.KindPost, routeThread, ""},
	} {
		got := Route("bot", Posted{Text: c.text, Session: c.session})
		if got.Kind != c.kind || got.Route != c.route || c.kind == pipeline.KindCommand && got.Command.Name != c.name {
			t.Errorf("session %v, %q: %+v", c.session, c.text, got)
		}
	}
	if got := Route("bot", Posted{Text: "stop", Files: 1, Session: true}); got.Kind != pipeline.KindPost {
		t.Errorf("a word with a file: %+v", got)
	}
}

// TestUrgent: only what ends something overtakes others, and only where it could
// end something.
func TestUrgent(t *testing.T) {
	for text, want := range map[string][2]bool{ // without and with a session
		"!kill": {true, true}, "@bot !kill": {true, true}, "!stop": {false, true}, "stop": {false, true}, "!escape": {false, true},
		"!interrupt": {false, true}, "/stop": {}, "!status": {}, "hello": {}, "stop it": {}, "!nonsense": {}, "": {},
	} {
		for i, session := range []bool{false, true} {
			if got := Route("bot", Posted{Text: text, Session: session}).Urgent(session); got != want[i] {
				t.Errorf("%q, session %v: %v", text, session, got)
			}
		}
	}
}

// TestEveryPostIsRouted: in a session's thread every post is an event; elsewhere
// one that does not name the bot is none, unless it is a command.
func TestEveryPostIsRouted(t *testing.T) {
	pieces := []string{"@bot", "@bot-2", " ", "\n", "!stop", "!cd", "!kill", "/cost", "stop", "x", ",", "!", "@alice"}
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 8).Draw(t, "text"), "")
		in := Route("bot", Posted{Text: text, Session: true})
		if in.Kind != pipeline.KindPost && in.Kind != pipeline.KindCommand {
			t.Fatalf("%q in a thread: %+v", text, in)
		}
		out := Route("bot", Posted{Text: text})
		if (out.Kind == "") != (out.Route == "") || out.Kind == pipeline.KindPost || out.Mention && out.Kind == "" {
			t.Fatalf("%q elsewhere: %+v", text, out)
		}
		if !out.Mention && out.Kind != "" && out.Kind != pipeline.KindCommand {
			t.Fatalf("%q opens a session without a mention: %+v", text, out)
		}
	})
}

// TestOrigin covers I1, I2 and SEC-11.
func TestOrigin(t *testing.T) {
	for want, p := range map[string]mattermost.Post{
		"person": {}, "system": {Type: "system_join_channel"},
		"webhook": {Props: map[string]any{"from_webhook": "true", "from_bot": "true"}},
		"plugin":  {Props: map[string]any{"from_plugin": "true"}},
		"bot":     {Props: map[string]any{"from_bot": "true"}},
	} {
		if got := Origin(p); got != want {
			t.Errorf("%s: %s", want, got)
		}
	}
}
