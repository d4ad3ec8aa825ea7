package policy

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ctpipe/pipeline"
)

const rotaRules = `
[groups]
team = ["ana", "bo"]
[stage.rota]
file = "oncall.toml"
[[hook]]
script   = "scripts/oncall.lua"
on_error = "deny"
[[rule]]
id   = "oncall-starts"
on   = "start"
when = '"oncall" in user.groups'
then = "allow"
[[rule]]
id   = "not-while-on-duty"
on   = "post"
when = '"oncall" in user.groups'
then = "deny"
[[rule]]
id   = "talk"
on   = "post"
when = '"team" in user.groups or true'
then = "allow"
[[rule]]
id   = "approve"
on   = "reaction"
when = 'reaction.target == "tool"'
then = "allow"
[[rule]]
id        = "prod"
on        = "tool"
when      = 'any(tool.requesters, "oncall" in .groups)'
then      = "ask"
approvers = ["oncall"]
[[test]]
name  = "ana has the week"
time  = "2026-01-14T10:00:00Z"
user  = { name = "ana" }
start = { prompt = "x" }
want  = "allow"
[[test]]
name  = "bo has the next"
time  = "2026-01-14T10:00:00Z"
user  = { name = "bo" }
start = { prompt = "x" }
want  = "deny"
by    = "default"
[[test]]
name  = "bo then"
time  = "2026-01-20T10:00:00Z"
user  = { name = "bo" }
start = { prompt = "x" }
want  = "allow"
[[test]]
name  = "a gap allows nobody"
time  = "2026-02-20T10:00:00Z"
user  = { name = "bo" }
start = { prompt = "x" }
want  = "deny"
[[test]]
name = "a gap keeps a denial"
time = "2026-02-20T10:00:00Z"
user = { name = "bo" }
post = { text = "x" }
want = "deny"
by   = "not-while-on-duty"
[[test]]
name = "who asked is on duty too"
time = "2026-01-14T10:00:00Z"
user = { name = "ana" }
tool = { name = "Read", file_path = "a" }
want = "ask"
by   = "prod"
[[test]]
name = "at night on-call approves"
time = "2026-01-14T22:00:00Z"
user = { name = "ana" }
reaction = { meaning = "approve" }
want = "allow"
[[test]]
name = "and nobody else"
time = "2026-01-14T22:00:00Z"
user = { name = "bo" }
reaction = { meaning = "approve" }
want = "deny"
by   = "oncall"
`

const rotaFile = `
zone = "Europe/Berlin"
[[rota]]
name = "oncall"
[[rota.shift]]
from  = "2026-01-12 09:00"
to    = "2026-01-19 09:00"
names = ["ana"]
[[rota.shift]]
from  = "2026-01-19 09:00"
to    = "2026-01-26 09:00"
names = ["bo"]
`

func rotaPolicy(t *testing.T, files map[string]string) *Loader {
	t.Helper()
	script, err := os.ReadFile("../../scripts/oncall.lua")
	if err != nil {
		t.Fatal(err)
	}
	files["scripts/oncall.lua"] = string(script)
	return write(t, files)
}

// Who is on duty is a fact of the time of the event: in tests, for people and
// for those who asked for a call; a gap is unknown, which allows nothing.
func TestRota(t *testing.T) {
	l := rotaPolicy(t, map[string]string{"rules.toml": rotaRules, "oncall.toml": rotaFile})
	p, _, findings := l.Load()
	if p == nil {
		t.Fatal(text(findings))
	}
	if _, ok := p.Sources["oncall.toml"]; !ok {
		t.Error("the rota is no part of the revision")
	}
	watched := false
	for _, f := range l.files(p) {
		watched = watched || filepath.Base(f) == "oncall.toml"
	}
	if !watched {
		t.Error("the rota is not watched")
	}
	ev := pipeline.Event{Kind: pipeline.KindPost, Time: pipeline.Time{Unix: 1771581600}, User: pipeline.User{ID: "b", Active: true, Groups: []string{"team", "oncall:bo"}},
		Post: pipeline.Post{ID: "p", Origin: "person"}}
	run := p.Snapshot.Judge(context.Background(), &ev)
	if len(ev.Unknown) != 1 || ev.Unknown[0] != "user.groups" {
		t.Errorf("in a gap: unknown %v", ev.Unknown)
	}
	again := run.Event
	if got := p.Snapshot.Rejudge(context.Background(), again); len(got.Votes()) != len(run.Votes()) {
		t.Errorf("judged again: %v, was %v", got.Votes(), run.Votes())
	}
}

// A rota that is missing or wrong keeps a save from being in force, and is
// looked at again when it is there.
func TestRotaFile(t *testing.T) {
	l := rotaPolicy(t, map[string]string{"rules.toml": rotaRules})
	p, _, findings := l.Load()
	if p != nil || !strings.Contains(text(findings), "rules.toml:4") || !strings.Contains(text(findings), "oncall.toml") {
		t.Fatalf("without its file: %s", text(findings))
	}
	if strings.Contains(text(findings), "unknown-group") || strings.Contains(text(findings), "does not have") {
		t.Errorf("a rota that is missing makes its group an error too: %s", text(findings))
	}
	for _, c := range []struct{ file, want string }{
		{"/etc/oncall.toml", "must be in the folder"}, {"../oncall.toml", "must be in the folder"}, {"", "wants file"},
	} {
		l := rotaPolicy(t, map[string]string{"rules.toml": strings.Replace(rotaRules, `"oncall.toml"`, `"`+c.file+`"`, 1)})
		if p, _, findings := l.Load(); p != nil || !strings.Contains(text(findings), c.want) {
			t.Errorf("%q: %s", c.file, text(findings))
		}
	}
}

// The rota is saved like the rules: what it changes is in force at once, or
// refused with its place.
func TestRotaLive(t *testing.T) {
	h := newHouse(t, twoRules)
	put := func(text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(h.dir, "oncall.toml"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		h.live.Changed(context.Background())
	}
	h.save(twoRules + "\n[stage.rota]\nfile = \"oncall.toml\"\n")
	h.says("oncall.toml")
	watched := false
	for _, f := range h.live.Files() {
		watched = watched || filepath.Base(f) == "oncall.toml"
	}
	if h.in.File.Rota != nil || !watched {
		t.Fatalf("in force without its rota, or not waited for: %v", h.live.Files())
	}
	put(strings.Replace(rotaFile, "names", "name", 1))
	h.says("oncall.toml:8:1", "did you mean")
	put(rotaFile)
	if h.in.File.Rota == nil {
		t.Fatal(h.log)
	}
	h.says("rules.toml → rev")
	put(strings.Replace(rotaFile, "bo", "cleo", 1))
	if got := h.in.File.AllGroups()["oncall:cleo"]; len(got) != 1 {
		t.Fatal(h.log)
	}
	h.says("the rota changed")
}

// A hook that fails in a [[test]] is that test's business, not the log's.
func TestTestsLogNothing(t *testing.T) {
	var log bytes.Buffer
	was := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	defer slog.SetDefault(was)
	l := write(t, map[string]string{"rules.toml": "[[hook]]\nscript = \"scripts/h.lua\"\n[[test]]\nname = \"x\"\npost = { text = \"x\" }\nwant = \"deny\"\n",
		"scripts/h.lua": "return { post = function(ev) ct.log(\"hello\") error(\"no\") end }\n"})
	p, _, findings := l.LoadUntested()
	if p == nil {
		t.Fatal(text(findings))
	}
	if _, _, erred := l.Test(context.Background(), p, nil).Count(); erred != 1 || log.Len() > 0 {
		t.Errorf("%d errors, log: %s", erred, &log)
	}
}
