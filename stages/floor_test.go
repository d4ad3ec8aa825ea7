package stages

import (
	"context"
	"errors"
	"strings"
	"testing"

	"ctpipe/pipeline"
)

// runOf passes ev through the named stages, with gates that cast votes in
// front of the first that acts.
func runOf(t *testing.T, b *Build, ev pipeline.Event, votes []pipeline.Vote, names ...string) *pipeline.Run {
	t.Helper()
	chain := []pipeline.Link{{Name: "votes", Role: pipeline.Gate, Stage: pipeline.StageFunc(func(_ context.Context, r *pipeline.Run) error {
		for _, v := range votes {
			r.Vote(v)
		}
		return nil
	})}}
	for _, name := range names {
		spec, ok := Find(name)
		if !ok {
			t.Fatalf("no stage %s", name)
		}
		stage, err := spec.New(b)
		if err != nil {
			t.Fatal(err)
		}
		chain = append(chain, pipeline.Link{Name: name, Role: spec.Role, Stage: stage})
	}
	def := map[pipeline.Kind]pipeline.Verdict{pipeline.KindTool: pipeline.Ask, pipeline.KindShow: pipeline.Allow}
	s := &pipeline.Snapshot{Chains: map[pipeline.Kind][]pipeline.Link{ev.Kind: chain}, Default: def}
	r := s.Judge(context.Background(), &ev)
	for _, st := range r.Trace.Steps {
		if st.Err != "" {
			t.Fatalf("%s: %s", st.Stage, st.Err)
		}
	}
	return r
}

func by(r *pipeline.Run) (all string) {
	for _, v := range r.Votes() {
		if v.Source == pipeline.SourceFloor {
			all += v.By + " "
		}
	}
	return strings.TrimSpace(all)
}

var (
	ana     = pipeline.User{ID: "u1", Name: "ana", Active: true, Allowed: true}
	mallory = pipeline.User{ID: "u9", Name: "mallory", Active: true}
)

// I1, I2, I6, SEC-08, SEC-11: who is a person is not configurable; even a
// stage that allows everybody changes nothing.
func TestFloorPerson(t *testing.T) {
	with := func(f func(*pipeline.User)) pipeline.User { u := ana; f(&u); return u }
	for _, k := range []pipeline.Kind{pipeline.KindPost, pipeline.KindStart, pipeline.KindCommand} {
		for _, c := range []struct {
			user   pipeline.User
			origin string
			want   string
		}{
			{ana, "person", ""},
			{ana, "webhook", "not-a-person"}, {ana, "plugin", "not-a-person"}, {ana, "oauth", "not-a-person"},
			{ana, "system", "not-a-person"}, {ana, "bot", "not-a-person"}, {ana, "", "not-a-person"},
			{with(func(u *pipeline.User) { u.Bot = true }), "person", "not-a-person"},
			{with(func(u *pipeline.User) { u.Active = false }), "person", "deactivated"},
			{with(func(u *pipeline.User) { u.ID = "" }), "person", "nobody"},
			{pipeline.User{}, "person", "nobody"},
		} {
			r := runOf(t, &Build{}, pipeline.Event{Kind: k, User: c.user, Post: pipeline.Post{Origin: c.origin}},
				[]pipeline.Vote{{Verdict: pipeline.Allow}}, "floor")
			if v, _ := r.Verdict(); by(r) != c.want || (v == pipeline.Allow) != (c.want == "") {
				t.Errorf("%s by %+v, origin %q: %v, %q", k, c.user, c.origin, v, by(r))
			}
		}
	}
	for want, u := range map[string]pipeline.User{"": ana, "nobody": {}, "not-a-person": {ID: "b", Bot: true, Active: true}, "deactivated": {ID: "d"}} {
		if r := runOf(t, &Build{}, pipeline.Event{Kind: pipeline.KindReaction, User: u}, nil, "floor"); by(r) != want {
			t.Errorf("reaction by %+v: %q, want %q", u, by(r), want)
		}
	}
}

// T5: Claude writes neither ctpipe's files nor what the CLI and git obey.
func TestFloorPaths(t *testing.T) {
	b := &Build{Opaque: pipeline.Ask, Protected: []string{"/srv/ctpipe/rules.toml", "/srv/ctpipe/scripts/", "/var/lib/ctpipe", ""}}
	for path, want := range map[string]string{
		"/srv/ctpipe/rules.toml": "protected", "/srv/ctpipe/scripts": "protected", "/srv/ctpipe/scripts/new.lua": "protected",
		"/var/lib/ctpipe/journal/x": "protected", "/srv/ctpipe/rules.toml.bak": "", "/var/lib/ctpipe2": "", "/srv/ctpipe/main.go": "",
		"/srv/ctpipe": "holds-protected", "/": "holds-protected", "/var": "holds-protected",
		"/w/.claude/settings.json": "protected", "/w/sub/.claude": "protected", "/w/.CLAUDE/x": "protected", "/w/.mcp.json": "protected",
		"/home/a/.claude.json": "protected", "/home/a/.claude.json.backup": "protected", "/w/claude/x": "", "/w/.claudette": "",
		"/w/.git/hooks/pre-commit": "protected", "/w/.git/hooks": "protected", "/w/.git/config": "protected", "/w/.GIT/Config": "protected",
		"/w/.git/modules/sub/hooks/post-checkout": "protected", "/w/.git/modules/sub/config": "protected",
		"/w/.git/worktrees/b/config.worktree": "protected", "/w/hooks/x.lua": "", "/w/config": "",
		"/w/.git/refs/heads/hooks": "git-machinery", "/w/.git/HEAD": "git-machinery", "/w/.git": "git-machinery",
		"/w/sub/.git": "git-machinery", "/w/.gitattributes": "git-machinery", "/w/.gitmodules": "git-machinery", "/w/.gitignore": "",
		"/w/.git/refs/x/.claude/y": "protected",
	} {
		ev := pipeline.Event{Kind: pipeline.KindTool, Tool: pipeline.Tool{Name: "Write", Paths: []pipeline.Path{
			{Real: "/w/ok.go", Write: true}, {Named: path, Real: path, Write: true}, {Named: path, Real: path, Write: true}}}}
		r := runOf(t, b, ev, []pipeline.Vote{{Verdict: pipeline.Allow}}, "floor")
		verdict := map[string]pipeline.Verdict{"": pipeline.Allow, "protected": pipeline.Deny}[want]
		if want == "holds-protected" || want == "git-machinery" {
			verdict = pipeline.Ask
		}
		if v, _ := r.Verdict(); by(r) != want || v != verdict {
			t.Errorf("%s: %v by %q, want %q", path, v, by(r), want)
		}
		for i := range ev.Tool.Paths {
			ev.Tool.Paths[i].Write = false
		}
		if r := runOf(t, b, ev, nil, "floor"); by(r) != "" {
			t.Errorf("reading %s: %q", path, by(r))
		}
	}
}

// The CLI has its plans written to ~/.claude/plans; nothing else of that folder
// may be, and no other tool's write there is a plan.
func TestFloorPlans(t *testing.T) {
	b := &Build{Opaque: pipeline.Ask, Protected: []string{"/home/a/.claude"}}
	for path, want := range map[string]string{
		"Write /home/a/.claude/plans/calm-blue-bear.md": "", "Edit /home/a/.claude/plans/calm-blue-bear.md": "",
		"Bash /home/a/.claude/plans/calm-blue-bear.md": "protected", "Write /home/a/.claude/plans/x.sh": "protected",
		"Write /home/a/.claude/plans/sub/x.md": "protected", "Write /home/a/.claude/plans/.x.md": "protected",
		"Write /home/a/.claude/CLAUDE.md": "protected", "Write /w/.claude/plans/x.md": "protected",
		"Write /home/a/.claude/plans": "protected", "Write /home/b/.claude/plans/x.md": "protected",
	} {
		tool, real, _ := strings.Cut(path, " ")
		ev := pipeline.Event{Kind: pipeline.KindTool, Tool: pipeline.Tool{Name: tool, Paths: []pipeline.Path{{Named: real, Real: real, Write: true}}}}
		if r := runOf(t, b, ev, nil, "floor"); by(r) != want {
			t.Errorf("%s: %q, want %q", path, by(r), want)
		}
	}
}

// A call that would go unrecorded does not run where [journal] required is set.
func TestFloorJournal(t *testing.T) {
	fault := errors.New("disk full")
	b := &Build{Opaque: pipeline.Ask, Journal: func() error { return fault }}
	ev := pipeline.Event{Kind: pipeline.KindTool, Tool: pipeline.Tool{Name: "Read"}}
	if v, _ := runOf(t, b, ev, []pipeline.Vote{{Verdict: pipeline.Allow}}, "floor").Verdict(); v != pipeline.Deny {
		t.Errorf("unrecorded: %v", v)
	}
	fault = nil
	if v, _ := runOf(t, b, ev, []pipeline.Vote{{Verdict: pipeline.Allow}}, "floor").Verdict(); v != pipeline.Allow {
		t.Errorf("recorded: %v", v)
	}
}

// What cannot be known goes to people, unless [default] opaque says otherwise.
func TestFloorOpaque(t *testing.T) {
	hidden := map[string]pipeline.Event{
		"opaque":           {Tool: pipeline.Tool{Name: "Bash", Opaque: true, Why: "eval"}},
		"unknown commands": {Tool: pipeline.Tool{Name: "Bash"}, Unknown: []string{"tool.commands"}},
		"unknown writes":   {Tool: pipeline.Tool{Name: "Edit", Paths: []pipeline.Path{{Real: "/w/x", Write: true}}}, Unknown: []string{"tool.paths"}},
		"unknown files":    {Tool: pipeline.Tool{Name: "Bash", Commands: []pipeline.Command{{Prog: "rm", Class: "write"}}}, Unknown: []string{"tool.paths"}},
	}
	for name, ev := range hidden {
		ev.Kind = pipeline.KindTool
		ev.Tool.Requesters, ev.Session.Grants, ev.Session.Mode = []pipeline.User{ana}, []string{"g1"}, pipeline.ModeBypass
		for opaque, want := range map[pipeline.Verdict]pipeline.Verdict{pipeline.Abstain: pipeline.Ask, pipeline.Ask: pipeline.Ask, pipeline.Deny: pipeline.Deny} {
			r := runOf(t, &Build{Opaque: opaque, Approval: pipeline.Terms{Approvers: []string{"allowed"}}}, ev, nil, "floor", "settle")
			if a := r.Effects()[0].(pipeline.AnswerTool); a.Verdict != want || by(r) != "opaque" {
				t.Errorf("%s, opaque = %v: %+v; no mode or grant lifts it", name, opaque, a)
			}
		}
		if r := runOf(t, &Build{Opaque: pipeline.Allow}, ev, nil, "floor"); by(r) != "" {
			t.Errorf("%s, opaque = allow: %q", name, by(r))
		}
	}
	for name, ev := range map[string]pipeline.Event{
		"reading tool":    {Tool: pipeline.Tool{Name: "Read", Paths: []pipeline.Path{{Real: "/w/x"}}}, Unknown: []string{"tool.paths"}},
		"reading command": {Tool: pipeline.Tool{Name: "Bash", Commands: []pipeline.Command{{Prog: "ls", Class: "read"}}}, Unknown: []string{"tool.paths"}},
		"no files":        {Tool: pipeline.Tool{Name: "WebFetch"}, Unknown: []string{"tool.paths"}},
	} {
		ev.Kind = pipeline.KindTool
		if r := runOf(t, &Build{}, ev, nil, "floor"); by(r) != "" {
			t.Errorf("%s: %q", name, by(r))
		}
	}
}

// NET-03, A4: what is delivered twice is done once, per platform.
func TestSeen(t *testing.T) {
	b := &Build{Seen: NewMemory(2)}
	see := func(k pipeline.Kind, platform pipeline.PlatformID, post pipeline.PostID) bool {
		r := runOf(t, b, pipeline.Event{Kind: k, Thread: pipeline.Thread{Platform: platform}, Post: pipeline.Post{ID: post}},
			[]pipeline.Vote{{Verdict: pipeline.Allow}}, "seen")
		v, _ := r.Verdict()
		return v == pipeline.Allow
	}
	if !see("post", "a", "1") || see("post", "a", "1") || see("command", "a", "1") || !see("post", "b", "1") {
		t.Error("a post is known by its platform and id")
	}
	for range 2 {
		if !see("reaction", "a", "1") || !see("post", "a", "") {
			t.Error("reactions, and events without a post, are never twice the same")
		}
	}
	if !see("post", "a", "2") || !see("post", "a", "1") {
		t.Error("two are remembered, not three")
	}
	if tiny := NewMemory(0); !tiny.first("a") || tiny.first("a") {
		t.Error("a memory of none remembers the last")
	}
}
