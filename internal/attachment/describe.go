package attachment

import (
	"context"

	"ctpipe/internal/mattermost"
	"ctpipe/pipeline"
)

// Describe describes the attachments of a post. Where the post came without
// their description the server is asked; what it does not tell stays a file
// without a name.
func (s *Store) Describe(ctx context.Context, p mattermost.Post) []pipeline.File {
	known := p.Metadata.Files
	if len(known) < len(p.FileIDs) {
		ctx, cancel := context.WithTimeout(ctx, lookupWait)
		defer cancel()
		if all, err := s.Chat.PostFiles(ctx, p.ID); err == nil {
			known = all
		} else {
			s.Log.Warn("the attachments of a post cannot be looked up", "post", p.ID, "err", err)
		}
	}
	byID := make(map[string]mattermost.File, len(known))
	for _, f := range known {
		byID[f.ID] = f
	}
	out := make([]pipeline.File, 0, len(p.FileIDs))
	for _, id := range p.FileIDs {
		f := byID[id]
		out = append(out, pipeline.File{ID: id, Name: f.Name, Size: f.Size, Mime: f.MimeType})
	}
	return out
}
