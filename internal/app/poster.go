package app

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/cenkalti/backoff/v5"

	"ctpipe/internal/mattermost"
	"ctpipe/internal/session"
)

// poster brings what is said about the policy to one chat: into the channel
// that [reload] announce names, or the platform's own. What is said comes in
// order, and waits while the chat is out of reach.
type poster struct {
	host *session.Host
	find func(ctx context.Context, name string) (mattermost.Channel, error)
	log  *slog.Logger
	jobs chan func(context.Context)

	known map[string]string // ids of channels by name; of run alone
}

// posterQueue is how much may wait for a chat that is out of reach.
const posterQueue = 64

// posterRetry is the longest pause between two looks for a channel.
const posterRetry = 30 * time.Second

func newPoster(c *chat) *poster {
	return &poster{host: c.host, log: c.log, jobs: make(chan func(context.Context), posterQueue), known: map[string]string{},
		find: func(ctx context.Context, name string) (mattermost.Channel, error) {
			found, _, err := findChannel(ctx, c.client, name)
			return found, err
		}}
}

// run works until ctx ends.
func (p *poster) run(ctx context.Context) {
	for {
		select {
		case job := <-p.jobs:
			job(ctx)
		case <-ctx.Done():
			return
		}
	}
}

// in does something with the channel of this name; "" is the platform's own.
func (p *poster) in(name string, do func(channel string)) {
	job := func(ctx context.Context) {
		id, err := p.channel(ctx, name)
		if err != nil {
			p.log.Error("[reload] announce names a channel that cannot be posted in", "channel", name, "err", err)
			return
		}
		do(id)
	}
	select {
	case p.jobs <- job:
	default:
		p.log.Error("the chat is out of reach for too long; something about the rules is not posted")
	}
}

func (p *poster) channel(ctx context.Context, name string) (string, error) {
	if name == "" {
		return "", nil
	}
	if id := p.known[name]; id != "" {
		return id, nil
	}
	pause := backoff.NewExponentialBackOff()
	pause.MaxInterval = posterRetry
	found, err := backoff.Retry(ctx, func() (mattermost.Channel, error) {
		ctx, cancel := context.WithTimeout(ctx, connectWait)
		defer cancel()
		c, err := p.find(ctx, name)
		if refusal(err) {
			err = backoff.Permanent(err)
		}
		return c, err
	}, backoff.WithBackOff(pause), backoff.WithMaxElapsedTime(0))
	if err != nil {
		return "", fmt.Errorf("looking for channel %q: %w", name, err)
	}
	p.known[name] = found.ID
	return found.ID, nil
}
