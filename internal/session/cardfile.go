package session

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"ctpipe/internal/display"
	"ctpipe/internal/facts"
	"ctpipe/internal/markdown"
	"ctpipe/internal/outbox"
	"ctpipe/internal/paginate"
)

func runes(s string) int { return utf8.RuneCountInString(s) }

func runesWithin(s string, n int) bool { return len(s) <= n || runes(s) <= n }

// quote sets text as a block quote that every line stays inside. A cut says so.
func quote(text string, n int) string {
	cut := cutRunes(text, n)
	out := "> " + strings.ReplaceAll(markdown.Inert(cut), "\n", "\n> ")
	if cut != text {
		out += cutMark(runes(text) - n)
	}
	return out
}

// fenced shows text in a fence. A cut says so.
func fenced(lang, text string) string {
	cut := cutRunes(text, inputRunes)
	out := markdown.Fence(lang, markdown.Visible(cut))
	if cut != text {
		out += cutMark(runes(text) - inputRunes)
	}
	return out
}

func cutMark(n int) string {
	return fmt.Sprintf("\n⚠️ **cut: %d more characters are not shown**", n)
}

// fit takes credentials out of a text and keeps it within a post: one that the
// server refuses is one that nobody can answer. A cut says so (D1).
func (h *Host) fit(text string) string { return h.cutTo(h.clean(text), h.MaxRunes) }

// cutTo keeps a text that is clean within room runes. A cut says so.
func (h *Host) cutTo(text string, room int) string {
	n := runes(text)
	if n <= room {
		return text
	}
	const mark = 400 // for the closing of a fence and the mark
	keep := max(room-mark, 0)
	head, _ := paginate.Last(text[:paginate.ByteOf(text, keep)], "", room)
	return head + "\n" + cutMark(n-keep)
}

// attached are the files that go with a card: what it cuts, if so told, and the
// scripts that the call would run. The mark names each with its SHA-256, of the
// bytes as they are attached: credentials are out of them (A3, D1).
func (s *Session) attached(p *prompt, cut bool) (files []outbox.Attachment, mark string) {
	if name, text := p.whole(); cut && text != "" {
		files = append(files, s.host.attachment(p.id+"-"+name, text))
	}
	for _, f := range p.scripts {
		if f.Text != "" {
			files = append(files, s.host.attachment(p.id+"-"+f.Name(), f.Text))
		}
	}
	for _, f := range files {
		mark += fmt.Sprintf("\n📎 attached whole: %s, %s, sha256 `%x`", markdown.CodeSpan(f.Name), display.Sized(int64(len(f.Content))), sha256.Sum256(f.Content))
	}
	for _, f := range p.scripts {
		mark += "\n" + scriptMark(f)
	}
	return files, mark
}

// scriptMark says on a card what of a script is vouched for.
func scriptMark(f facts.Script) string {
	if f.Err != "" {
		return "📜 runs " + markdown.CodeSpan(f.Path) + ": " + f.Err
	}
	return fmt.Sprintf("📜 runs %s, on disk sha256 `%s`", markdown.CodeSpan(f.Path), f.Sum)
}

func (h *Host) attachment(name, text string) outbox.Attachment {
	return outbox.Attachment{Name: name, Content: []byte(h.clean(text))}
}

// whole is all that a card is about, as a file.
func (p *prompt) whole() (name, text string) {
	switch p.kind {
	case "message", "start":
		return p.kind + ".txt", p.text
	case "command":
		return "command.txt", p.command()
	case "plan":
		return "plan.md", p.plan()
	case "tool":
	default:
		return "", ""
	}
	in := p.input()
	if cmd, _ := in["command"].(string); p.call.ToolName == "Bash" && cmd != "" {
		return "command.sh", cmd
	}
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(in); err != nil {
		return "input.txt", fmt.Sprint(in)
	}
	return "input.json", b.String()
}
