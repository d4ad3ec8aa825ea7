package journal

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestOldLines: lines from before zero fields were left out are read as ever.
func TestOldLines(t *testing.T) {
	const line = `{"time":"2025-10-09T08:53:20Z","event":{"id":"01JQ9V3W6Z8K2M4N6P8R0T2V4X","rev":"eb47b626c528","kind":"tool",` +
		`"time":{"unix":1760000000,"rfc3339":"2025-10-09T08:53:20Z"},"thread":{"id":"main:r","root":"r","platform":"main","channel":"","channel_name":"",` +
		`"team":"","dm":false,"shared":false,"guests":false,"link":""},"session":{"id":"","state":"","grants":null,"busy":false,"wrote":null},` +
		`"user":{"id":"","name":"","groups":null,"bot":false},"tool":{"id":"toolu_1","name":"Bash","input":{"command":"git status"},"hash":"ca","cwd":"/",` +
		`"commands":[{"prog":"git","sub":"status","args":["status"],"env":[],"via":[],"class":"read","text":"git status","git":{"class":"read","dir":"",` +
		`"push":{"remote":"","dst":[],"force":"","delete":false,"bare":false}},"pkg":{"install":false,"manager":"","names":[]}}],"opaque":false,"why":""},` +
		`"show":{"what":"","text":""},"notice":{"what":"","text":""}},"verdict":"allow","rev":"eb47b626c528","took_us":140}` + "\n"
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "2025-10-09.001.jsonl"), []byte(line), 0o600); err != nil {
		t.Fatal(err)
	}
	var got []Record
	if err := Read(dir, time.Time{}, func(r Record) error { got = append(got, r); return nil }); err != nil || len(got) != 1 {
		t.Fatalf("%d records, %v", len(got), err)
	}
	if c := got[0].Event.Tool.Commands; len(c) != 1 || c[0].Git.Class != "read" || got[0].Verdict.String() != "allow" {
		t.Errorf("%+v", got[0])
	}
	if r, err := Recall(dir, Query{Tool: "toolu_1"}); err != nil || r.Event.ID != got[0].Event.ID {
		t.Errorf("%v %v", r.Event.ID, err)
	}
}
