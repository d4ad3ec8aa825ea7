package policy

import (
	"fmt"
	"strings"
	"testing"

	"ctpipe/internal/command"
	"ctpipe/pipeline"
)

// TestEveryCommandIsAllowedToSomebody covers FUN-09: each command, and each that
// may stand before a request, has a shipped rule that allows it to somebody.
func TestEveryCommandIsAllowedToSomebody(t *testing.T) {
	p, _, findings := loaderOf("../..").LoadUntested()
	if p == nil {
		t.Fatal(text(findings))
	}
	engine := pipeline.NewEngine(p.Snapshot, nil, nil)
	posts := 0
	allowed := func(typed string) (by string) {
		cmd, ok := command.Split(typed)
		if !ok {
			t.Fatalf("%q is no command", typed)
		}
		for _, u := range []pipeline.User{{Allowed: true}, {Owner: true}, {Invited: true}} {
			u.ID, u.Name, u.Active, u.Groups = "u-someone", "someone", true, []string{}
			ev := &pipeline.Event{ID: "e", Kind: pipeline.KindCommand, Time: testTime, User: u, Command: cmd,
				Thread:  pipeline.Thread{ID: "playground:root", Root: "root", Platform: "playground"},
				Session: pipeline.Session{ID: "s", State: "idle", Owner: "u-olga"},
				Post:    pipeline.Post{ID: pipeline.PostID(fmt.Sprint("p", posts)), Text: typed, Origin: "person"}}
			posts++ // a post that was here before is dropped
			r := engine.Judge(t.Context(), ev)
			if v, top := r.Verdict(); v == pipeline.Allow && top[0].Source == pipeline.SourceRule {
				return top[0].By
			}
		}
		return ""
	}
	for _, c := range command.All {
		typed := "!" + c.Name + strings.Repeat(" x", c.Needs)
		if allowed(typed) == "" {
			t.Errorf("%s: no rule of rules.toml allows it to anybody", typed)
		}
		if c.Start != nil && allowed("!"+c.Name+" x") == "" {
			t.Errorf("!%s before a request: no rule of rules.toml allows it to anybody", c.Name)
		}
	}
	if by := allowed("!no-such-command"); by != "" {
		t.Errorf("a command that does not exist is allowed by %s", by)
	}
}
