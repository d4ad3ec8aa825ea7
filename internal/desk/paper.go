package desk

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"ctpipe/internal/display"
	"ctpipe/internal/markdown"
	"ctpipe/internal/paginate"
	"ctpipe/pipeline"
)

// Paper is how cards are written. It is not saved.
type Paper struct {
	Prefix string              // of the keys of its posts; no other part of the thread has the same
	Runes  int                 // of a post, as the server says
	Redact func(string) string // takes credentials out of a text; nil takes none out
	Home   string              // the home directory, for paths; "" where it is not known
}

// Clean takes credentials out of a text.
func (p Paper) Clean(text string) string {
	if p.Redact == nil {
		return text
	}
	return p.Redact(text)
}

// fit takes credentials out of a text and keeps it within a post: one that the
// server refuses is one that nobody can answer. A cut says so.
func (p Paper) fit(text string) string { return paginate.Fit(p.Clean(text), p.Runes) }

func (p Paper) paths() display.Options { return display.Options{Home: p.Home} }

// inputRunes is how much of one text a card shows; what is longer is cut with a
// mark, and the whole goes with it as a file.
const inputRunes = 6000

// whyRunes is how much a card says of why people are asked: the end of a card,
// which says how to answer it, is never cut.
const whyRunes = 1500

func runes(s string) int { return utf8.RuneCountInString(s) }

func within(s string, n int) bool { return len(s) <= n || runes(s) <= n }

// Quote sets text as a block quote that every line stays inside, at most n runes
// of it. A cut says so.
func Quote(text string, n int) string {
	cut := paginate.Cut(text, n)
	out := "> " + strings.ReplaceAll(markdown.Inert(cut), "\n", "\n> ")
	if cut != text {
		out += paginate.CutMark(runes(text) - n)
	}
	return out
}

// fenced shows text in a fence. A cut says so.
func fenced(lang, text string) string {
	cut := paginate.Cut(text, inputRunes)
	out := markdown.Fence(lang, markdown.Visible(cut))
	if cut != text {
		out += paginate.CutMark(runes(text) - inputRunes)
	}
	return out
}

func firstLine(text string) string {
	head, _, _ := strings.Cut(text, "\n")
	return strings.TrimSuffix(head, ":")
}

// Who names a person without pinging them.
func Who(u pipeline.User) string { return markdown.Name(u.Name) }

// Names names people without pinging them.
func Names(users []pipeline.User) string {
	names := make([]string, len(users))
	for i, u := range users {
		names[i] = Who(u)
	}
	return strings.Join(names, ", ")
}

// because says why people are asked, and where that is written.
func because(v pipeline.Vote) string {
	why := v.Why
	if v.Err != "" {
		why = strings.TrimSpace(why + " (" + v.Err + ")")
	}
	switch v.Source {
	case pipeline.SourceDefault:
		return "no rule allows this"
	case pipeline.SourceRule, pipeline.SourceHook:
		return askedBy(v) + ": " + why
	}
	return why
}

// askedBy names what asked, and where that is written.
func askedBy(v pipeline.Vote) string {
	switch {
	case v.Source == pipeline.SourceRule && v.At != "":
		return fmt.Sprintf("rule %s (%s)", v.By, v.At)
	case v.Source == pipeline.SourceRule, v.Source == pipeline.SourceHook:
		return string(v.Source) + " " + v.By
	}
	return v.By
}

// WhoMay names who can satisfy asks.
func WhoMay(asks []pipeline.Vote, base pipeline.Terms) string {
	var said []string
	seen := map[string]bool{}
	for _, v := range asks {
		word := termsInWords(v.Terms.With(base))
		if !seen[word] {
			seen[word] = true
			said = append(said, word)
		}
	}
	return strings.Join(said, "; and ")
}

func termsInWords(t pipeline.Terms) string {
	word := strings.Join(t.Approvers, " or ")
	if t.Quorum > 1 {
		word = fmt.Sprintf("%d of %s", t.Quorum, word)
	}
	if t.Requester != nil && !*t.Requester {
		word += ", not who asked for it"
	}
	if t.Other {
		word += ", one of them not who asked for it"
	}
	return word
}
