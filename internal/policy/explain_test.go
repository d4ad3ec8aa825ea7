package policy

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"ctpipe/pipeline"
)

var update = flag.Bool("update", false, "rewrite testdata/explain/*.txt")

// usual are the questions that people have most often, with the event that
// leads to each.
func usual(t testing.TB, p *Policy) []struct {
	name string
	ev   *pipeline.Event
} {
	call := func(tool string, input map[string]any, change ...func(*pipeline.Event)) *pipeline.Event {
		ev, err := p.ToolEvent(time.Unix(1.76e9, 0), testDir, "bo", tool, input)
		if err != nil {
			t.Fatal(err)
		}
		ev.ID = "01JQ9V3W6Z8K2M4N6P8R0T2V4X"
		for _, f := range change {
			f(ev)
		}
		return ev
	}
	bash := func(command string, change ...func(*pipeline.Event)) *pipeline.Event {
		return call("Bash", map[string]any{"command": command}, change...)
	}
	file := func(path string) map[string]any { return map[string]any{"file_path": path, "content": "x"} }
	who := pipeline.User{ID: "id-bo", Name: "bo", Groups: []string{}, Active: true, Allowed: true}
	stranger := pipeline.User{ID: "id-mallory", Name: "mallory", Groups: []string{}, Active: true}
	event := func(kind pipeline.Kind, change func(*pipeline.Event)) *pipeline.Event {
		ev := &pipeline.Event{ID: "01JQ9V3W6Z8K2M4N6P8R0T2V4X", Kind: kind, User: who, Session: pipeline.Session{Dir: testDir},
			Post: pipeline.Post{ID: "p", Origin: "person"}}
		change(ev)
		return ev
	}
	return []struct {
		name string
		ev   *pipeline.Event
	}{
		{"reading is allowed", bash("git status && ls src")},
		{"default, class net", bash("git status && curl https://example.org")},
		{"default, class write", bash("git status; touch x")},
		{"default, unknown program", bash("frobnicate --all")},
		{"opaque", bash("eval \"$X\"")},
		{"unknown facts", bash("echo \"")},
		{"path outside", call("Read", file("/etc/hosts"))},
		{"secret", call("Read", file(".env"))},
		{"unless", call("Write", file("migrations/001.sql"))},
		{"ctpipe's own file", call("Write", file("/home/claude/.claude/settings.json"))},
		{"deny by rule", bash("git status && git push -f origin main")},
		{"ask by rule", bash("npm install left-pad")},
		{"not in the group", bash("deploy prod")},
		{"shadow", call("WebFetch", map[string]any{"url": "https://example.org", "prompt": "x"})},
		{"hook failed", call("Glob", map[string]any{"pattern": "*.go"})},
		{"command denied", event(pipeline.KindCommand, func(ev *pipeline.Event) { ev.Command.Name = "stop" })},
		{"reaction that does not count", event(pipeline.KindReaction, func(ev *pipeline.Event) {
			ev.Reaction = pipeline.Reaction{Emoji: "+1", Meaning: "approve", Added: true, Target: "tool"}
		})},
		{"stranger's post", event(pipeline.KindPost, func(ev *pipeline.Event) { ev.User, ev.Post.Text = stranger, "hello" })},
		{"a bot's post", event(pipeline.KindPost, func(ev *pipeline.Event) { ev.User.Bot, ev.Post.Origin, ev.Post.Text = true, "bot", "hello" })},
		{"start refused", event(pipeline.KindStart, func(ev *pipeline.Event) { ev.Start = pipeline.Start{Prompt: "go", Mode: pipeline.ModeBypass} })},
		{"withheld", event(pipeline.KindShow, func(ev *pipeline.Event) { ev.Show = pipeline.Show{What: "thinking", Text: "hm", Final: true} })},
		{"policy", event(pipeline.KindPolicy, func(ev *pipeline.Event) { ev.Notice = pipeline.Notice{What: "held", Text: "a save waits"} })},
	}
}

var took = regexp.MustCompile(` *\d+\.\d\d ms`)

// untimed takes the times away: 10.00 ms would be wider than its column.
func untimed(trace *pipeline.Trace) {
	trace.Took = 0
	for i := range trace.Steps {
		trace.Steps[i].Took = 0
		for j := range trace.Steps[i].Ran {
			trace.Steps[i].Ran[j].Took = 0
		}
	}
}

// TestExplainGolden: the usual questions, as the terminal and as a thread shows
// them.
func TestExplainGolden(t *testing.T) {
	p, _, findings := loaderOf("testdata/explain").Load()
	if p == nil {
		t.Fatal(text(findings))
	}
	bench, err := (&Loader{}).bench(p)
	if err != nil {
		t.Fatal(err)
	}
	var tree, brief bytes.Buffer
	for _, c := range usual(t, p) {
		snap, err := bench.snapshot(c.ev)
		if err != nil {
			t.Fatal(err)
		}
		run := snap.Judge(t.Context(), c.ev)
		untimed(&run.Trace)
		x := p.ExplainRun(run)
		tree.WriteString("# " + c.name + "\n")
		if err := pipeline.WriteTree(&tree, x.Tree()); err != nil {
			t.Fatal(err)
		}
		tree.WriteString("\n")
		brief.WriteString("# " + c.name + "\n" + x.brief() + "\n")
	}
	golden(t, "tree.txt", took.ReplaceAllString(tree.String(), ""), string(p.Snapshot.Rev))
	golden(t, "brief.txt", brief.String(), string(p.Snapshot.Rev))
}

func golden(t *testing.T, name, got, rev string) {
	t.Helper()
	got = strings.ReplaceAll(got, pipeline.ShortRev(pipeline.Rev(rev)), "3f2a41")
	path := filepath.Join("testdata/explain", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is not as it was (look, then -update):\n%s", name, got)
	}
}
