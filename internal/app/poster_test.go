package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"ctpipe/internal/mattermost"
)

// posting is a poster whose chat answers as find says.
func posting(t *testing.T, find func(name string) (mattermost.Channel, error)) (*poster, *bytes.Buffer) {
	var log bytes.Buffer
	p := newPoster(&chat{log: slog.New(slog.NewTextHandler(&log, nil))})
	p.find = func(_ context.Context, name string) (mattermost.Channel, error) { return find(name) }
	return p, &log
}

// NET-08: what is said about the rules comes in order, and waits while the chat
// is out of reach; a channel is looked up once.
func TestPosterWaitsInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		began := time.Now()
		var looks atomic.Int32
		p, log := posting(t, func(name string) (mattermost.Channel, error) {
			if looks.Add(1); time.Since(began) < time.Hour {
				return mattermost.Channel{}, errors.New("out of reach")
			}
			return mattermost.Channel{ID: "id of " + name}, nil
		})
		said := make(chan string, 4)
		for i, name := range []string{"", "a/b", "", "a/b"} {
			p.in(name, func(channel string) { said <- fmt.Sprint(i, channel) })
		}
		go p.run(ctx)
		synctest.Wait()
		if got := <-said; got != "0" || len(said) > 0 {
			t.Errorf("before the chat is there: %q and %d more", got, len(said))
		}
		time.Sleep(59 * time.Minute)
		if n := looks.Load(); n > 59*60/10 {
			t.Errorf("%d looks in an hour", n)
		}
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		for _, want := range []string{"1id of a/b", "2", "3id of a/b"} {
			if got := <-said; got != want {
				t.Errorf("%q, want %q", got, want)
			}
		}
		if log.Len() > 0 {
			t.Errorf("the log is\n%s", log)
		}
	})
}

// A channel that the server refuses is told in the log, and what comes after it
// is posted; what does not fit is told too.
func TestPosterGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		p, log := posting(t, func(name string) (mattermost.Channel, error) {
			return mattermost.Channel{}, &mattermost.APIError{Op: "GET /channels/" + name, Status: 403}
		})
		done := 0
		p.in("a/b", func(string) { t.Error("posted where it must not be") })
		for range posterQueue {
			p.in("", func(string) { done++ })
		}
		go p.run(ctx)
		synctest.Wait()
		if done != posterQueue-1 {
			t.Errorf("%d of %d", done, posterQueue-1)
		}
		for _, want := range []string{"names a channel that cannot be posted in", "out of reach for too long"} {
			if strings.Count(log.String(), want) != 1 {
				t.Errorf("%q: the log is\n%s", want, log)
			}
		}
	})
}

// Only what asking again cannot change ends the search.
func TestRefusal(t *testing.T) {
	for status, want := range map[int]bool{400: true, 403: true, 404: true, 401: false, 408: false, 429: false, 500: false, 502: false} {
		if err := fmt.Errorf("wrapped: %w", &mattermost.APIError{Status: status}); refusal(err) != want {
			t.Errorf("%d: %v", status, !want)
		}
	}
	if refusal(errors.New("no route to host")) || refusal(nil) {
		t.Error("a refusal that no server gave")
	}
}
