package main

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"ctpipe/internal/journal"
	"ctpipe/pipeline"
)

// rehearseHooked starts ctpipe and then saves a hook, as its author would.
func rehearseHooked(t *testing.T, script, text string, args ...string) *running {
	t.Helper()
	d := startCtpipe(t, shippedRules(t), []string{"HOME=" + t.TempDir()}, append([]string{"-claude", "rehearsal"}, args...)...)
	d.save(script, text)
	d.save("rules.toml", shippedRules(t)+fmt.Sprintf("\n[[hook]]\nscript = %q\n", script))
	d.eventually("the hook to be in force", func() bool { return regexp.MustCompile(`rules\.toml → rev.*"hooks":1`).MatchString(d.errs.String()) })
	return d
}

// versionScript is a hook that denies every call, and says twice which version
// it is.
func versionScript(n int) string {
	return fmt.Sprintf(`local version = %d
return {
  tool = function(ev)
    if ct.match("none-", ev.tool.input.command or "") then return ct.deny("version " .. version .. " of %d") end
  end,
}
`, n, n)
}

var versionSaid = regexp.MustCompile(`^version (\d+) of (\d+)$`)

// judgedBy reads the hook's votes on tool calls from the journal, with the
// revision of each.
func judgedBy(t *testing.T, stateDir string) (votes []string, revs []pipeline.Rev) {
	t.Helper()
	err := journal.Read(journal.Dir(stateDir), time.Time{}, func(r journal.Record) error {
		for _, v := range r.Votes {
			if v.Source == pipeline.SourceHook {
				votes, revs = append(votes, v.Why), append(revs, r.Rev)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return votes, revs
}

// A hook is saved again and again while calls run: every call is judged by one
// version, which is that of the revision it is recorded under. A broken save
// keeps the old one and says where.
func TestHookSavesWhileCallsRun(t *testing.T) {
	state := filepath.Join(t.TempDir(), "state")
	d := rehearseHooked(t, "scripts/judge.lua", versionScript(0), "-state", state)
	alice := d.as("alice")
	root := alice.says("", "@claude-code run: touch none-0")
	alice.sees(root, "version 0 of 0")
	calls := 15
	if testing.Short() {
		calls = 3
	}
	for n := 1; n <= calls; n++ {
		d.save("scripts/judge.lua", versionScript(n))
		alice.says(root, fmt.Sprintf("run: touch none-%d", n))
		d.eventually("the next call", func() bool { votes, _ := judgedBy(t, state); return len(votes) > n })
	}
	d.eventually("the last version to judge", func() bool {
		alice.says(root, "run: touch none-again")
		seen, _ := judgedBy(t, state)
		d.eventually("one more call", func() bool { votes, _ := judgedBy(t, state); return len(votes) > len(seen) })
		votes, _ := judgedBy(t, state)
		return votes[len(votes)-1] == fmt.Sprintf("version %d of %d", calls, calls)
	})

	d.save("scripts/judge.lua", "return {\n  tool = function(ev) return ct.denny('x') end\n}\n")
	d.eventually("the refusal", func() bool {
		return regexp.MustCompile(`scripts/judge\.lua:2:\d+: ct has no function "denny"`).MatchString(d.errs.String())
	})
	before, _ := judgedBy(t, state)
	alice.says(root, "run: touch none-broken")
	d.eventually("a call by the kept version", func() bool { votes, _ := judgedBy(t, state); return len(votes) > len(before) })

	votes, revs := judgedBy(t, state)
	byRev := map[pipeline.Rev]string{}
	for i, why := range votes {
		m := versionSaid.FindStringSubmatch(why)
		if m == nil || m[1] != m[2] {
			t.Errorf("call %d was judged by %q", i, why)
		}
		if other, known := byRev[revs[i]]; known && other != why {
			t.Errorf("revision %s was %q and %q", revs[i], other, why)
		}
		byRev[revs[i]] = why
	}
	if last := votes[len(votes)-1]; last != fmt.Sprintf("version %d of %d", calls, calls) {
		t.Errorf("after the broken save a call was judged by %q", last)
	}
	if len(byRev) < 3 {
		t.Errorf("only %d versions ever judged: the saves are no test", len(byRev))
	}
	t.Logf("%d calls judged by %d versions", len(votes), len(byRev))
}

// What a hook remembers is on disk within a second, and is there again after a
// crash.
func TestHookMemoryOutlivesACrash(t *testing.T) {
	const counts = "return { start = function(ev) return ct.reply('start number ' .. ct.store.incr('starts')) end }\n"
	state := filepath.Join(t.TempDir(), "state")
	d := rehearseHooked(t, "scripts/count.lua", counts, "-state", state)
	alice := d.as("alice")
	alice.sees(alice.says("", "@claude-code hello"), "start number 1")
	said := time.Now()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(state, "state.db")+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	d.eventually("the count on disk", func() bool {
		var value string
		err := db.QueryRow(`SELECT value FROM hook_store WHERE hook = 'count' AND key = 'starts'`).Scan(&value)
		return err == nil && value == "1"
	})
	if took := time.Since(said); took > 2*time.Second { // the promise is one; this machine may be busy
		t.Errorf("on disk only after %s", took)
	}
	if err := d.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-d.done
	again := rehearseHooked(t, "scripts/count.lua", counts, "-state", state)
	alice = again.as("alice")
	alice.sees(alice.says("", "@claude-code hello again"), "start number 2")
}
