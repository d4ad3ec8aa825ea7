package mattermost

import (
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"path"
)

const (
	maxUpload      = 100 << 20 // the server's own default
	transferFactor = 4         // how much longer than other calls a file may take
)

// File describes an attachment. Name is what the sender called it: it may hold
// anything and is no path.
type File struct {
	ID        string `json:"id"`
	UserID    string `json:"user_id"`
	PostID    string `json:"post_id"`
	Name      string `json:"name"`
	Extension string `json:"extension"`
	Size      int64  `json:"size"` // bytes
	MimeType  string `json:"mime_type"`
}

// UploadFile stores a file for a post that is yet to be made; its id goes into
// NewPost.FileIDs, once. The content is read whole, at most 100 MiB; the server
// refuses an empty file. A repeat after a lost answer leaves a file that no post
// shows.
func (c *Client) UploadFile(ctx context.Context, channel, name string, content io.Reader) (File, error) {
	data, err := io.ReadAll(io.LimitReader(content, maxUpload+1))
	if err != nil {
		return File{}, fmt.Errorf("reading %q to upload it: %w", name, err)
	}
	if len(data) > maxUpload {
		return File{}, fmt.Errorf("uploading %q: more than %d bytes: %w", name, maxUpload, ErrTooLarge)
	}
	kind := mime.TypeByExtension(path.Ext(name))
	if kind == "" {
		kind = "application/octet-stream"
	}
	r := &request{method: http.MethodPost, path: []string{"files"}, body: data, mime: kind,
		query: url.Values{"channel_id": {channel}, "filename": {name}}, timeout: transferFactor * c.timeout}
	var answer struct {
		Files []File `json:"file_infos"`
	}
	if err := c.do(ctx, r, c.jsonInto(&answer)); err != nil {
		return File{}, err
	}
	if len(answer.Files) != 1 {
		return File{}, fmt.Errorf("mattermost: %s: expected one file in the answer, got %d", r.op(), len(answer.Files))
	}
	return answer.Files[0], nil
}

// DownloadFile writes a file's content to w and returns how many bytes it
// wrote. More than limit bytes is ErrTooLarge, with limit bytes written. A
// download that breaks off after it began to write is not repeated.
func (c *Client) DownloadFile(ctx context.Context, id string, w io.Writer, limit int64) (int64, error) {
	r := &request{method: http.MethodGet, path: []string{"files", id}, timeout: transferFactor * c.timeout}
	var n int64
	err := c.do(ctx, r, func(resp *http.Response) error {
		if resp.ContentLength > limit {
			return unusable{fmt.Errorf("file has %d bytes, at most %d are wanted: %w", resp.ContentLength, limit, ErrTooLarge)}
		}
		var err error
		n, err = io.Copy(w, io.LimitReader(resp.Body, limit))
		if err == nil && n == limit {
			err = atEnd(resp.Body, limit)
		}
		if err != nil && n > 0 {
			return unusable{err}
		}
		return err
	})
	return n, err
}

func atEnd(body io.Reader, limit int64) error {
	if more, _ := io.ReadFull(body, make([]byte, 1)); more > 0 {
		return unusable{fmt.Errorf("file has more than %d bytes: %w", limit, ErrTooLarge)}
	}
	return nil
}

// PostFiles describes the files of a post, for posts that came without metadata.
func (c *Client) PostFiles(ctx context.Context, postID string) ([]File, error) {
	var all []File
	err := c.get(ctx, &all, nil, "posts", postID, "files", "info")
	return all, err
}
