package transcript

import (
	"unicode/utf8"

	"ctpipe/internal/display"
	"ctpipe/internal/markdown"
	"ctpipe/pipeline"
)

// beforeMost is how much of what was shown a show event carries along, in bytes.
const beforeMost = 4096

// Context is what an update is judged with.
type Context struct {
	Before string            // the end of what was shown before
	Style  display.Verbosity // that the thread wants; "" is the default
}

// Context is what the next update is judged with.
func (t *Transcript) Context() Context { return Context{Before: t.before, Style: t.style} }

// Form is an update as it is judged: the show event's facts, but for the session's
// part of the block's id, and the forms in which a call can be shown. An empty text
// is nothing to judge. What is judged of a call is all that any form shows of it, so
// that one judgement is enough.
func (u Update) Form(in Context) (pipeline.Show, pipeline.Forms) {
	if u.Call == nil {
		return u.facts(in, u.What, u.Text), pipeline.Forms{}
	}
	c := u.Call
	forms := pipeline.Forms{Call: true, Least: "hidden", Texts: map[string]string{}, Files: c.files(u.Final)}
	if c.Denied != "" {
		forms.Least = string(display.Line)
	}
	for _, v := range []display.Verbosity{display.Full, display.Line, display.Fold} {
		forms.Texts[string(v)] = c.text(v)
	}
	if forms.Texts[string(display.File)] = forms.Texts[string(display.Fold)]; len(forms.Files) > 0 {
		forms.Texts[string(display.File)] = c.text(display.File)
	}
	return u.facts(in, c.what(), c.text(display.Whole)), forms
}

// CallForm is a call's line without its result or its diff, where a rule hides
// those: it has not said so of the call, which is judged as what it is.
func (u Update) CallForm(in Context) (pipeline.Show, pipeline.Forms) {
	line := u.Call.text(display.Line)
	forms := pipeline.Forms{Call: true, Least: "hidden", Texts: map[string]string{}}
	for _, v := range []display.Verbosity{display.Full, display.Line, display.Fold, display.File} {
		forms.Texts[string(v)] = line
	}
	return u.facts(in, "tool", line), forms
}

func (u Update) facts(in Context, what, text string) pipeline.Show {
	return pipeline.Show{What: what, Text: text, Before: in.Before, Final: u.Final, Lines: markdown.LineCount(text),
		Tool: u.Tool, Bytes: len(text), Block: u.Block, Verbosity: string(in.Style)}
}

// HidesResult reports that a style hides what a call gave, so that its line alone is
// to be judged and shown.
func HidesResult(s pipeline.Show, f pipeline.Forms, style string) bool {
	return f.Call && s.What != "tool" && style == string(display.Hidden)
}

// Seen is what a thread sees of a form in the style in which it was delivered,
// before the chain changed it.
func Seen(s pipeline.Show, f pipeline.Forms, style string) string {
	if !f.Call {
		return s.Text
	}
	if text := f.Texts[style]; text != "" {
		return text
	}
	return f.Texts[string(display.Fold)]
}

// tail is the end of s, at most n bytes of whole runes.
func tail(s string, n int) string {
	if len(s) <= n {
		return s
	}
	s = s[len(s)-n:]
	for len(s) > 0 && !utf8.RuneStart(s[0]) {
		s = s[1:]
	}
	return s
}
