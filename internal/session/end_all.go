package session

import (
	"context"

	"ctpipe/pipeline"
)

// endAll ends every session of every platform, also those that only a record is
// left of, and lets none start. Each thread gets the notice for so many
// sessions; so does the thread of root, if it has none.
func (h performer) endAll(ctx context.Context, root pipeline.PostID, notice func(sessions int) string) {
	hosts := h.Hosts
	if len(hosts) == 0 {
		hosts = Hosts{h.Platform: h.Host}
	}
	n := 0
	ends := make(map[*Host][]*Session, len(hosts))
	for _, other := range hosts {
		ends[other] = other.shut("⏹️ *ctpipe was shut down before this was answered*")
		n += len(ends[other])
	}
	text := notice(n)
	said := false
	for other, all := range ends {
		for _, s := range all {
			s.end(text)
			said = said || other == h.Host && s.Root == root
		}
		other.slots().buryRecords(context.WithoutCancel(ctx))
	}
	if !said {
		h.say(root, text)
	}
}
