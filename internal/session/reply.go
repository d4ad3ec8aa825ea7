package session

import (
	"strings"

	"ctpipe/internal/markdown"
	"ctpipe/pipeline"
)

// reply says what a stage, a rule or a hook has to say. In a rule's words
// {owner} is who started the session and {user} who the event is about: nobody
// is pinged by it.
func (h performer) reply(r *pipeline.Run, e pipeline.Reply) {
	if r.Event.Kind == pipeline.KindReaction && !h.refusals.First(r.Event.Post.ID, h.Clock.Now()) {
		return // who clicks on and off is told once
	}
	h.say(r.Event.Thread.Root, h.withNames(r.Event, e.Text))
}

func (h performer) withNames(ev *pipeline.Event, text string) string {
	if !strings.Contains(text, "{owner}") && !strings.Contains(text, "{user}") {
		return text
	}
	owner := "its owner"
	if id := ev.Session.Owner; id != "" {
		owner = markdown.Name(h.nameOf(id))
	}
	return strings.NewReplacer("{owner}", owner, "{user}", markdown.Name(ev.User.Name)).Replace(text)
}
