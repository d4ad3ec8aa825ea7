package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"

	"ctpipe/internal/mattermost"
	"ctpipe/internal/session"
)

// board brings what is said about the policy to one chat: into the channel
// that [reload] announce names, or the platform's own. What is said comes in
// order, and waits while the chat is out of reach.
type board struct {
	host *session.Host
	find func(ctx context.Context, name string) (mattermost.Channel, error)
	log  *slog.Logger
	jobs chan func(context.Context)

	mu    sync.Mutex
	known map[string]string // ids of channels by name
}

// boardQueue is how much may wait for a chat that is out of reach.
const boardQueue = 64

// boardRetry is the longest pause between two looks for a channel.
const boardRetry = 30 * time.Second

func newBoard(c *chat) *board {
	return &board{host: c.host, log: c.log, jobs: make(chan func(context.Context), boardQueue), known: map[string]string{},
		find: func(ctx context.Context, name string) (mattermost.Channel, error) {
			found, _, err := findChannel(ctx, c.client, name)
			return found, err
		}}
}

// run works until ctx ends.
func (b *board) run(ctx context.Context) {
	for {
		select {
		case job := <-b.jobs:
			job(ctx)
		case <-ctx.Done():
			return
		}
	}
}

// in does something with the channel of this name; "" is the platform's own.
func (b *board) in(name string, do func(channel string)) {
	job := func(ctx context.Context) {
		id, err := b.channel(ctx, name)
		if err != nil {
			b.log.Error("[reload] announce names a channel that cannot be posted in", "channel", name, "err", err)
			return
		}
		do(id)
	}
	select {
	case b.jobs <- job:
	default:
		b.log.Error("the chat is out of reach for too long; something about the rules is not posted")
	}
}

func (b *board) channel(ctx context.Context, name string) (string, error) {
	if name == "" {
		return "", nil
	}
	b.mu.Lock()
	id := b.known[name]
	b.mu.Unlock()
	if id != "" {
		return id, nil
	}
	pause := backoff.NewExponentialBackOff()
	pause.MaxInterval = boardRetry
	found, err := backoff.Retry(ctx, func() (mattermost.Channel, error) {
		ctx, cancel := context.WithTimeout(ctx, connectWait)
		defer cancel()
		c, err := b.find(ctx, name)
		if refusal(err) {
			err = backoff.Permanent(err)
		}
		return c, err
	}, backoff.WithBackOff(pause), backoff.WithMaxElapsedTime(0))
	if err != nil {
		return "", fmt.Errorf("looking for channel %q: %w", name, err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.known[name] = found.ID
	return found.ID, nil
}

// refusal reports an answer that asking again cannot change.
func refusal(err error) bool {
	var api *mattermost.APIError
	return errors.As(err, &api) && api.Status >= 400 && api.Status < 500 &&
		api.Status != http.StatusTooManyRequests && api.Status != http.StatusRequestTimeout && api.Status != http.StatusUnauthorized
}
