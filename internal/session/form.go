package session

import (
	"context"
	"fmt"
	"strings"

	"ctpipe/internal/display"
	"ctpipe/internal/markdown"
	"ctpipe/internal/outbox"
	"ctpipe/pipeline"
	"ctpipe/stages"
)

// form is a block as it is put before the show chain: what is shown is what
// was judged.
type form struct {
	what, text   string
	lines, bytes int               // of all there is, also where text is a part of it
	as           display.Verbosity // of a tool call
	files        []display.Attached
	title        string // of the call that the files belong to
	denied       bool   // the call was refused
}

// formOf composes a piece. A file is made of what does not change any more.
func (s *Session) formOf(p piece, as display.Verbosity) form {
	if p.line == nil {
		return form{what: p.what, text: p.text, lines: lines(p.text), bytes: len(p.text)}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f := form{what: p.line.what(), denied: p.line.denied != "", title: p.line.headLine()}
	switch {
	case as == display.Hidden && f.denied:
		as = display.Line
	case as == "" || as == display.Hidden:
		as = display.Fold
	}
	f.as = as
	if as == display.File {
		if f.files = p.line.files(p.final); f.files == nil {
			as = display.Fold
		}
	}
	f.text = p.line.text(as)
	whole := p.line.text(display.Full)
	f.lines, f.bytes = lines(whole), len(whole)
	return f
}

// bare is a call without its result or diff, where those are hidden: a rule
// that says so of them has not said it of the call.
func (s *Session) bare(p piece, f form) form {
	s.mu.Lock()
	defer s.mu.Unlock()
	f.what, f.as, f.files, f.text = "tool", display.Line, nil, p.line.text(display.Line)
	f.lines, f.bytes = lines(f.text), len(f.text)
	return f
}

// shaped puts a piece through the show chain, and again where a rule or a hook
// wants a tool call in another form than it had.
func (s *Session) shaped(ctx context.Context, p piece, before string, thread display.Verbosity) (form, *pipeline.Run) {
	f := s.formOf(p, thread)
	if f.text == "" {
		return f, nil
	}
	run := s.judge(ctx, p, f, before)
	if want := display.Verbosity(run.Settings.Style); p.line != nil && want != f.as && want != display.Hidden && want.Valid() {
		f = s.formOf(p, want)
		run = s.judge(ctx, p, f, before)
	}
	if p.line != nil && f.what != "tool" && run.Settings.Style == "hidden" {
		f = s.bare(p, f)
		run = s.judge(ctx, p, f, before)
	}
	return f, run
}

func (s *Session) judge(ctx context.Context, p piece, f form, before string) *pipeline.Run {
	ev := s.host.event(pipeline.KindShow, s.root)
	ev.Show = pipeline.Show{What: f.what, Text: f.text, Before: before, Final: p.final,
		Lines: f.lines, Tool: p.tool, Bytes: f.bytes, Block: string(s.id) + "/" + p.block}
	if met := s.sharedBy(ctx, p.block); met != nil {
		return s.host.Engine.Reconsider(ctx, ev, met)
	}
	return s.host.Engine.Judge(ctx, ev)
}

// place performs what a run over a block wants done.
func (s *Session) place(ctx context.Context, p piece, f form, run *pipeline.Run, thread display.Verbosity) {
	var world pipeline.World = Hosts{s.host.Platform: s.host}
	style := styleOf(p, f, run.Settings, thread)
	for _, e := range run.Effects() {
		d, ok := e.(pipeline.Deliver)
		if !ok {
			world.Perform(ctx, run, e)
			continue
		}
		var whole string
		if d.Text, whole = s.shortened(p, d.Text, style, run.Settings); whole != "" {
			f.files = []display.Attached{{Name: f.what + ".md", Data: []byte(whole)}}
		}
		world.Perform(ctx, run, d)
		switch {
		case d.Text == "":
		case whole != "":
			s.attach(f.files[0], whole, "")
		default:
			s.attachAll(ctx, p, f)
		}
	}
}

// shortened is what of a delivered text the thread sees; whole is what comes as
// a file instead, "" for none.
func (s *Session) shortened(p piece, text, style string, set pipeline.Settings) (shown, whole string) {
	switch {
	case p.line != nil && style == "hidden":
		return "", ""
	case p.line != nil:
		return text, "" // it was composed so
	case style == "file" && p.final:
		if short := stages.Shorten(text, "fold", set.MaxLines); short != text {
			first, _, _ := strings.Cut(stages.Shorten(text, "line", 0), "\n")
			return first + fmt.Sprintf("\n📎 *%d lines, as a file*", lines(text)), text
		}
		return text, ""
	case style == "file":
		return stages.Shorten(text, "fold", set.MaxLines), ""
	case set.Style == "":
		return stages.Shorten(text, style, 0), ""
	}
	return text, ""
}

// attachAll posts the files of a call below what is there, each after the chain
// has judged it as a block of its own.
func (s *Session) attachAll(ctx context.Context, p piece, f form) {
	var world pipeline.World = Hosts{s.host.Platform: s.host}
	for i, file := range f.files {
		part := piece{block: fmt.Sprintf("%s/file%d", p.block, i), what: f.what, text: string(file.Data), tool: p.tool, final: true}
		run := s.judge(ctx, part, s.formOf(part, ""), "")
		for _, e := range run.Effects() {
			d, ok := e.(pipeline.Deliver)
			switch {
			case !ok:
				world.Perform(ctx, run, e)
			case strings.TrimSpace(d.Text) != "":
				s.attach(file, d.Text, f.title)
			}
		}
	}
}

// attach posts a file; what Claude says next begins a post below it. Where the
// server does not take it, its text is folded into the post.
func (s *Session) attach(file display.Attached, text, of string) {
	title := "📎 " + markdown.CodeSpan(file.Name) + fmt.Sprintf(" · %d lines", lines(text))
	if of != "" {
		title += " of " + of
	}
	s.mu.Lock()
	s.pages.seal()
	s.mu.Unlock()
	key := s.newKey("file")
	s.out.Put(key, outbox.Draft{Text: title, Props: outbox.Props("file"), Files: []outbox.Attachment{{Name: file.Name, Content: []byte(text)}},
		Unsent: title + "\n" + display.Folded(text)})
	s.out.Seal(key)
}
