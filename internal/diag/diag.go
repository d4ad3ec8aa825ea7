// Package diag is the one form in which ctpipe says what is wrong with a file:
// a finding with file, line and column, printed with the source line and a
// caret under the fault, or as JSON. The same findings go to the terminal, the
// log and the chat, so printing never lets a control character of the source
// through.
package diag

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Level says whether a finding stops a file from being put in force.
type Level string

// The levels. An error blocks; a warning is printed and, under -strict, fails.
const (
	Error   Level = "error"
	Warning Level = "warning"
)

// Finding is one fault of a file. Line and Col count from 1, columns in
// characters (not bytes); 0 means that the place is not known. Len is the
// number of characters the caret underlines; 0 counts as 1.
type Finding struct {
	ID      string `json:"id"` // stable name of the check: "unknown-key"
	Level   Level  `json:"level"`
	File    string `json:"file"`
	Line    int    `json:"line,omitempty"`
	Col     int    `json:"col,omitempty"`
	Len     int    `json:"len,omitempty"`
	Text    string `json:"text"`
	Suggest string `json:"suggest,omitempty"` // what was probably meant
}

// Where is the place as people and editors read it: file:line:col, as much of
// it as is known.
func (f Finding) Where() string {
	switch {
	case f.Line <= 0:
		return f.File
	case f.Col <= 0:
		return fmt.Sprintf("%s:%d", f.File, f.Line)
	}
	return fmt.Sprintf("%s:%d:%d", f.File, f.Line, f.Col)
}

// String is the finding on one line, without its source.
func (f Finding) String() string {
	var b strings.Builder
	if where := f.Where(); where != "" {
		b.WriteString(where)
		b.WriteString(": ")
	}
	if f.Level == Warning {
		b.WriteString("warning: ")
	}
	b.WriteString(f.Text)
	if f.Suggest != "" {
		fmt.Fprintf(&b, " (did you mean %q?)", f.Suggest)
	}
	return safe(b.String())
}

// Sort orders findings by file and place; errors come before warnings of the
// same place. The order of findings of one place and level is kept.
func Sort(fs []Finding) {
	slices.SortStableFunc(fs, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Col, b.Col), cmp.Compare(a.Level, b.Level))
	})
}

// Count tells how many errors and warnings there are.
func Count(fs []Finding) (errors, warnings int) {
	for _, f := range fs {
		if f.Level == Warning {
			warnings++
		} else {
			errors++
		}
	}
	return errors, warnings
}

// HasErrors reports whether a finding blocks.
func HasErrors(fs []Finding) bool {
	errors, _ := Count(fs)
	return errors > 0
}

// ErrorCount is how many errors there are, in words: "1 error", "2 errors".
func ErrorCount(fs []Finding) string {
	errors, _ := Count(fs)
	if errors == 1 {
		return "1 error"
	}
	return fmt.Sprintf("%d errors", errors)
}
