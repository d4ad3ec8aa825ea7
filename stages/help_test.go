package stages

import (
	"os"
	"strings"
	"testing"

	"ctpipe/internal/changelog"
	"ctpipe/internal/command"
	"ctpipe/pipeline"
)

// TestHelpLeaksNothing covers SEC-22: what everybody may ask for says the same
// to everybody, in every session, and nothing about this machine or a session.
func TestHelpLeaksNothing(t *testing.T) {
	home, _ := os.UserHomeDir()
	here, _ := os.Getwd()
	say := func(text string, s pipeline.Session, u pipeline.User) string {
		c, _ := command.Split(text)
		r := runOf(t, &Build{Secrets: []string{"token"}}, pipeline.Event{Kind: pipeline.KindCommand, User: u, Session: s, Command: c}, []pipeline.Vote{{Verdict: pipeline.Allow}}, "answer")
		return r.Effects()[0].(pipeline.Reply).Text
	}
	for _, text := range []string{"!help", "!help cd", "!help nonsense", "!release-notes", "!changelog", "!cd"} {
		inside := say(text, pipeline.Session{Dir: "/srv/secret", Branch: "secret-branch", Cost: 12.34}, ana)
		if outside := say(text, pipeline.Session{}, mallory); inside != outside {
			t.Errorf("%s says one thing to a participant and another to a stranger:\n%s\n%s", text, inside, outside)
		}
		for _, private := range []string{home, here, "/srv/secret", "secret-branch", "12.34"} {
			if private != "" && private != "/" && strings.Contains(inside, private) {
				t.Errorf("%s shows %q", text, private)
			}
		}
	}
	if say("!release-notes", pipeline.Session{}, mallory) != changelog.Notes() {
		t.Error("!release-notes are not the changelog's")
	}
}

// TestUnknownCommands covers FUN-09 and SEC-11: a command that does not exist is
// answered where nothing speaks about it; what a rule or the floor denies, or a
// hook brings, is not.
func TestUnknownCommands(t *testing.T) {
	c, _ := command.Split("!stpo")
	for _, x := range []struct {
		votes []pipeline.Vote
		says  bool
	}{
		{nil, true},
		{[]pipeline.Vote{{Verdict: pipeline.Allow, Source: pipeline.SourceRule}}, true},
		{[]pipeline.Vote{{Verdict: pipeline.Deny, Source: pipeline.SourceFloor}}, false},
		{[]pipeline.Vote{{Verdict: pipeline.Deny, Source: pipeline.SourceRule, Why: "not now"}}, false},
	} {
		r := runOf(t, &Build{}, pipeline.Event{Kind: pipeline.KindCommand, User: mallory, Command: c}, x.votes, "answer")
		if got := len(r.Effects()) == 1; got != x.says {
			t.Errorf("%+v: %+v", x.votes, r.Effects())
		}
	}
}
