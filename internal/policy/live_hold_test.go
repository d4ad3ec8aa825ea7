package policy

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ctpipe/internal/journal"
	"ctpipe/pipeline"
)

// asking is a house whose held saves are put before people.
type asking struct {
	*house
	asked []*Question
	void  []string
}

func newAsking(t *testing.T, src string) *asking {
	a := &asking{house: newHouse(t, src)}
	a.live.Ask = func(q *Question) { a.asked = append(a.asked, q) }
	a.live.Void = func(rev pipeline.Rev, outcome string) { a.void = append(a.void, pipeline.ShortRev(rev)+" "+outcome) }
	a.live.Recent = func() ([]journal.Record, error) { return recorded(toolLine), nil }
	return a
}

const toolLine = `{"event":{"id":"e1","kind":"tool","tool":{"name":"Bash","commands":[{"prog":"git","sub":"push","class":"net"}]}},"verdict":"deny","votes":[{"verdict":"deny","source":"rule","by":"no-push"}]}`

const guardedTwo = twoRules + "[groups]\ncore = [\"ana\"]\n[reload]\nconfirm = \"loosening\"\nowners = [\"core\"]\n"

// TestHeldSaveIsAsked: the question has what an owner must know; a yes puts
// exactly what was asked about in force, and a no keeps it out, without a
// reminder, as long as ctpipe runs (design 8.6).
func TestHeldSaveIsAsked(t *testing.T) {
	a := newAsking(t, guardedTwo)
	old := a.in
	looser := strings.ReplaceAll(guardedTwo, `"deny"`, `"ask"`)
	a.save(looser)
	if len(a.asked) != 1 || a.in != old {
		t.Fatalf("asked %v", a.asked)
	}
	q := a.asked[0]
	if q.Old != old.Snapshot.Rev || q.New == q.Old || !slices.Contains(q.Owners, "core") || q.Modified.IsZero() ||
		!strings.Contains(strings.Join(q.Loosens, "; "), "rule no-push changed") || q.Changes == "" {
		t.Errorf("%+v", q)
	}
	a.live.Changed(t.Context())
	if len(a.asked) != 1 {
		t.Error("the same save is asked about twice")
	}
	if err := a.live.Accept("000000000000"); err == nil {
		t.Error("another revision is accepted")
	}
	if err := a.live.Decline(q.New, "ana"); err != nil {
		t.Fatal(err)
	}
	a.log.Reset()
	a.now = a.now.Add(2 * remindEvery)
	a.live.Changed(t.Context())
	if a.log.Len() > 0 || a.in != old {
		t.Errorf("a refused save is reminded of, or in force: %s", a.log)
	}
	if err := a.live.Accept(q.New); err == nil || !strings.Contains(err.Error(), "ana") {
		t.Errorf("accepted after it was refused: %v", err)
	}
	a.save(looser + "# once more\n")
	if len(a.asked) != 2 {
		t.Fatal("a new save is not asked about")
	}
	if err := a.live.Accept(a.asked[1].New); err != nil {
		t.Fatal(err)
	}
	a.live.Changed(t.Context())
	if a.in.Snapshot.Rev != a.asked[1].New || !slices.Equal(a.void, []string{pipeline.ShortRev(q.New) + " void: the files are others now (rev " + pipeline.ShortRev(a.asked[1].New) + ")", pipeline.ShortRev(a.asked[1].New) + " in force"}) {
		t.Errorf("rev %s in force; %q", a.in.Snapshot.Rev, a.void)
	}
}

// TestNewerSaveVoidsTheQuestion: an acceptance that comes as the files change
// is for nothing, also when the same bytes are saved once more.
func TestNewerSaveVoidsTheQuestion(t *testing.T) {
	a := newAsking(t, guardedTwo)
	old := a.in
	looser := strings.ReplaceAll(guardedTwo, `"deny"`, `"ask"`)
	a.save(looser)
	if err := os.WriteFile(filepath.Join(a.dir, "rules.toml"), []byte("broken"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := a.live.Accept(a.asked[0].New); err != nil {
		t.Fatal(err) // nobody has looked at the files since
	}
	a.live.Changed(t.Context())
	if a.in != old || len(a.void) != 1 {
		t.Fatalf("in force: %v; %q", a.in != old, a.void)
	}
	if err := a.live.Accept(a.asked[0].New); err == nil {
		t.Error("what is not on disk any more is accepted")
	}
	a.save(looser)
	if a.in != old || len(a.asked) != 2 {
		t.Error("the earlier yes counts for a later save")
	}
	a.save(guardedTwo)
	if len(a.void) != 2 || a.live.Accept(a.asked[1].New) == nil {
		t.Errorf("the question stays although the files are as in force: %q", a.void)
	}
}

// TestUsedAcceptanceIsForgotten: what a restart put in force is accepted once.
func TestUsedAcceptanceIsForgotten(t *testing.T) {
	h := newHouse(t, strings.ReplaceAll(guardedTwo, `"deny"`, `"ask"`))
	last := map[string][]byte{"rules.toml": []byte(guardedTwo)}
	if err := h.live.Accepted.Accept(h.in.Sources); err != nil {
		t.Fatal(err)
	}
	if p, held, err := h.live.Loader.First(h.in, last, h.live.Accepted); p != h.in || held != nil || err != nil {
		t.Fatal("an accepted policy is held")
	}
	if _, held, _ := h.live.Loader.First(h.in, last, h.live.Accepted); len(held) == 0 {
		t.Error("it is accepted for ever")
	}
}

// TestClaudeAddsNoTests: a test file beside rules.toml would be part of the
// policy, also one that does not exist yet.
func TestClaudeAddsNoTests(t *testing.T) {
	l := write(t, map[string]string{"rules.toml": "[default]\ntool = \"allow\"\nopaque = \"allow\"\n"})
	p, _, findings := l.Load()
	if p == nil {
		t.Fatal(text(findings))
	}
	dir := filepath.Dir(l.Path)
	for name, want := range map[string]pipeline.Verdict{"more_test.toml": pipeline.Deny, "More_Test.TOML": pipeline.Deny, "rules.toml": pipeline.Deny,
		"notes.toml": pipeline.Allow, "sub/more_test.toml": pipeline.Allow} {
		ev := &pipeline.Event{Kind: pipeline.KindTool, Session: pipeline.Session{Dir: dir},
			Tool: pipeline.Tool{Name: "Write", Input: map[string]any{"file_path": filepath.Join(dir, name), "content": "x"}, Cwd: dir}}
		if got, by := p.Snapshot.Judge(t.Context(), ev).Verdict(); got != want {
			t.Errorf("%s: %v by %v, want %v", name, got, by, want)
		}
	}
}

// TestRemindedOnce: people hear of a broken save twice; from then on the log
// reminds whoever reads it.
func TestRemindedOnce(t *testing.T) {
	h := newHouse(t, twoRules)
	h.save("nonsense")
	for range 4 {
		h.now = h.now.Add(remindEvery)
		h.live.Changed(t.Context())
	}
	if len(h.told) != 2 || !strings.HasPrefix(h.told[0], "refused: ") || !strings.HasPrefix(h.told[1], "stale: ") {
		t.Errorf("told %q", h.told)
	}
	if n := strings.Count(h.log.String(), "still broken"); n != 4 {
		t.Errorf("the log reminds %d times", n)
	}
}
