package rules

import (
	"errors"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr/file"

	"ctpipe/internal/diag"
	"ctpipe/pipeline"
)

// place finds where an offset of an expanded expression stands in the file:
// in e itself, or in the definition that the offset belongs to.
func (f *File) place(e Expr, loc file.Location) Pos {
	from, to := loc.From, max(loc.To, loc.From+1)
	if i := from >> defShift; i > 0 && i <= len(f.Defines) {
		e = f.Defines[i-1].Expr
		from, to = from-i<<defShift, to-i<<defShift
	}
	if e.quote == notString || e.quote == escaped || e.body == 0 {
		return e.Pos
	}
	return f.lines.pos(span{e.body + byteOffset(e.Text, from), e.body + byteOffset(e.Text, to)})
}

// byteOffset converts an offset in characters, which the expression library
// counts, to bytes.
func byteOffset(s string, runes int) int {
	at := 0
	for ; runes > 0 && at < len(s); runes-- {
		_, n := utf8.DecodeRuneInString(s[at:])
		at += n
	}
	return at
}

func asFileError(err error) *file.Error {
	var fe *file.Error
	if errors.As(err, &fe) {
		return fe
	}
	return &file.Error{Message: firstLine(err.Error())}
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return s
}

var (
	noField  = regexp.MustCompile(`^type (\S+) has no (field|method) (\S+)$`)
	viewName = regexp.MustCompile(`\*?rules\.(\w+?)View(?:\[\S*\])?`)
	viewList = regexp.MustCompile(`\[\]\*?rules\.(\w+?)View(?:\[\S*\])?`)
)

// plainMessage rewrites an error of the expression library in the words of
// rules.toml. base is what stands before the dot at the error, "" if unknown.
func plainMessage(fe *file.Error, base string, kind pipeline.Kind) (msg, suggest string) {
	msg = fe.Message
	if m := noField.FindStringSubmatch(msg); m != nil {
		fields := viewFields(m[1])
		if base == "" {
			base = friendly(m[1])
		}
		if len(fields) == 0 {
			return base + " is " + friendly(m[1]) + " and has no field " + quoted(m[3]), ""
		}
		suggest = diag.Suggest(m[3], fields)
		if suggest == "" {
			if other := fieldElsewhere(kind, m[3]); other != "" {
				return base + " has no field " + quoted(m[3]) + "; it has " + strings.Join(fields, ", "), other
			}
			return base + " has no field " + quoted(m[3]) + "; it has " + strings.Join(fields, ", "), ""
		}
		return base + " has no field " + quoted(m[3]), suggest
	}
	return friendly(msg), ""
}

func quoted(s string) string { return `"` + clip(s) + `"` }

// friendly replaces Go's type names.
func friendly(s string) string {
	s = viewList.ReplaceAllString(s, "list of ${1}s")
	s = viewName.ReplaceAllString(s, "$1")
	return strings.NewReplacer("chatCommands", "commands", "chatCommand", "command", "[]string", "list of strings",
		"map[string]interface {}", "untyped table", "map[string]any", "untyped table", "interface {}", "untyped value").Replace(s)
}
