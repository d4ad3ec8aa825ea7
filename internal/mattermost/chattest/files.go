package chattest

import (
	"context"
	"fmt"
	"io"

	"ctpipe/internal/mattermost"
)

// UploadFile takes a file.
func (c *Chat) UploadFile(ctx context.Context, _, name string, content io.Reader) (got mattermost.File, err error) {
	data, err := io.ReadAll(content)
	if err != nil {
		return got, err
	}
	err = c.Meet(ctx, "upload", func() error {
		if len(data) == 0 {
			return Refusal(400, "api.file.upload_file.read_request.app_error")
		}
		c.n++
		got = mattermost.File{ID: fmt.Sprintf("f%d", c.n), Name: name, Size: int64(len(data))}
		c.Files[got.ID], c.Content[got.ID] = got, string(data)
		return nil
	})
	return got, err
}

// Attach gives a post of a person's files, as the server describes them.
func (c *Chat) Attach(post *mattermost.Post, files ...mattermost.File) {
	for _, f := range files {
		c.n++
		f.ID = fmt.Sprintf("f%d", c.n)
		if f.Extension != "" {
			c.Content[f.ID] = f.Extension // tests say the content there; a file without any is gone
		}
		f.Extension, f.Size = "", int64(len(c.Content[f.ID]))
		c.Files[f.ID] = f
		post.FileIDs = append(post.FileIDs, f.ID)
		post.Metadata.Files = append(post.Metadata.Files, f)
	}
}

// DownloadFile gives a file's content.
func (c *Chat) DownloadFile(ctx context.Context, id string, w io.Writer, limit int64) (n int64, err error) {
	err = c.Meet(ctx, "download "+id, func() error {
		text, ok := c.Content[id]
		switch {
		case !ok:
			return Refusal(404, "app.file_info.get.app_error")
		case int64(len(text)) > limit:
			return fmt.Errorf("%d bytes: %w", len(text), mattermost.ErrTooLarge)
		}
		written, err := io.WriteString(w, text)
		n = int64(written)
		return err
	})
	return n, err
}

// PostFiles are a post's files.
func (c *Chat) PostFiles(ctx context.Context, post string) (got []mattermost.File, err error) {
	err = c.Meet(ctx, "files", func() error {
		if p := c.Find(post); p != nil {
			for _, id := range append(c.Attached[p.ID], p.FileIDs...) {
				got = append(got, c.Files[id])
			}
		}
		return nil
	})
	return got, err
}

// Contents are the files of a post.
func (c *Chat) Contents(post string) []string {
	c.Mu.Lock()
	defer c.Mu.Unlock()
	var got []string
	for _, id := range c.Attached[post] {
		got = append(got, c.Content[id])
	}
	return got
}
