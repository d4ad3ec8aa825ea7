package state

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"
)

func remembered(t *testing.T, s *Store, now int64) string {
	t.Helper()
	all, err := s.HookValues(deadline(t), now)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, v := range all {
		fmt.Fprintf(&b, "%s/%s=%s@%d ", v.Hook, v.Key, v.Value, v.Expires)
	}
	return strings.TrimSpace(b.String())
}

func TestHookValues(t *testing.T) {
	dir := home(t)
	s := open(t, dir)
	save := func(now int64, values ...HookValue) {
		t.Helper()
		if err := s.SaveHookValues(deadline(t), now, values); err != nil {
			t.Fatal(err)
		}
	}
	save(100, HookValue{"budget", "runs", []byte(`3`), 0}, HookValue{"budget", "old", []byte(`"x"`), 150},
		HookValue{"rate", "runs", []byte(`{"a":[1,true]}`), 300})
	if got := remembered(t, s, 100); got != `budget/old="x"@150 budget/runs=3@0 rate/runs={"a":[1,true]}@300` {
		t.Error(got)
	}
	if got := remembered(t, s, 150); got != `budget/runs=3@0 rate/runs={"a":[1,true]}@300` {
		t.Errorf("expired: %s", got)
	}
	save(160, HookValue{"budget", "runs", []byte(`4`), 0}, HookValue{"rate", "runs", nil, 0}, HookValue{"rate", "never", nil, 0})
	if got := remembered(t, s, 0); got != `budget/runs=4@0` {
		t.Errorf("changed, removed, dropped: %s", got)
	}
	if err := s.SaveHookValues(deadline(t), 170, []HookValue{{"budget", "a", []byte(`1`), 0}, {"budget", "b", []byte(`{`), 0}}); err == nil {
		t.Error("a value that is no JSON was taken")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if got := remembered(t, open(t, dir), 170); got != `budget/runs=4@0` {
		t.Errorf("after a restart: %s", got)
	}
}

// A database of the first schema gets the table of the second, and keeps what
// it had.
func TestMigratesFirstSchema(t *testing.T) {
	dir := home(t)
	s := open(t, dir)
	if err := s.SaveSession(deadline(t), Session{ID: "s", Thread: "t"}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file:"+s.path(dbName))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(`DROP TABLE hook_store; PRAGMA user_version = 1`); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	again := open(t, dir)
	if err := again.SaveHookValues(context.Background(), 1, []HookValue{{"h", "k", []byte(`1`), 0}}); err != nil {
		t.Fatal(err)
	}
	if _, err := again.Session(deadline(t), "t"); err != nil {
		t.Error(err)
	}
}
