package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"ctpipe/internal/journal"
	"ctpipe/pipeline"
)

// TestScripts runs the real binary by the scripts of testdata/script.
func TestScripts(t *testing.T) {
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("PATH", filepath.Dir(path)+string(os.PathListSeparator)+env.Getenv("PATH"))
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("XDG_STATE_HOME", filepath.Join(env.WorkDir, "xdg"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"journal": writeJournal},
	})
}

// writeJournal is the command `journal DIR FILE`: it appends the records of
// FILE, one JSON object a line, to the journal of a state directory, as made
// just now.
func writeJournal(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: journal STATEDIR FILE")
	}
	w, err := journal.Open(journal.Config{Dir: journal.Dir(ts.MkAbs(args[0]))})
	ts.Check(err)
	dec := json.NewDecoder(strings.NewReader(ts.ReadFile(args[1])))
	for dec.More() {
		var r journal.Record
		ts.Check(dec.Decode(&r))
		now := time.Now()
		r.Event.Time = pipeline.Time{Unix: now.Unix(), RFC3339: now.UTC().Format(time.RFC3339)}
		w.Append(r)
	}
	ts.Check(w.Close())
}
