package journal

import (
	"errors"
	"fmt"
	"testing"

	"ctpipe/pipeline"
)

// TestRecall: the newest record that is meant is found from the journal's end,
// by an id's beginning or end, by call, by post and by thread; what is meant by
// a short id must be clear.
func TestRecall(t *testing.T) {
	var all []Record
	for n := range 40 {
		r := tool(n)
		r.Event.Tool.ID = pipeline.ToolID(fmt.Sprintf("toolu_%d", n/2))
		r.Event.Post.ID = pipeline.PostID(fmt.Sprintf("post%d", n))
		r.Event.Thread.ID = pipeline.ThreadID(fmt.Sprintf("main:root%d", n%2))
		all = append(all, r)
	}
	dir := write(t, all...)
	for name, c := range map[string]struct {
		q    Query
		want pipeline.EventID
		err  error
	}{
		"newest":          {want: id(39)},
		"whole id":        {q: Query{Event: string(id(7))}, want: id(7)},
		"end":             {q: Query{Event: "0000012"}, want: id(12)},
		"no such end":     {q: Query{Event: "0000099"}, err: ErrNotFound},
		"beginning":       {q: Query{Event: "01JEVENT"}, err: ErrAmbiguous},
		"too short":       {q: Query{Event: "012"}, err: ErrNotFound},
		"no id":           {q: Query{Event: "a b\"c"}, err: ErrNotFound},
		"tool":            {q: Query{Tool: "toolu_3"}, want: id(7)},
		"no such tool":    {q: Query{Tool: "toolu_"}, err: ErrNotFound},
		"post":            {q: Query{Post: "post5"}, want: id(5)},
		"thread":          {q: Query{Thread: "main:root0"}, want: id(38)},
		"other thread":    {q: Query{Thread: "main:root0", Event: string(id(7))}, err: ErrNotFound},
		"skip":            {q: Query{Skip: func(r *Record) bool { return r.Event.ID >= id(30) }}, want: id(29)},
		"thread and tool": {q: Query{Thread: "main:root0", Tool: "toolu_3"}, want: id(6)},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Recall(dir, c.q)
			if !errors.Is(err, c.err) || got.Event.ID != c.want {
				t.Errorf("%s, %v; want %s, %v", got.Event.ID, err, c.want, c.err)
			}
		})
	}
	if _, err := Recall(t.TempDir(), Query{}); !errors.Is(err, ErrNotFound) {
		t.Errorf("an empty journal: %v", err)
	}
}

// BenchmarkRecall looks for what is not there, in a journal larger than what is
// looked through.
func BenchmarkRecall(b *testing.B) {
	dir := b.TempDir()
	w := start(b, Config{Dir: dir, MaxBytes: 8 << 20})
	for n := range 12000 {
		w.Append(tool(n))
		if n%1000 == 0 {
			_ = w.Flush()
		}
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := Recall(dir, Query{Tool: "toolu_none"}); !errors.Is(err, ErrNotFound) {
			b.Fatal(err)
		}
	}
}
