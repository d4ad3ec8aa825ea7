package desk

import (
	"strings"

	"ctpipe/internal/display"
	"ctpipe/internal/markdown"
	"ctpipe/internal/paginate"
	"ctpipe/pipeline"
)

// wanted is what somebody wants, as its card shows it, and whether that is all
// of it.
func (p *Prompt) wanted() (head, body string, whole bool) {
	who := Who(p.Event.User)
	switch p.Kind {
	case Start:
		return "🔒 **" + who + " wants to start a session** – needs approval:",
			Quote(p.Text, inputRunes) + "\n" + startDetails(p.Event.Start) + p.files(), within(p.Text, inputRunes)
	case Command:
		text := p.commandText()
		return "🔒 **" + who + " wants to run** " + markdown.CodeSpan(commandName(p.Event.Command)) + " – needs approval:",
			markdown.Fence("", markdown.Visible(paginate.Cut(text, inputRunes))), within(text, inputRunes)
	}
	return "🔒 **" + who + " wants to send a message** – needs approval:",
		Quote(p.Text, inputRunes) + p.files(), within(p.Text, inputRunes)
}

// startDetails says where and how a session would start.
func startDetails(st pipeline.Start) string {
	var more []string
	for _, f := range [][2]string{
		{"in", st.Dir},
		{"on branch", st.Branch},
		{"with", st.Model},
		{"in mode", string(st.Mode)},
	} {
		if f[1] != "" {
			more = append(more, f[0]+" "+markdown.CodeSpan(f[1]))
		}
	}
	return strings.Join(more, " ")
}

// files is how a card names the files of a post.
func (p *Prompt) files() string {
	var names []string
	for _, f := range p.Event.Post.Files {
		names = append(names, markdown.CodeSpan(f.Name)+" ("+display.Sized(f.Size)+")")
	}
	if len(names) == 0 {
		return ""
	}
	return "\n📎 " + strings.Join(names, ", ")
}

// commandText is a command as it was typed.
func (p *Prompt) commandText() string {
	c := p.Event.Command
	return strings.TrimSpace(commandName(c) + " " + c.Text)
}

func commandName(c pipeline.ChatCommand) string {
	if c.Slash {
		return "/" + c.Name
	}
	return "!" + c.Name
}
