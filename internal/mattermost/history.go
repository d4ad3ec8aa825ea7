package mattermost

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strconv"
)

const (
	pageSize = 200 // the largest page the server gives
	// sinceRows is where the server cuts off an answer to ?since=, without
	// saying so and in no promised order; it ignores page and per_page then.
	sinceRows = 1000
)

// Thread fetches a thread by its root: root and replies, oldest first, each
// once. A deleted root is ErrNotFound.
func (c *Client) Thread(ctx context.Context, rootID string) ([]Post, error) {
	found := map[string]Post{}
	var query url.Values
	for {
		var page postList
		if err := c.get(ctx, &page, query, "posts", rootID, "thread"); err != nil {
			return nil, err
		}
		fresh := collect(found, page)
		posts := oldestFirst(found)
		if !page.HasNext || fresh == 0 {
			return slices.DeleteFunc(posts, func(p Post) bool { return p.DeleteAt > 0 }), nil
		}
		last := posts[len(posts)-1]
		query = url.Values{"perPage": {strconv.Itoa(pageSize)}, "direction": {"down"},
			"fromPost": {last.ID}, "fromCreateAt": {strconv.FormatInt(last.CreateAt, 10)}}
	}
}

// Changes is what happened in a channel since some moment.
type Changes struct {
	// Posts are new, edited, pinned, reacted to, or the root of a thread that
	// got a reply; oldest first. Reactions are in their metadata.
	Posts []Post
	// Deleted posts, without their text; oldest first. If very much happened
	// (1000 rows), deletions and changes of older posts may be missing.
	Deleted []Post
}

// PostsSince lists the posts of a channel that changed at or after a moment
// (milliseconds on the server's clock, as in Post.UpdateAt). New posts are
// complete however many there are. The rows that edits leave behind are left
// out. What was known before may come again: compare ids and UpdateAt.
func (c *Client) PostsSince(ctx context.Context, channel string, since int64) (Changes, error) {
	from := max(since-1, 1) // the server's comparison is strict
	var page postList
	query := url.Values{"since": {strconv.FormatInt(from, 10)}}
	if err := c.get(ctx, &page, query, "channels", channel, "posts"); err != nil {
		return Changes{}, err
	}
	found := map[string]Post{}
	if collect(found, page); len(found) >= sinceRows {
		if err := c.pageBack(ctx, channel, since, found); err != nil {
			return Changes{}, err
		}
	}
	return sortChanges(found), nil
}

// pageBack walks the channel from its newest post to the first that is older
// than since, by post and not by page number, which shifts under new posts.
func (c *Client) pageBack(ctx context.Context, channel string, since int64, found map[string]Post) error {
	query := url.Values{"per_page": {strconv.Itoa(pageSize)}}
	seen := map[string]Post{}
	for {
		var page postList
		if err := c.get(ctx, &page, query, "channels", channel, "posts"); err != nil {
			return err
		}
		if collect(seen, page) == 0 {
			return nil
		}
		oldest := page.Posts[page.Order[len(page.Order)-1]]
		for _, id := range page.Order {
			if p := page.Posts[id]; p.CreateAt >= since {
				found[p.ID] = p
			}
		}
		if oldest.CreateAt < since {
			return nil
		}
		query.Set("before", oldest.ID)
	}
}

// collect adds the posts that a page lists and counts those that were new. The
// order of a thread names the root twice, and newer servers send posts that
// they do not list.
func collect(found map[string]Post, page postList) (fresh int) {
	for _, id := range page.Order {
		p, sent := page.Posts[id]
		if _, known := found[id]; !known && sent {
			fresh++
			found[id] = p
		}
	}
	return fresh
}

func oldestFirst(found map[string]Post) []Post {
	posts := make([]Post, 0, len(found))
	for _, p := range found {
		posts = append(posts, p)
	}
	slices.SortFunc(posts, func(a, b Post) int {
		return cmp.Or(cmp.Compare(a.CreateAt, b.CreateAt), cmp.Compare(a.ID, b.ID))
	})
	return posts
}

func sortChanges(found map[string]Post) Changes {
	var ch Changes
	for _, p := range oldestFirst(found) {
		switch {
		case p.DeleteAt == 0:
			ch.Posts = append(ch.Posts, p)
		case p.Original == "":
			ch.Deleted = append(ch.Deleted, p)
		}
	}
	return ch
}
