package session

import (
	"context"

	"ctpipe/pipeline"
)

// killCommand ends every session of every platform, also those that only a
// record is left of, and the program. What it ends does not resume.
func (h *Host) killCommand(c controlled) {
	h.Log.Warn("emergency shutdown", "user", c.e.By.ID)
	hosts := h.Hosts
	if len(hosts) == 0 {
		hosts = Hosts{h.Platform: h}
	}
	n := 0
	ends := make(map[*Host][]*Session, len(hosts))
	for _, other := range hosts {
		ends[other] = other.shut()
		n += len(ends[other])
	}
	root := c.r.Event.Thread.Root
	text := "🔴 **EMERGENCY SHUTDOWN** by " + c.by() + "\n" + counted(n, "session") + " ended; ctpipe stops. Nothing resumes."
	said := false
	for other, all := range ends {
		for _, s := range all {
			s.end(text)
			said = said || other == h && s.root == root
		}
		other.buryRecords(context.WithoutCancel(c.ctx))
	}
	if !said {
		h.say(root, text)
	}
	if h.Kill != nil {
		h.Kill()
	}
}

// shut lets nothing start any more, and gives the sessions that are left.
func (h *Host) shut() []*Session {
	h.mu.Lock()
	h.closed = true
	all := h.all()
	h.mu.Unlock()
	h.noStarts()
	h.unpark("⏹️ *ctpipe was shut down before this was answered*")
	return all
}

// nameOf is what a user is called, as last heard.
func (h *Host) nameOf(id pipeline.UserID) string {
	if name, ok := h.people.Name(id); ok {
		return name
	}
	return nobody
}
