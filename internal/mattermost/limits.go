package mattermost

import (
	"context"
	"net/url"
	"strconv"
	"time"
)

// defaultPostRunes is the limit of every server since 5.0 whose database was
// migrated.
const defaultPostRunes = 16383

// ServerLimits is what the server says about itself.
type ServerLimits struct {
	MaxPostRunes int           // Unicode code points of a message, not bytes
	MaxFileBytes int64         // of one upload; 0: not told
	TypingEvery  time.Duration // how often Typing makes sense; 0: not told
	SiteURL      string        // the address that the server itself puts into links
	Version      string        // "5.37.0"
}

// Limits asks the server for its limits. A value that is absent or makes no
// sense becomes the default (16383 runes) or 0.
func (c *Client) Limits(ctx context.Context) (ServerLimits, error) {
	var cfg struct {
		MaxPostSize string
		MaxFileSize string
		Typing      string `json:"TimeBetweenUserTypingUpdatesMilliseconds"`
		SiteURL     string
		Version     string
	}
	if err := c.get(ctx, &cfg, url.Values{"format": {"old"}}, "config", "client"); err != nil {
		return ServerLimits{}, err
	}
	return ServerLimits{
		MaxPostRunes: int(number(cfg.MaxPostSize, defaultPostRunes)),
		MaxFileBytes: number(cfg.MaxFileSize, 0),
		TypingEvery:  time.Duration(number(cfg.Typing, 0)) * time.Millisecond,
		SiteURL:      cfg.SiteURL,
		Version:      cfg.Version,
	}, nil
}

func number(text string, otherwise int64) int64 {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && n > 0 {
		return n
	}
	return otherwise
}
