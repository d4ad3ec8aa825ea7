package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"ctpipe/internal/mattermost"
	"ctpipe/internal/rules"
	"ctpipe/pipeline"
)

// connectWait bounds the first contact with a chat server.
const connectWait = 30 * time.Second

// contact is what the first contact with a chat server has found out.
type contact struct {
	platform pipeline.PlatformID
	client   *mattermost.Client
	me       mattermost.User
	channel  mattermost.Channel
	team     string // the team's name
	maxRunes int    // of a post
	log      *slog.Logger
}

// look finds out who the bot is and where it works.
func (c *contact) look(ctx context.Context, conf rules.Platform) (err error) {
	ctx, cancel := context.WithTimeout(ctx, connectWait)
	defer cancel()
	if c.me, err = c.client.Me(ctx); err != nil {
		return explainLink(err)
	}
	if conf.BotName != "" && !strings.EqualFold(c.me.Username, conf.BotName) {
		return fmt.Errorf("the token belongs to @%s, but bot_name is %q", c.me.Username, conf.BotName)
	}
	if c.channel, c.team, err = findChannel(ctx, c.client, conf.Channel); err != nil {
		return err
	}
	limits, err := c.client.Limits(ctx)
	c.maxRunes = limits.MaxPostRunes
	return err
}

// findChannel takes an id or team/name.
func findChannel(ctx context.Context, client *mattermost.Client, name string) (mattermost.Channel, string, error) {
	if team, channel, ok := strings.Cut(name, "/"); ok {
		t, err := client.TeamByName(ctx, team)
		if err != nil {
			return mattermost.Channel{}, "", fmt.Errorf("team %q: %w", team, err)
		}
		c, err := client.ChannelByName(ctx, team, channel)
		if err != nil {
			return mattermost.Channel{}, "", fmt.Errorf("channel %q: %w (is the bot a member?)", name, err)
		}
		return c, t.Name, nil
	}
	c, err := client.Channel(ctx, name)
	if err != nil {
		return mattermost.Channel{}, "", fmt.Errorf("channel %q: %w (is the bot a member?)", name, err)
	}
	team := ""
	if c.TeamID != "" {
		if t, err := client.Team(ctx, c.TeamID); err == nil {
			team = t.Name
		}
	}
	return c, team, nil
}

// explainLink says what to do about a refused or unreachable server.
func explainLink(err error) error {
	if errors.Is(err, mattermost.ErrUnauthorized) {
		return fmt.Errorf("the server refuses the bot's token: %w", err)
	}
	return err
}

// refusal reports an answer that asking again cannot change.
func refusal(err error) bool {
	var api *mattermost.APIError
	return errors.As(err, &api) && api.Status >= 400 && api.Status < 500 &&
		api.Status != http.StatusTooManyRequests && api.Status != http.StatusRequestTimeout && api.Status != http.StatusUnauthorized
}
