package desk

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"ctpipe/internal/display"
	"ctpipe/internal/facts"
	"ctpipe/internal/markdown"
	"ctpipe/internal/outbox"
)

// callText shows a call, fenced so that it cannot leave its frame, and says
// whether that is all of it.
func (on Paper) callText(p *Prompt) (text string, whole bool) {
	name, in := p.Call.Tool, p.Input()
	if name == "Bash" {
		return bashText(p)
	}
	keys := slices.Sorted(maps.Keys(in))
	var b strings.Builder
	b.WriteString(display.CallHead(name, in, on.paths()))
	whole = true
	if diff, note, ok := display.Change(name, in); ok {
		b.WriteString("\n" + fenced("diff", diff))
		if note != "" {
			b.WriteString("\n*" + markdown.Plain(note) + "*")
		}
		whole = within(diff, inputRunes)
		keys = slices.DeleteFunc(keys, func(k string) bool { return k == "old_string" || k == "new_string" })
	}
	for _, k := range keys {
		v := fmt.Sprint(in[k])
		if strings.Contains(v, "\n") || len(v) > 120 {
			fmt.Fprintf(&b, "\n%s:\n%s", markdown.CodeSpan(k), fenced("", v))
			whole = whole && within(v, inputRunes)
		} else {
			fmt.Fprintf(&b, "\n%s: %s", markdown.CodeSpan(k), markdown.CodeSpan(v))
		}
	}
	return b.String(), whole
}

func bashText(p *Prompt) (text string, whole bool) {
	in := p.Input()
	cmd, _ := in["command"].(string)
	text = "💻 **Bash**\n" + fenced("bash", cmd)
	if bg, _ := in["run_in_background"].(bool); bg {
		text += "\n*in the background*"
	}
	if why := p.Call.Judged.Event.Tool.Why; why != "" {
		text += "\n*" + markdown.Plain(why) + "*"
	}
	return text, within(cmd, inputRunes)
}

// attached are the files that go with a card: what it cuts, if so told, and the
// scripts that the call would run. The mark names each with its SHA-256, of the
// bytes as they are attached: credentials are out of them.
func (on Paper) attached(p *Prompt, cut bool) (files []outbox.Attachment, mark string) {
	attach := func(name, text string) {
		files = append(files, outbox.Attachment{Name: p.ID + "-" + name, Content: []byte(on.Clean(text))})
	}
	if name, text := p.whole(); cut && text != "" {
		attach(name, text)
	}
	for _, f := range p.Scripts {
		if f.Text != "" {
			attach(f.Name(), f.Text)
		}
	}
	for _, f := range files {
		mark += fmt.Sprintf("\n📎 attached whole: %s, %s, sha256 `%x`", markdown.CodeSpan(f.Name), display.Sized(int64(len(f.Content))), sha256.Sum256(f.Content))
	}
	for _, f := range p.Scripts {
		mark += "\n" + scriptMark(f)
	}
	return files, mark
}

// whole is all that a card is about, as a file.
func (p *Prompt) whole() (name, text string) {
	switch p.Kind {
	case Message, Start:
		return string(p.Kind) + ".txt", p.Text
	case Command:
		return "command.txt", p.commandText()
	case Plan:
		return "plan.md", p.plan()
	case Tool:
		return p.wholeCall()
	}
	return "", ""
}

func (p *Prompt) wholeCall() (name, text string) {
	in := p.Input()
	if cmd, _ := in["command"].(string); p.Call.Tool == "Bash" && cmd != "" {
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

// scriptMark says on a card what of a script is vouched for.
func scriptMark(f facts.Script) string {
	if f.Err != "" {
		return "📜 runs " + markdown.CodeSpan(f.Path) + ": " + f.Err
	}
	return fmt.Sprintf("📜 runs %s, on disk sha256 `%s`", markdown.CodeSpan(f.Path), f.Sum)
}
