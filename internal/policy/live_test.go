package policy

import (
	"bytes"
	"context"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ctpipe/internal/journal"
	"ctpipe/pipeline"
	"ctpipe/stages"
)

// house is a Live over files on disk, with a log to look at.
type house struct {
	t    *testing.T
	dir  string
	live *Live
	log  *bytes.Buffer
	told []string
	now  time.Time
	in   *Policy // in force
}

const twoRules = `
[playground]
allowed_users = ["ana"]
[[rule]]
id   = "no-push"
on   = "tool"
when = 'any(tool.commands, .git.push.bare)'
then = "deny"
[[test]]
name = "a push"
tool = { name = "Bash", command = "git push" }
want = "deny"
`

func newHouse(t *testing.T, src string) *house {
	t.Helper()
	h := &house{t: t, log: &bytes.Buffer{}, now: time.Date(2026, 1, 14, 12, 0, 0, 0, time.UTC)}
	loader := write(t, map[string]string{"rules.toml": src})
	h.dir = filepath.Dir(loader.Path)
	p, _, findings := loader.Load()
	if p == nil {
		t.Fatal(text(findings))
	}
	h.in = p
	h.live = &Live{Loader: loader, Log: slog.New(slog.NewTextHandler(h.log, nil)), Out: h.log,
		Swap: func(next *Policy) { h.in = next }, Now: func() time.Time { return h.now },
		Accepted: Acceptances{Dir: filepath.Join(t.TempDir(), "accepted")},
		Tell:     func(what, line string) { h.told = append(h.told, what+": "+line) }}
	h.live.Begin(p)
	return h
}

func (h *house) save(src string) {
	h.t.Helper()
	if err := os.WriteFile(filepath.Join(h.dir, "rules.toml"), []byte(src), 0o644); err != nil {
		h.t.Fatal(err)
	}
	h.live.Changed(context.Background())
}

// accept puts a held save in force.
func (h *house) accept(src string) {
	h.t.Helper()
	if err := h.live.Accepted.Accept(map[string][]byte{"rules.toml": []byte(src)}); err != nil {
		h.t.Fatal(err)
	}
	h.live.Changed(context.Background())
}

// says reports whether the log has every word, and empties it.
func (h *house) says(words ...string) {
	h.t.Helper()
	for _, w := range words {
		if !strings.Contains(h.log.String(), w) {
			h.t.Errorf("the log has no %q:\n%s", w, h.log)
		}
	}
	h.log.Reset()
}

// P2: a save whose tests fail leaves the old policy in force.
func TestSaveWithFailingTestIsRefused(t *testing.T) {
	h := newHouse(t, twoRules)
	old := h.in
	broken := strings.Replace(twoRules, `then = "deny"`, `then = "ask"`, 1)
	h.save(broken)
	if h.in != old {
		t.Fatal("a policy whose tests fail is in force")
	}
	h.says(`rules.toml:9:1: test "a push" failed: want deny, got ask (rule no-push)`, "not in force: kept rev "+pipeline.ShortRev(old.Snapshot.Rev))
	h.live.Changed(context.Background())
	if h.log.Len() > 0 {
		t.Errorf("the same content is reported twice: %s", h.log)
	}
	h.now = h.now.Add(remindEvery)
	h.live.Changed(context.Background())
	h.says("still broken", "want deny, got ask")
	h.save(twoRules)
	h.says("again as it is in force")
	if _, _, refused := h.live.Current(); refused != nil {
		t.Error("the refusal is kept")
	}
	if want := []string{"refused", "stale"}; !slices.EqualFunc(h.told, want, strings.HasPrefix) {
		t.Errorf("told %q, want %q", h.told, want)
	}
}

func TestSaveIsComparedInOneLine(t *testing.T) {
	h := newHouse(t, twoRules)
	h.live.Recent = func() ([]journal.Record, error) { return recorded("git push", "git push", "ls"), nil }
	h.save(strings.ReplaceAll(twoRules, `"deny"`, `"ask"`))
	h.says("rules.toml → rev "+pipeline.ShortRev(h.in.Snapshot.Rev)+": 2 deny→ask", "compared=3", "loosens=")
}

// recorded are calls as the journal has them, judged by no rule.
func recorded(lines ...string) []journal.Record {
	facts := &pipeline.Snapshot{Chains: map[pipeline.Kind][]pipeline.Link{pipeline.KindTool: {
		{Name: "shell", Role: pipeline.Enrich, Stage: stages.NewShell(testHome)},
		{Name: "paths", Role: pipeline.Enrich, Stage: stages.NewPaths(newFakeDisk(testDir), testHome)}}}}
	var out []journal.Record
	for _, line := range lines {
		ev := &pipeline.Event{ID: pipeline.EventID(line), Kind: pipeline.KindTool, Session: pipeline.Session{Dir: testDir},
			Tool: pipeline.Tool{Name: "Bash", Input: map[string]any{"command": line}, Cwd: testDir, Requesters: []pipeline.User{{Name: "ana"}}}}
		facts.Judge(context.Background(), ev)
		out = append(out, journal.Record{Event: *ev, Verdict: pipeline.Ask})
	}
	return out
}

// F-class of design 8.6: what lets more through waits, and is accepted by its
// exact bytes only.
func TestLooseningWaitsForAPerson(t *testing.T) {
	guarded := twoRules + "[reload]\nconfirm = \"loosening\"\n"
	h := newHouse(t, guarded)
	old := h.in
	looser := strings.ReplaceAll(guarded, `"deny"`, `"ask"`)
	h.save(looser)
	if h.in != old {
		t.Fatal("a save that loosens is in force at once")
	}
	h.says("rules.toml is held", "rule no-push changed", "ctpipe rules accept")
	if _, _, r := h.live.Current(); r == nil || len(r.Held) == 0 || !slices.Contains(h.live.Files(), h.live.Accepted.path(r.Rev)) {
		t.Fatalf("nothing waits, or the acceptance is not watched: %+v", r)
	}
	h.now = h.now.Add(remindEvery)
	h.live.Changed(context.Background())
	h.says("rules.toml is held")

	// What accepts other bytes accepts nothing.
	sources, _ := h.live.Loader.Read()
	rev := revision(sources)
	for name, content := range map[string]string{"empty": "", "the revision": string(rev), "another digest": strings.Repeat("0", 64)} {
		if err := os.MkdirAll(h.live.Accepted.Dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(h.live.Accepted.path(rev), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		h.live.Changed(context.Background())
		if h.in != old {
			t.Fatalf("accepted by a file with %s", name)
		}
	}
	if err := h.live.Accepted.Accept(sources); err != nil {
		t.Fatal(err)
	}
	h.live.Changed(context.Background())
	if h.in.Snapshot.Rev != rev {
		t.Fatalf("not in force after it was accepted: %s", h.log)
	}
	if h.live.Accepted.has(sources) {
		t.Error("an acceptance is for one swap")
	}
	// Tightening never waits.
	h.save(guarded)
	if h.in.Snapshot.Rev != old.Snapshot.Rev {
		// the changed rule counts as a reason whichever way it went
		h.says("rules.toml is held")
	}
	more := looser + "[[rule]]\nid = \"no-writes\"\non = \"tool\"\nwhen = 'tool.name == \"Write\"'\nthen = \"deny\"\n"
	h.save(more)
	if h.in.File.Rules[len(h.in.File.Rules)-1].ID != "no-writes" {
		t.Errorf("a deny rule that was added waits: %s", h.log)
	}
}

// A script's bytes are judged too.
func TestChangedScriptLoosens(t *testing.T) {
	src := "[[hook]]\nscript = \"scripts/h.lua\"\n"
	deny := "return { tool = function(ev) return ct.deny('no') end }\n"
	load := func(script string) *Policy {
		l := write(t, map[string]string{"rules.toml": src, "scripts/h.lua": script})
		p, _, findings := l.Load()
		if p == nil {
			t.Fatal(text(findings))
		}
		return p
	}
	if got := loosens(load(deny), load(strings.Replace(deny, "deny", "ask", 1))); len(got) != 1 || got[0] != "script scripts/h.lua changed" {
		t.Errorf("loosens: %q", got)
	}
	if got := loosens(load(deny), load(deny)); len(got) != 0 {
		t.Errorf("the same policy loosens: %q", got)
	}
}

// The first load after a restart is held against the last accepted policy.
func TestFirstLoadIsHeld(t *testing.T) {
	guarded := twoRules + "[reload]\nconfirm = \"loosening\"\n"
	h := newHouse(t, strings.ReplaceAll(guarded, `"deny"`, `"ask"`))
	l, none := h.live.Loader, Acceptances{}
	last := map[string][]byte{"rules.toml": []byte(guarded)}
	p, held, err := l.First(h.in, last, none)
	if err != nil || len(held) == 0 || p.Snapshot.Rev != revision(last) {
		t.Fatalf("held %q, %v", held, err)
	}
	h.live.Begin(p)
	h.live.Hold(t.Context(), h.in, held)
	h.says("rules.toml is held", "kept rev "+pipeline.ShortRev(p.Snapshot.Rev))

	if p, held, err := l.First(h.in, nil, none); p != h.in || held != nil || err != nil {
		t.Error("the very first policy is held")
	}
	if err := h.live.Accepted.Accept(h.in.Sources); err != nil {
		t.Fatal(err)
	}
	if p, held, err := l.First(h.in, last, h.live.Accepted); p != h.in || held != nil || err != nil {
		t.Error("an accepted policy is held")
	}
	if _, _, err := l.First(h.in, map[string][]byte{"rules.toml": []byte("nonsense")}, none); err == nil {
		t.Error("what cannot be compared is in force")
	}
	free := newHouse(t, strings.ReplaceAll(twoRules, `"deny"`, `"ask"`))
	if p, held, err := l.First(free.in, map[string][]byte{"rules.toml": []byte(twoRules)}, none); p != free.in || held != nil || err != nil {
		t.Error("held although the last policy wanted no yes")
	}
}

const onePlatform = `
[[platform]]
id            = "main"
url           = "https://old.example"
channel       = "eng/claude"
bot_name      = "bot"
token_env     = "CTPIPE_TOKEN"
allowed_users = ["ana"]
`

func TestPlatformNeedsARestart(t *testing.T) {
	h := newHouse(t, onePlatform)
	next := strings.Replace(onePlatform, "old.example", "new.example", 1) + "[[rule]]\nid = \"x\"\non = \"tool\"\nwhen = 'tool.opaque'\nthen = \"deny\"\n"
	h.save(next)
	h.says("rules.toml is held", "platform main is another server") // it says who people are
	h.accept(next)
	h.says("needs a restart: platform main: url old=https://old.example new=https://new.example")
	if len(h.in.File.Rules) != 1 {
		t.Error("the rest is not applied")
	}
	h.save(next + "\n")
	h.says("needs a restart") // still against what runs, not against the last save
	renamed := strings.Replace(next, `id            = "main"`, `id            = "other"`, 1)
	h.save(renamed)
	h.says("rules.toml is held") // its allowed users are other ones
	h.accept(renamed)
	h.says("platform other is new", "platform main is gone")
}

// On a real platform Claude runs as the user that may write rules.toml, so a
// save that loosens waits whatever [reload] says.
func TestWritableRulesForceConfirmation(t *testing.T) {
	if os.Getuid() == 0 {
		t.Log("as root every file is writable, which is the case at hand")
	}
	h := newHouse(t, onePlatform)
	old := h.in
	h.save(strings.Replace(onePlatform, `["ana"]`, `["ana", "mallory"]`, 1))
	if h.in != old {
		t.Error("a new allowed user is in force without a person's yes")
	}
	h.says("allowed_users changed")
}

// Design 8.6: files that change during a reload are looked at again, after the
// candidate is in force.
func TestFilesThatChangeMeanwhile(t *testing.T) {
	h := newHouse(t, twoRules)
	var seen []pipeline.Rev
	second := twoRules + "# second\n"
	h.live.Swap = func(next *Policy) {
		h.in = next
		seen = append(seen, next.Snapshot.Rev)
		if len(seen) == 1 {
			if err := os.WriteFile(filepath.Join(h.dir, "rules.toml"), []byte(second), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	h.save(twoRules + "# first\n")
	if want := revision(map[string][]byte{"rules.toml": []byte(second)}); len(seen) != 2 || seen[1] != want {
		t.Errorf("in force one after the other: %v, want the second to be %s", seen, want)
	}
}

func TestDiffCountsByRuleAndUser(t *testing.T) {
	h := newHouse(t, twoRules)
	next, _, _ := write(t, map[string]string{"rules.toml": strings.ReplaceAll(twoRules, `"deny"`, `"ask"`)}).Load()
	records := recorded("git push", "git push", "ls")
	records[2].ShowHash = "cut"
	d := compare(context.Background(), h.in, next, records)
	want := Change{Rule: "rule no-push", User: "ana", Kind: pipeline.KindTool, From: pipeline.Deny, To: pipeline.Ask, Count: 2, Example: "git push"}
	if d.Judged != 2 || d.Skipped != 1 || len(d.Changes) != 1 || d.Changes[0] != want || d.DenialsLost() != 2 || d.PromptsSaved() != 0 {
		t.Errorf("%+v", d)
	}
	if s := compare(context.Background(), h.in, h.in, records).String(); s != "no verdict of the last 2 differs" {
		t.Errorf("%q", s)
	}
}

func TestEverySourceIsWatched(t *testing.T) {
	l := write(t, map[string]string{"rules.toml": "[[hook]]\nscript = \"scripts/h.lua\"\n", "scripts/h.lua": "return { tool = function() end }\n", "a_test.toml": ""})
	p, _, findings := l.Load()
	if p == nil {
		t.Fatal(text(findings))
	}
	files := l.files(p)
	for name := range maps.Keys(p.Sources) {
		if !slices.Contains(files, filepath.Join(filepath.Dir(l.Path), name)) {
			t.Errorf("%s is not watched: %q", name, files)
		}
	}
	if len(p.Sources) != 3 {
		t.Errorf("sources: %d", len(p.Sources))
	}
}

// TestStartedWithNeedsARestart: what was taken at the start is not passed over
// in silence when it changes.
func TestStartedWithNeedsARestart(t *testing.T) {
	h := newHouse(t, twoRules)
	next := strings.Replace(twoRules, "[playground]\n", "[playground]\nlisten = \"127.0.0.1:1\"\n", 1)
	h.save(next + "\n[log]\nlevel = \"debug\"\n[state]\ndir = \"/elsewhere\"\n[journal]\nkeep = \"30d\"\n")
	h.says("needs a restart: log.level old=info new=debug", "state.dir", "playground.listen", "journal.keep")
}
