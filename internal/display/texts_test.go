package display

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"ctpipe/internal/claude"

	"pgregory.net/rapid"
)

// STR-14: a compaction ends in one of three ways, never "in progress".
func TestCompaction(t *testing.T) {
	var b claude.CompactBoundary
	if err := json.Unmarshal([]byte(`{"compact_metadata":{"trigger":"manual","pre_tokens":31400,"post_tokens":2889}}`), &b); err != nil {
		t.Fatal(err)
	}
	for _, c := range [][2]string{
		{Compacting(), "🗜️ **Compacting context...** _(freeing up memory)_"},
		{Compacted(&b), "✅ **Context compacted** _(manual, 31k → 3k tokens)_"},
		{Compacted(&claude.CompactBoundary{}), "✅ **Context compacted** _(manual)_"},
		{Compacted(nil), "✅ **Context compacted**"},
		{CompactFailed("Prompt is too long"), "⚠️ **Compaction failed** _(Prompt is too long)_"},
		{CompactFailed("@all\n# x"), "⚠️ **Compaction failed** _(@\u200ball \\# x)_"},
		{CompactFailed(" "), "⚠️ **Compaction failed** _(no reason given)_"},
		{CompactStopped(), "⚠️ **Compaction stopped** _(the context is as it was)_"},
	} {
		if c[0] != c[1] {
			t.Errorf("%q, want %q", c[0], c[1])
		}
	}
	for n, want := range map[int]string{0: "0", 999: "999", 1500: "2k", 985100: "985k", 999_499: "999k", 1_250_000: "1.2M", -3: "0"} {
		if got := tokens(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

// STR-14: a subagent's card runs, shows its last calls and ends; a crash ends it.
func TestAgent(t *testing.T) {
	o := Options{Home: "/home/user"}
	g := NewAgent(map[string]any{"description": "Look at files", "subagent_type": "Explore"})
	for range 10 {
		g.Called("Read", map[string]any{"file_path": "/home/user/a"}, o)
	}
	g.Called("Bash", map[string]any{"command": "ls\npwd"}, o)
	g.Progress(claude.TaskUsage{TotalTokens: 1500, ToolUses: 11, DurationMS: 61000})
	want := "🤖 **Subagent** *(Explore)* _(11 tool calls, 2k tokens)_\n> Look at files\n\n  ↳ *… 3 earlier calls*\n" +
		strings.Repeat("  ↳ 📄 **Read** `~/a`\n", 7) + "  ↳ 💻 **Bash** `ls` …\n⏳ Running..."
	if got := g.Markdown(o); got != want {
		t.Errorf("%s", got)
	}
	g.Ended(Outcome{Result: json.RawMessage(`{"status":"async_launched","agentId":"a"}`)})
	if got := g.Markdown(o); !strings.HasSuffix(got, "⏳ Running in the background...") || g.State != AgentRunning {
		t.Errorf("%s", got)
	}
	crashed := *g
	if !crashed.Stop() || crashed.Stop() || strings.Contains(crashed.Markdown(o), "Running") || !strings.Contains(crashed.Markdown(o), "⏹️ *stopped*") {
		t.Errorf("%s", crashed.Markdown(o))
	}
	g.Notified(&claude.TaskNotification{Status: "completed", Summary: "Two files.", SummaryIsReport: true, Usage: claude.TaskUsage{DurationMS: 65000}})
	o.Verbosity = Full
	got := g.Markdown(o)
	if !strings.HasPrefix(got, "🤖 **Subagent** *(Explore)* ✅ *completed* _(1m 5s, 11 tool calls, 2k tokens)_\n> Look at files\n") || !strings.HasSuffix(got, "```\nTwo files.\n```") {
		t.Errorf("%s", got)
	}
	if g.Stop() {
		t.Error("a completed subagent was stopped")
	}
	o.Verbosity = Line
	if got := g.Markdown(o); got != "🤖 **Subagent** *(Explore)* Look at files · ✅ *completed* _(1m 5s, 11 tool calls, 2k tokens)_" {
		t.Errorf("%s", got)
	}
}

func TestBackgroundEnded(t *testing.T) {
	n := &claude.TaskNotification{TaskID: claude.TaskID{TaskID: "b0ui0kxm5"}, Status: "stopped", Summary: "Follow", OutputFile: "/home/user/x.output"}
	if got := BackgroundEnded(n, Options{Home: "/home/user"}); got != "🔔 **Background task** `b0ui0kxm5` ⏹️ *stopped*: `Follow`\n  ↳ 📄 `~/x.output`" {
		t.Error(got)
	}
}

// Paths are shortened by whole elements, and only where that is true.
func TestPath(t *testing.T) {
	o := Options{Home: "/home/bob", Tree: "/home/bob/r-worktrees/b", Branch: "b"}
	for in, want := range map[string]string{
		"/home/bob": "~", "/home/bob/x": "~/x", "/home/bobby/x": "/home/bobby/x", "/home/bob/../x": "/home/bob/../x", "": "", "x": "x",
		"/home/bob/r-worktrees/b": "[b]", "/home/bob/r-worktrees/b/x/y": "[b]/x/y", "/home/bob/r-worktrees/bc": "~/r-worktrees/bc", "/home/bob/": "/home/bob/",
	} {
		if got := o.Path(in); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
	if got := (Options{Home: "/"}).Path("/x"); got != "/x" {
		t.Error(got)
	}
}

// D1: what is left out comes whole as a file, and only then.
func TestAttachments(t *testing.T) {
	long := strings.Repeat("line\n", 400000)
	out := Outcome{Result: json.RawMessage(`{"stdout":` + quote(long) + `,"stderr":"short"}`)}
	in := map[string]any{"command": strings.Repeat("x\n", 100)}
	files := Attachments("Bash", in, out, Options{Verbosity: File})
	if len(files) != 2 || files[0].Name != "command.sh" || files[1].Name != "output.txt" {
		t.Fatalf("%d files", len(files))
	}
	if string(files[0].Data) != strings.TrimRight(in["command"].(string), "\n") || !strings.HasSuffix(string(files[1].Data), "\n… 929 KB more\n") {
		t.Errorf("%q … %q", files[0].Data, files[1].Data[len(files[1].Data)-30:])
	}
	if got := Result("Bash", in, out, Options{Verbosity: File}); strings.Count(got, "📎") != len(files) {
		t.Error(got)
	}
	if got := Attachments("Bash", in, out, Options{}); got != nil {
		t.Errorf("%d files unasked", len(got))
	}
	edit := Attachments("Write", map[string]any{"file_path": "/x/.env", "content": strings.Repeat("a\n", 50)}, Outcome{}, Options{Verbosity: File})
	if len(edit) != 1 || edit[0].Name != "env" {
		t.Errorf("%v", edit)
	}
}

func quote(s string) string { data, _ := json.Marshal(s); return string(data) }

// D9: many bodies share the room of one post, and say what they leave out.
func TestManyBodiesFitOnePost(t *testing.T) {
	hunk := `{"oldStart":1,"oldLines":300,"newStart":1,"newLines":300,"lines":[` + strings.TrimSuffix(strings.Repeat(quote("+"+strings.Repeat("é", 50))+",", 300), ",") + `]}`
	file := `{"filePath":"/x","hunks":[` + hunk + `]}`
	out := Outcome{Result: json.RawMessage(`{"stdout":` + quote(strings.Repeat("out\n", 5000)) + `,"bashEditDiff":{"files":[` + strings.TrimSuffix(strings.Repeat(file+",", 12), ",") + `]}}`)}
	got := Result("Bash", map[string]any{"command": "x"}, out, Options{Verbosity: Full})
	if n := runes(got); n > postLimit || n < fullRunes/2 {
		t.Errorf("%d runes", n)
	}
	if strings.Count(got, "*… 301 more lines*") < 5 || !strings.Contains(got, "*… 4600 more lines*") || !strings.Contains(got, "*… 4 more files changed*") {
		t.Error(got)
	}
}

// D10: no line of a diff passes for two, and what is binary is not shown.
func TestDiffLines(t *testing.T) {
	p := patchOf([]claude.Hunk{{Lines: []string{"+a\n-b", "c", "", "\\ No newline at end of file"}}})
	if want := []string{"@@ -0,0 +0,0 @@", "+a↵-b", " c", " ", "\\ No newline at end of file"}; !slices.Equal(p.lines, want) || p.counts() != "+1 −0" {
		t.Errorf("%q %s", p.lines, p.counts())
	}
	for _, c := range [][3]string{
		{"", "a\n", "+a"}, {"a\n", "", "-a"}, {"a", "b", "-a|+b"}, {"same", "same", ""},
		{"a\n", "a", "-a|+a|\\ No newline at the end"},
		{"a\nb\nc", "a\nc", " a|-b| c"},
	} {
		if got := strings.Join(patchBetween(c[0], c[1]).lines, "|"); got != c[2] {
			t.Errorf("%q to %q: %q, want %q", c[0], c[1], got, c[2])
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		line := rapid.SampledFrom([]string{"a\n", "b\n", "c\r\n", "\n", "d"})
		old := strings.Join(rapid.SliceOfN(line, 0, 12).Draw(t, "old"), "")
		new := strings.Join(rapid.SliceOfN(line, 0, 12).Draw(t, "new"), "")
		p := patchBetween(old, new)
		if (len(p.lines) == 0) != (old == new) {
			t.Fatalf("%q to %q: %q", old, new, p.lines)
		}
		for _, l := range p.lines {
			if !strings.ContainsRune("+- @\\", rune(l[0])) || strings.Contains(l, "\n") {
				t.Fatalf("%q", l)
			}
		}
	})
	big := strings.Repeat("x\n", diffable)
	if p := patchBetween(big, "y\n"); p.removed != diffable || p.added != 1 {
		t.Errorf("%s", p.counts())
	}
}

func TestSticky(t *testing.T) {
	s := Sticky{Version: "0.4.0", Max: 5, Uptime: 130 * time.Minute, Sessions: []StickySession{
		{Root: "abc123", Topic: "Fix the | login [bug](http://evil) @all", Owner: "Ana B.", Description: "Where\n# it fails", Done: 3, Tasks: 7, Quiet: 5 * time.Minute},
		{Root: "x) evil", Topic: strings.Repeat("long ", 20), Owner: "bo", Quiet: time.Second},
		{Root: "d", Topic: "!help", Quiet: 49 * time.Hour},
	}}
	golden(t, "testdata/sticky.md", s.Markdown()+"\n\n"+Sticky{Version: "1.0.0", Mode: Auto, Max: 5}.Markdown()+"\n")
}

// STR-13 (its text), D7, C4: titles come from Claude and from strangers.
func TestStickyIsInert(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := StickySession{Root: hostile().Draw(t, "root"), Topic: hostile().Draw(t, "topic"), Owner: hostile().Draw(t, "owner"), Description: hostile().Draw(t, "about")}
		post := Sticky{Sessions: []StickySession{e}}.Markdown()
		if strings.Contains(post, "](") {
			post = strings.Replace(post, "](/_redirect/pl/"+e.Root+")", `]\(`, 1) // ctpipe's own link, if the id is one
		}
		walk(t, []byte(post), post)
		if n := strings.Count(post, "\n"); n > 7 {
			t.Fatalf("%d lines:\n%s", n, post)
		}
	})
}
