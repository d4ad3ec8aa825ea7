package session

import (
	"context"
	"strings"

	"ctpipe/internal/display"
	"ctpipe/internal/markdown"
	"ctpipe/internal/state"
	"ctpipe/pipeline"
)

// files is how a card names the files of a post.
func (p *prompt) files() string {
	var names []string
	for _, f := range p.event.Post.Files {
		names = append(names, markdown.CodeSpan(f.Name)+" ("+display.Sized(f.Size)+")")
	}
	if len(names) == 0 {
		return ""
	}
	return "\n📎 " + strings.Join(names, ", ")
}

// wanted is what somebody wants, as its card shows it, and whether that is all
// of it.
func (p *prompt) wanted() (head, body string, whole bool) {
	who, ev := "@"+zeroWidth+p.event.User.Name, p.event
	switch p.kind {
	case "start":
		var more []string
		for _, f := range [][2]string{{"in", ev.Start.Dir}, {"on branch", ev.Start.Branch}, {"with", ev.Start.Model}, {"in mode", string(ev.Start.Mode)}} {
			if f[1] != "" {
				more = append(more, f[0]+" "+markdown.CodeSpan(f[1]))
			}
		}
		return "🔒 **" + who + " wants to start a session** – needs approval:",
			quote(p.text, inputRunes) + "\n" + strings.Join(more, " ") + p.files(), runesWithin(p.text, inputRunes)
	case "command":
		text := p.command()
		return "🔒 **" + who + " wants to run** " + markdown.CodeSpan(commandName(ev.Command)) + " – needs approval:",
			markdown.Fence("", markdown.Visible(cutRunes(text, inputRunes))), runesWithin(text, inputRunes)
	}
	return "🔒 **" + who + " wants to send a message** – needs approval:",
		quote(p.text, inputRunes) + p.files(), runesWithin(p.text, inputRunes)
}

// command is a command as it was typed.
func (p *prompt) command() string {
	c := p.event.Command
	return strings.TrimSpace(commandName(c) + " " + c.Text)
}

func commandName(c pipeline.ChatCommand) string {
	if c.Slash {
		return "/" + c.Name
	}
	return "!" + c.Name
}

// invite lets somebody talk in this session, also after a restart.
func (s *Session) invite(id, by pipeline.UserID) {
	s.mu.Lock()
	s.invited[id] = true
	s.mu.Unlock()
	if s.host.Store == nil {
		return
	}
	s.save() // an invitation needs the session's record
	err := s.host.Lanes.Enqueue(string(s.thread)+"/state", func(ctx context.Context) {
		v := state.Invited{Session: s.id, User: id, By: by, At: s.host.Clock.Now()}
		if err := s.host.Store.Invite(context.WithoutCancel(ctx), v); err != nil {
			s.log.Warn("an invitation is not kept", "user", id, "err", err)
		}
	})
	if err != nil {
		s.log.Warn("an invitation is not kept", "user", id, "err", err)
	}
}
