package display

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"ctpipe/internal/claude"
	"ctpipe/internal/markdown"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
	"pgregory.net/rapid"
)

// postLimit is the server's own limit of a post, in runes.
const postLimit = 16383

// longestFence is what a post can carry over a split: a fence has to be opened
// again on the next page.
const longestFence = 80

// hostile draws text from the pieces that markdown is fought with.
func hostile() *rapid.Generator[string] {
	piece := rapid.SampledFrom([]string{"@all", "@here", "@Channel", "@bo", "~town", "`", "``", "```", "````", "~~~", "\n", "\n\n", "\r", "\r\n",
		"> ", "- ", "1. ", "# ", "    ", "\t", "\\", "[", "]", "(", ")", "](", "![", "]:", "[a](http://e.x/?q)", "![i](http://e.x)",
		"http://e.x/?q", "a", "é", "_", "*", "**", "\u200b", "\u200d", "\u202e", "\U000e0041", "\x1b[31m", "\x00", " ", "<b>", "</details>",
		"<!--", "🎉", "\"", strings.Repeat(" ", 70), "|", "\\|", "---", "===", "| a | b |", "\n⚠️ **Permission requested**\n\n", "\n  ↳ ✓\n",
		"\n✅ **Allowed** by @ana\n", "*… 9 more lines*", strings.Repeat("`", 400), strings.Repeat("x", 3000), strings.Repeat("line\n", 600),
		strings.Repeat("\u202e", 800), "\xff"})
	return rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(piece, 0, 20).Draw(t, "pieces"), "")
	})
}

var (
	fileNames = regexp.MustCompile(`^[A-Za-z0-9._-]{1,100}$`)
	everybody = regexp.MustCompile(`(?i)@(all|channel|here)\b`)
	somebody  = regexp.MustCompile(`(^|[^\pL\pN])@[\pL\pN]`)
	lead      = regexp.MustCompile("^(?:[💻📄📝📓🔍🔎📂🌐📋🤖🎯👀📤🔌●🔔]|✏️|⏹️|  ↳ |> |\\*… \\d+ (more|earlier)|📎 \\*\\d+ line|\\*stderr:\\*$|⏳ Running|`|---$|⬜ |🔄 |✅ |\\|)")
)

// inert checks that a post is ctpipe's own in everything but what stands in its
// code and its plain words (D1–D7, SEC-12, STR-05).
func inert(t *rapid.T, post string) {
	t.Helper()
	if n := utf8.RuneCountInString(post); n > postLimit {
		t.Fatalf("%d runes", n)
	}
	if again := markdown.Inert(post); again != post {
		t.Fatalf("not inert:\n%q\n%q", post, again)
	}
	fence := ""
	for line := range strings.Lines(post) {
		switch line = strings.TrimRight(line, "\n"); {
		case fence != "":
			if markdown.ClosesFence(line, fence) {
				fence = ""
			}
		case markdown.FenceMark(line) != "":
			if fence = markdown.FenceMark(line); len(fence) > longestFence {
				t.Fatalf("a fence of %d", len(fence))
			}
		case line != "" && !lead.MatchString(line):
			t.Fatalf("a line of its own: %q in\n%s", line, post)
		}
	}
	if fence != "" {
		t.Fatalf("%s is open in\n%s", fence, post)
	}
	source := []byte(post)
	walk(t, source, post)
}

var parser = goldmark.New(goldmark.WithExtensions(extension.Table, extension.Strikethrough))

func walk(t *rapid.T, source []byte, post string) (nodes map[string]int) {
	t.Helper()
	nodes = map[string]int{}
	err := ast.Walk(parser.Parser().Parse(text.NewReader(source)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		nodes[n.Kind().String()]++
		switch n := n.(type) {
		case *ast.Link, *ast.Image, *ast.AutoLink, *ast.RawHTML, *ast.HTMLBlock, *ast.Heading, *ast.CodeBlock, *ast.List:
			t.Fatalf("%s in\n%s", n.Kind(), post)
		case *ast.FencedCodeBlock, *ast.CodeSpan:
			if m := everybody.FindString(literal(n, source)); m != "" {
				t.Fatalf("%s in code of\n%s", m, post)
			}
			return ast.WalkSkipChildren, nil
		case *ast.Text:
			if m := somebody.FindString(string(n.Segment.Value(source))); m != "" {
				t.Fatalf("%q in\n%s", m, post)
			}
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return nodes
}

// literal is the text of a code node.
func literal(n ast.Node, source []byte) string {
	var b strings.Builder
	if n.Type() == ast.TypeBlock {
		for i := range n.Lines().Len() {
			line := n.Lines().At(i)
			b.Write(line.Value(source))
		}
		return b.String()
	}
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if leaf, ok := c.(*ast.Text); ok {
			b.Write(leaf.Segment.Value(source))
		}
	}
	return b.String()
}

// anyJSON draws a value of whatever type, with hostile texts in it.
func anyJSON(t *rapid.T, name string) any {
	switch rapid.IntRange(0, 9).Draw(t, name+" type") {
	case 0:
		return rapid.Float64Range(-5, 1e6).Draw(t, name)
	case 1:
		return rapid.Bool().Draw(t, name)
	case 2:
		return []any{hostile().Draw(t, name), 1, map[string]any{"old_string": hostile().Draw(t, name), "url": "x"}}
	case 3:
		return nil
	}
	return hostile().Draw(t, name)
}

var fields = []string{"command", "file_path", "path", "notebook_path", "content", "old_string", "new_string", "new_source", "cell_id", "edit_mode",
	"pattern", "glob", "url", "query", "subagent_type", "description", "skill", "args", "task_id", "action", "text", "coordinate", "edits",
	"pages", "offset", "run_in_background", "replace_all", "ws"}

func anyInput(t *rapid.T) map[string]any {
	in := map[string]any{}
	for _, f := range rapid.SliceOfN(rapid.SampledFrom(fields), 0, 8).Draw(t, "fields") {
		in[f] = anyJSON(t, f)
	}
	return in
}

func toolName() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		known := append(slices.Sorted(maps.Keys(views)), "TodoWrite", "TaskCreate")
		switch rapid.IntRange(0, 8).Draw(t, "kind") {
		case 0:
			return hostile().Draw(t, "name")
		case 1:
			return "mcp__" + hostile().Draw(t, "server") + "__" + hostile().Draw(t, "tool")
		case 2:
			return "mcp__claude-in-chrome__" + rapid.SampledFrom([]string{"computer", "navigate", "find", "gif", "x`y"}).Draw(t, "tool")
		}
		return rapid.SampledFrom(known).Draw(t, "name")
	})
}

func anyOptions(t *rapid.T) Options {
	return Options{Home: "/home/user", Tree: "/home/user/tree", Branch: hostile().Draw(t, "branch"), MaxLines: rapid.IntRange(0, 30).Draw(t, "lines"),
		Verbosity: rapid.SampledFrom([]Verbosity{"", Full, Line, Fold, File, Hidden}).Draw(t, "verbosity")}
}

// anyResult draws a tool_use_result of any shape that some tool has.
func anyResult(t *rapid.T) json.RawMessage {
	h := func(name string) string { return hostile().Draw(t, name) }
	hunks := []any{map[string]any{"oldStart": 1, "oldLines": 1, "newStart": 1, "newLines": 1, "lines": []string{"+" + h("+"), "-" + h("-"), h("line")}}}
	shape := rapid.SampledFrom([]any{
		nil, h("text"), []any{map[string]any{"type": "text", "text": h("text")}},
		map[string]any{"stdout": h("out"), "stderr": h("err"), "backgroundTaskId": h("id"), "returnCodeInterpretation": h("meaning"),
			"bashEditDiff": map[string]any{"files": slices.Repeat([]any{map[string]any{"filePath": h("path"), "hunks": hunks}}, rapid.IntRange(0, 12).Draw(t, "files")), "moreFiles": 2}},
		map[string]any{"filePath": h("path"), "structuredPatch": hunks, "originalFile": h("old"), "newString": h("new")},
		map[string]any{"type": "update", "filePath": h("path"), "content": h("new"), "structuredPatch": []any{}, "originalFile": h("old")},
		map[string]any{"type": "create", "filePath": h("path"), "content": h("new")},
		map[string]any{"type": "image", "file": map[string]any{"type": h("mime"), "originalSize": 5}},
		map[string]any{"filenames": []string{h("file")}, "numFiles": 1, "mode": "content", "content": h("content")},
		map[string]any{"url": "http://" + h("url"), "code": 200, "codeText": h("status"), "result": h("page")},
		map[string]any{"results": []any{map[string]any{"content": []any{map[string]any{"title": h("title"), "url": h("url")}}}}},
		map[string]any{"old_source": h("old"), "new_source": h("new"), "edit_mode": h("mode"), "error": h("error")},
		map[string]any{"status": "completed", "agentType": h("type"), "content": []any{map[string]any{"type": "text", "text": h("report")}}},
	}).Draw(t, "shape")
	data, err := json.Marshal(shape)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func anyOutcome(t *rapid.T) Outcome {
	out := Outcome{Text: hostile().Draw(t, "text"), Failed: rapid.Bool().Draw(t, "failed"), Refused: rapid.IntRange(0, 4).Draw(t, "refused") == 0,
		Result: anyResult(t), Took: time.Duration(rapid.Int64Range(-1, 1e13).Draw(t, "took"))}
	if rapid.Bool().Draw(t, "changed") {
		out.Change = &FileChange{OldMode: 0o644, NewMode: fs.ModeSetuid | 0o755, OldLink: hostile().Draw(t, "link"), NewLink: hostile().Draw(t, "link"),
			RenamedFrom: hostile().Draw(t, "from"), Binary: true}
	}
	return out
}

// D1, D2, D3, D5, D6, D7, SEC-12, STR-05: whatever a call and its result hold,
// nothing of it leaves its place, and the whole fits into one post.
func TestCallsAreInert(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name, in, o := toolName().Draw(t, "tool"), anyInput(t), anyOptions(t)
		inert(t, Call(name, in, o))
		out := anyOutcome(t)
		post := Result(name, in, out, o)
		inert(t, post)
		if o.Verbosity == Hidden && post != "" {
			t.Fatalf("hidden shows %q", post)
		}
		if o.Verbosity == Line && strings.Contains(post, "\n") {
			t.Fatalf("a line is %q", post)
		}
		for _, f := range Attachments(name, in, out, o) {
			if !fileNames.MatchString(f.Name) || len(f.Data) > attachedBytes+100 {
				t.Fatalf("file %q of %d bytes", f.Name, len(f.Data))
			}
		}
	})
}

// STR-15, D7: a subagent's card.
func TestAgentsAreInert(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := anyOptions(t)
		g := NewAgent(anyInput(t))
		for range rapid.IntRange(0, 12).Draw(t, "calls") {
			g.Called(toolName().Draw(t, "tool"), anyInput(t), o)
			inert(t, g.Markdown(o))
		}
		g.Ended(anyOutcome(t))
		inert(t, g.Markdown(o))
		g.Notified(&claude.TaskNotification{Status: rapid.SampledFrom([]string{"completed", "failed", "x"}).Draw(t, "status"), Summary: hostile().Draw(t, "summary")})
		inert(t, g.Markdown(o))
		inert(t, BackgroundEnded(&claude.TaskNotification{TaskID: claude.TaskID{TaskID: hostile().Draw(t, "id")}, Status: hostile().Draw(t, "status"),
			Summary: hostile().Draw(t, "summary"), OutputFile: hostile().Draw(t, "file")}, o))
	})
}

// D7, C4: subjects of tasks are Claude's words.
func TestTasksAreInert(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var list Tasks
		for i := range rapid.IntRange(1, 60).Draw(t, "n") {
			list.Items = append(list.Items, Task{ID: fmt.Sprint(i), Subject: hostile().Draw(t, "subject"), Active: hostile().Draw(t, "active"),
				Status: rapid.SampledFrom([]string{"pending", "in_progress", "completed"}).Draw(t, "status")})
		}
		list.Shown = true
		list.Minimised = rapid.Bool().Draw(t, "minimised")
		inert(t, list.Markdown(time.Time{}))
	})
}
