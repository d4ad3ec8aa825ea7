package session

import (
	"context"
	"fmt"

	"ctpipe/internal/desk"
	"ctpipe/internal/intake"
	"ctpipe/pipeline"
)

// earlier lists what people wrote in a thread before a post, oldest first. What
// bots, webhooks, other programs and the server posted is not people's, and
// somebody who cannot be looked up is nobody.
func (s mail) earlier(ctx context.Context, post pipeline.PostID) ([]desk.Earlier, error) {
	h, root := s.host, s.Root
	ctx, cancel := context.WithTimeout(ctx, 2*lookupWait)
	defer cancel()
	posts, err := h.Chat.Thread(ctx, string(root))
	if err != nil {
		return nil, fmt.Errorf("reading the thread of post %s: %w", root, err)
	}
	var out []desk.Earlier
	for _, p := range posts {
		if p.ID == string(post) {
			return out, nil
		}
		if p.UserID == h.Me.ID || intake.Origin(p) != "person" || p.Message == "" && len(p.FileIDs) == 0 {
			continue
		}
		if h.delivered.Held(pipeline.PostID(p.ID)) {
			continue // nobody let it in; it does not come in with the others
		}
		u, err := h.person(ctx, pipeline.UserID(p.UserID), s.Session, accountFor)
		if err != nil || u.Bot {
			h.Log.Debug("an earlier post is left out", "post", p.ID, "err", err)
			continue
		}
		out = append(out, desk.Earlier{Name: u.Name, Text: intake.PastText(p.Message, len(p.FileIDs)), Stranger: !pipeline.TakesPart(u)})
	}
	return nil, fmt.Errorf("reading the thread of post %s: it does not hold post %s any more", root, post)
}

// historyOf is what stands before a message that comes with earlier ones.
func historyOf(earlier []desk.Earlier) string {
	past := make([]intake.Past, len(earlier))
	for i, p := range earlier {
		past[i] = intake.Past(p)
	}
	return intake.History(past)
}
