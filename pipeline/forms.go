package pipeline

import "cmp"

// Forms are the texts of a tool call by style. The call is composed in each of
// them before it is judged, so that it is judged once, whichever style a rule, a
// hook or the thread then wants. The zero value is of a block that has one text.
type Forms struct {
	Call  bool              // the block is a tool call
	Least string            // the style of a call where the thread, and no rule, hides calls: "line" of one that was refused
	Texts map[string]string // by style; nil where a hook has put a text of its own in their place
	Files []TextFile        // what the style "file" leaves out of its text
}

// TextFile is a long text that is shown as a file.
type TextFile struct {
	Name string // letters, digits, dots, dashes and underscores
	Text string
}

// Shown is how a block comes into the thread, beside its text.
type Shown struct {
	Style string // full, line, fold, file or hidden; "" where nobody asked for one
	Files []TextFile
}

// Pick is the style of a call, as a rule or a hook gives it, or else as the thread
// wants it, and the call's text in that style; ok is false for a block that has no
// forms.
func (f Forms) Pick(given, thread string) (style, text string, ok bool) {
	style = cmp.Or(given, thread, "fold")
	if given == "" && style == "hidden" {
		style = cmp.Or(f.Least, style)
	}
	return style, f.Texts[style], f.Call && f.Texts != nil
}

// Map gives every text of the forms to f, in forms of their own.
func (f Forms) Map(change func(string) string) Forms {
	texts, files := f.Texts, f.Files
	if texts != nil {
		f.Texts = make(map[string]string, len(texts))
	}
	for style, text := range texts {
		f.Texts[style] = change(text)
	}
	f.Files = make([]TextFile, 0, len(files))
	for _, file := range files {
		f.Files = append(f.Files, TextFile{Name: file.Name, Text: change(file.Text)})
	}
	return f
}
