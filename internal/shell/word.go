package shell

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/syntax"
)

// field is one argument as a program would receive it, as far as the text says.
type field struct {
	text    string
	dynamic bool // text is the source: what the program receives is not known
	number  bool // dynamic, but certainly a number: $?, $#, $$
	glob    bool // text is a pattern that the shell expands first
	subst   bool // holds a command or process substitution
}

// fields expands words as bash does before it starts a program: quotes and
// backslashes removed, braces and tildes expanded, patterns left as patterns.
func (a *analyzer) fields(words []*syntax.Word, sc scope) []field {
	out := make([]field, 0, len(words))
	for _, w := range words {
		a.visitParts(w.Parts, sc)
		out = a.expandWord(out, w)
	}
	return out
}

func (a *analyzer) expandWord(out []field, w *syntax.Word) []field {
	if len(w.Parts) == 1 {
		if lit, ok := w.Parts[0].(*syntax.Lit); ok && plain(lit.Value) {
			return append(out, field{text: lit.Value})
		}
	}
	if !hasBrace(w) {
		return append(out, a.static(w))
	}
	return a.expandBraces(out, w)
}

// expandBraces is a function of its own because its loop would keep the list
// of every word on the heap.
func (a *analyzer) expandBraces(out []field, w *syntax.Word) []field {
	src := a.text(w)
	if escapedBrace(w) || countBraces(w) > 8 || strings.Contains(src, "~") { // what a tilde stands for depends on what the braces give
		return append(out, field{text: src, dynamic: true})
	}
	split := &syntax.Word{Parts: slices.Clone(w.Parts)} // the tree keeps its positions
	if !syntax.SplitBraces(split) {
		return append(out, a.static(w))
	}
	for x, err := range expand.BracesSeq(nil, split) {
		if err != nil || len(out) > maxBraces {
			return append(out, field{text: src, dynamic: true})
		}
		if f := a.static(x); f.dynamic || f.text != "" || quoted(x) {
			if f.dynamic || f.number {
				f.text = src
			}
			out = append(out, f)
		}
	}
	return out
}

// plain reports text without anything that the shell treats specially.
func plain(s string) bool {
	return s != "" && !strings.ContainsAny(s, "\\*?[{~=^")
}

func hasBrace(w *syntax.Word) bool {
	for _, p := range w.Parts {
		if lit, ok := p.(*syntax.Lit); ok && strings.Contains(lit.Value, "{") {
			return true
		}
	}
	return false
}

// countBraces bounds what an expansion can cost.
func countBraces(w *syntax.Word) int {
	n := 0
	for _, p := range w.Parts {
		if lit, ok := p.(*syntax.Lit); ok {
			n += strings.Count(lit.Value, "{")
		}
	}
	return n
}

// escapedBrace reports a word that mixes braces and backslashes, which shells
// read differently.
func escapedBrace(w *syntax.Word) bool {
	for _, p := range w.Parts {
		if lit, ok := p.(*syntax.Lit); ok && strings.Contains(lit.Value, `\`) {
			return true
		}
	}
	return false
}

func quoted(w *syntax.Word) bool {
	for _, p := range w.Parts {
		switch p.(type) {
		case *syntax.SglQuoted, *syntax.DblQuoted:
			return true
		}
	}
	return false
}

// static joins the parts of a word that holds no brace expansion.
func (a *analyzer) static(w *syntax.Word) field {
	var b strings.Builder
	f := field{}
	for i, part := range w.Parts {
		switch p := part.(type) {
		case *syntax.Lit:
			text, glob, ok := a.literal(p.Value, i == 0)
			if !ok {
				f.dynamic = true
			}
			f.glob = f.glob || glob
			b.WriteString(text)
		case *syntax.SglQuoted:
			if !p.Dollar {
				b.WriteString(p.Value)
			} else if text, ok := ansi(p.Value); ok {
				b.WriteString(text)
			} else {
				f.dynamic = true
			}
		case *syntax.DblQuoted:
			a.doubleQuoted(&b, &f, p)
		default:
			a.dynamicPart(&f, part)
		}
	}
	f.text = b.String()
	if f.dynamic || f.number {
		f.text, f.glob = a.text(w), false
	}
	if f.dynamic {
		f.number = false
	}
	if f.text == "[" { // the test builtin, no pattern
		f.glob = false
	}
	return f
}

func (a *analyzer) doubleQuoted(b *strings.Builder, f *field, q *syntax.DblQuoted) {
	if q.Dollar {
		f.dynamic = true
	}
	for _, part := range q.Parts {
		if lit, ok := part.(*syntax.Lit); ok {
			b.WriteString(unescapeDouble(lit.Value))
			continue
		}
		a.dynamicPart(f, part)
	}
}

func (a *analyzer) dynamicPart(f *field, part syntax.WordPart) {
	switch p := part.(type) {
	case *syntax.ParamExp:
		if isNumber(p) {
			f.number = true
			return
		}
	case *syntax.CmdSubst, *syntax.ProcSubst:
		f.subst = true
	}
	f.dynamic = true
}

// isNumber reports $?, $# and $$, which hold digits whatever happens.
func isNumber(p *syntax.ParamExp) bool {
	if !p.Short || p.Param == nil {
		return false
	}
	switch p.Param.Value {
	case "?", "#", "$":
		return true
	}
	return false
}

// literal unescapes unquoted text; ok is false where the shell would replace
// it by something that the text does not tell.
func (a *analyzer) literal(s string, first bool) (text string, glob, ok bool) {
	ok = true
	if first && (strings.HasPrefix(s, "~") || strings.HasPrefix(s, "=")) || assignsTilde(s) {
		s, ok = a.tilde(s)
	}
	if !strings.ContainsAny(s, "\\*?[") {
		return s, false, ok
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '\\':
			i++
			if i == len(s) {
				b.WriteByte(c) // at the end of the text it stands for itself
			}
			if i < len(s) && s[i] != '\n' {
				if strings.IndexByte("*?[", s[i]) >= 0 && strings.ContainsAny(s[:i-1]+s[i+1:], "*?[") {
					ok = false // a pattern with escaped pattern characters
				}
				b.WriteByte(s[i])
			}
		case '*', '?', '[':
			glob = true
			b.WriteByte(c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), glob, ok
}

// assignsTilde reports NAME=~… and NAME=…:~…, which bash expands in arguments too.
func assignsTilde(s string) bool {
	name, value, ok := strings.Cut(s, "=")
	return ok && syntax.ValidName(name) && (strings.HasPrefix(value, "~") || strings.Contains(value, ":~"))
}

// tilde expands ~ and ~/; anything else in its place is not known from the text.
func (a *analyzer) tilde(s string) (string, bool) {
	prefix := ""
	if i := strings.Index(s, "=~"); i > 0 {
		prefix, s = s[:i+1], s[i+1:]
	}
	if a.opt.Home == "" || a.home || strings.Contains(s, ":~") {
		return s, false
	}
	if s == "~" || strings.HasPrefix(s, "~/") {
		return prefix + a.opt.Home + s[1:], true
	}
	return s, false
}

func unescapeDouble(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			switch s[i+1] {
			case '$', '`', '"', '\\':
				i++
			case '\n':
				i++
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// text is the source of a node.
func (a *analyzer) text(n syntax.Node) string {
	if w, ok := n.(*syntax.Word); ok && len(w.Parts) == 0 {
		return "" // one side of {,x}
	}
	from, to := int(n.Pos().Offset()), int(n.End().Offset())
	if from < 0 || to > len(a.src) || from > to {
		return ""
	}
	return a.src[from:to]
}
