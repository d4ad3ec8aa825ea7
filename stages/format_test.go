package stages

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"ctpipe/pipeline"
)

// shownIn passes a show event with forms through redact, a rule that gives a style,
// and the stages named.
func shownIn(t *testing.T, ev pipeline.Event, forms pipeline.Forms, set pipeline.Settings, names ...string) pipeline.Deliver {
	t.Helper()
	b := &Build{Secrets: []string{"s3cr3t-t0ken"}}
	var chain []pipeline.Link
	for _, name := range append([]string{"redact", "styled"}, names...) {
		if name == "styled" {
			chain = append(chain, pipeline.Link{Name: name, Role: pipeline.Gate, Stage: pipeline.StageFunc(func(_ context.Context, r *pipeline.Run) error {
				r.Settings.Merge(set)
				return nil
			})})
			continue
		}
		spec, _ := Find(name)
		stage, err := spec.New(b)
		if err != nil {
			t.Fatal(err)
		}
		chain = append(chain, pipeline.Link{Name: name, Role: spec.Role, Stage: stage})
	}
	e := pipeline.NewEngine(&pipeline.Snapshot{Chains: map[pipeline.Kind][]pipeline.Link{pipeline.KindShow: chain},
		Default: map[pipeline.Kind]pipeline.Verdict{pipeline.KindShow: pipeline.Allow}}, nil, nil)
	ev.Kind = pipeline.KindShow
	r := e.JudgeShow(t.Context(), &ev, forms, nil)
	if len(r.Effects()) != 1 {
		t.Fatalf("%+v, trace %+v", r.Effects(), r.Trace)
	}
	return r.Effects()[0].(pipeline.Deliver)
}

func callForms(least string) pipeline.Forms {
	return pipeline.Forms{Call: true, Least: least, Texts: map[string]string{"full": "FULL s3cr3t-t0ken\n2\n3\n", "fold": "FOLD s3cr3t-t0ken\n2\n", "line": "LINE s3cr3t-t0ken\n",
		"file": "FILE s3cr3t-t0ken\n"}, Files: []pipeline.TextFile{{Name: "out.txt", Text: "s3cr3t-t0ken in it"}}}
}

// TestFormatCall: a call is shown in the form of its style: a rule's, else the
// thread's, else folded. Every form has passed redaction, and its file too.
func TestFormatCall(t *testing.T) {
	for _, c := range []struct {
		rule   pipeline.Settings
		thread string
		least  string
		text   string
		style  string
		files  int
	}{
		{text: "FOLD •••\n2\n", style: "fold"},
		{thread: "full", text: "FULL •••\n2\n3\n", style: "full"},
		{thread: "hidden", least: "hidden", text: "", style: "hidden"},
		{thread: "hidden", least: "line", text: "LINE •••\n", style: "line"},
		{thread: "file", text: "FILE •••\n", style: "file", files: 1},
		{thread: "full", rule: pipeline.Settings{Style: "line"}, text: "LINE •••\n", style: "line"},
		{thread: "hidden", least: "line", rule: pipeline.Settings{Style: "hidden"}, text: "", style: "hidden"},
		{thread: "hidden", rule: pipeline.Settings{Style: "file"}, text: "FILE •••\n", style: "file", files: 1},
		{rule: pipeline.Settings{Style: "full", MaxLines: 1}, text: "FULL •••\n*… 2 more lines*", style: "full"},
		{rule: pipeline.Settings{MaxLines: 1}, text: "FOLD •••\n*… 1 more lines*", style: "fold"},
		{rule: pipeline.Settings{Template: "<{text}>"}, text: "<FOLD •••\n2\n>", style: "fold"},
		{thread: "hidden", rule: pipeline.Settings{Template: "<{text}>"}, text: "", style: "hidden"},
	} {
		ev := pipeline.Event{Show: pipeline.Show{What: "result", Text: "WHOLE", Final: true, Verbosity: c.thread, Block: "k"}}
		d := shownIn(t, ev, callForms(c.least), c.rule, "format", "deliver")
		if d.Text != c.text || d.Style != c.style || len(d.Files) != c.files || !d.Final || d.Block != "k" {
			t.Errorf("%+v, thread %q: %+v", c.rule, c.thread, d)
		}
		if strings.Contains(fmt.Sprint(d), "s3cr3t") {
			t.Errorf("a secret is shown: %+v", d)
		}
	}
}

// TestDeliverUnformatted: a chain without format folds a call all the same.
func TestDeliverUnformatted(t *testing.T) {
	ev := pipeline.Event{Show: pipeline.Show{What: "result", Text: strings.Repeat("WHOLE\n", 1000), Final: true}}
	if d := shownIn(t, ev, callForms(""), pipeline.Settings{}, "deliver"); d.Text != "FOLD •••\n2\n" || d.Style != "fold" {
		t.Errorf("%+v", d)
	}
}

// TestFormatText: an answer is cut by a rule's style only, thinking by the thread's
// too; what becomes a file comes whole, once nothing is added any more.
func TestFormatText(t *testing.T) {
	long := strings.TrimSpace(strings.Repeat("word\n", 12))
	for _, c := range []struct {
		what, thread string
		rule         pipeline.Settings
		growing      bool
		text         string
		file         string
	}{
		{what: "text", thread: "hidden", text: long},
		{what: "text", rule: pipeline.Settings{Style: "line"}, text: "word\n*… 11 more lines*"},
		{what: "text", rule: pipeline.Settings{Style: "file"}, text: "word\n📎 *12 lines, as a file*", file: "text.md"},
		{what: "text", rule: pipeline.Settings{Style: "file"}, growing: true, text: strings.Repeat("word\n", 8) + "*… 4 more lines*"},
		{what: "text", rule: pipeline.Settings{Style: "file", MaxLines: 20}, text: long},
		{what: "thinking", thread: "hidden", text: ""},
		{what: "thinking", thread: "line", text: "> 💭 word\n> *… 11 more lines*"},
		{what: "thinking", thread: "hidden", rule: pipeline.Settings{Style: "line"}, text: "> 💭 word\n> *… 11 more lines*"},
		{what: "thinking", thread: "file", text: "> 💭 word\n> 📎 *12 lines, as a file*", file: "thinking.md"},
	} {
		ev := pipeline.Event{Show: pipeline.Show{What: c.what, Text: long, Final: !c.growing, Verbosity: c.thread}}
		d := shownIn(t, ev, pipeline.Forms{}, c.rule, "format", "deliver")
		if d.Text != c.text || len(d.Files) > 0 != (c.file != "") || c.file != "" && (d.Files[0].Name != c.file || d.Files[0].Text != long) {
			t.Errorf("%s, %+v, thread %q, growing %v: %q, files %+v", c.what, c.rule, c.thread, c.growing, d.Text, d.Files)
		}
	}
}
