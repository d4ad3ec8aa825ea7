package policy

import (
	"strings"
	"testing"

	"ctpipe/internal/command"
	"ctpipe/internal/journal"
	"ctpipe/pipeline"
	"ctpipe/stages"
)

// TestWhyNamesThePlaces (SEC-23, FUN-06): a directory that is refused stands in
// the journal with the floor's article and is judged the same again, also where
// the directory is another one by now; !why names the article.
func TestWhyNamesThePlaces(t *testing.T) {
	l := write(t, map[string]string{"rules.toml": "[[rule]]\nid = \"all\"\non = \"command\"\nwhen = 'true'\nthen = \"allow\"\n" +
		"[[rule]]\nid = \"starts\"\non = \"start\"\nwhen = 'true'\nthen = \"allow\"\n" +
		"[[rule]]\nid = \"reads\"\non = \"command\"\nwhen = 'command.outside or command.needs_worktree or command.dir == \"/nowhere\"'\nthen = \"deny\"\nmode = \"shadow\"\n"})
	p, _, findings := l.Load()
	if p == nil {
		t.Fatal(text(findings))
	}
	for name, c := range map[string]struct {
		command pipeline.ChatCommand
		start   pipeline.Start
		by, why string
	}{
		"outside": {command: pipeline.ChatCommand{Name: "cd", Text: "/etc", Dir: "/etc", Outside: true}, by: "floor outside-roots", why: command.OutsideRoots("/etc")},
		"a repository": {command: pipeline.ChatCommand{Name: "worktree", Text: "switch main", Dir: "/srv/app", NeedsWorktree: true}, by: "floor worktree-required",
			why: command.WorktreeRequired},
		"a start": {start: pipeline.Start{Prompt: "x", Dir: "/etc", Outside: true}, by: "floor outside-roots", why: command.OutsideRoots("/etc")},
	} {
		ev := &pipeline.Event{ID: "EV01", Kind: pipeline.KindCommand, Thread: pipeline.Thread{ID: "main:a"}, Command: c.command, Start: c.start,
			User: pipeline.User{ID: "u", Name: "ana", Active: true}, Post: pipeline.Post{ID: pipeline.PostID(name), Origin: "person"}}
		if c.start.Prompt != "" {
			ev.Kind = pipeline.KindStart
		}
		dir, book := journalled(t, p, ev)
		x := Explainer{Dir: dir, Flush: book.Flush, Policy: func() *Policy { return p }, Redact: stages.Redactor(&stages.Build{})}
		got, err := x.Why(t.Context(), journal.Query{Thread: "main:a"})
		if err != nil || !strings.Contains(got, "deny by "+c.by) || !strings.Contains(got, c.why) {
			t.Errorf("%s: %v\n%s", name, err, got)
		}
		rec, err := journal.Recall(dir, journal.Query{Thread: "main:a", Event: "EV01"})
		if err != nil {
			t.Fatal(name, err)
		}
		was, is := Recorded(&rec), Rejudged(t.Context(), p, &rec)
		if was.Verdict != pipeline.Deny || is.Verdict != was.Verdict || pipeline.Names(is.Votes) != pipeline.Names(was.Votes) {
			t.Errorf("%s: recorded %v, replayed %v", name, was, is)
		}
	}
}
