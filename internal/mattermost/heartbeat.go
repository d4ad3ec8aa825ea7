package mattermost

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/gorilla/websocket"
)

const (
	// Silence is noticed after pingEvery + pongWait at the latest.
	pingEvery    = 30 * time.Second
	pongWait     = 15 * time.Second
	writeTimeout = 10 * time.Second
	// firstPing is for a connection without a hello; the server hangs up on a
	// refused token after 5 s, so an answer after that is proof of a resume.
	firstPing = 7 * time.Second
)

// beat is the connection's one writer. It asks for a sign of life from the
// server itself, not only from its socket: a server that has lost track of its
// connections still answers protocol pings.
func (k *link) beat(ctx context.Context, fail context.CancelCauseFunc) {
	timer := time.NewTimer(firstPing)
	defer timer.Stop()
	greeted := k.greeted
	var sent, waiting int64
	for {
		select {
		case <-ctx.Done():
			return
		case <-greeted:
			greeted = nil
			if waiting == 0 {
				timer.Reset(0)
			}
			continue
		case r := <-k.replies:
			if !r.OK && r.Status == http.StatusUnauthorized {
				fail(errSession)
				return
			}
			if r.To == waiting {
				waiting = 0
				timer.Reset(pingEvery)
			}
			continue
		case <-timer.C:
		}
		if err := k.overdue(waiting); err != nil {
			fail(err)
			return
		}
		sent++
		waiting = sent
		if err := k.ping(sent); errors.Is(err, websocket.ErrCloseSent) {
			return // whoever said goodbye ends the connection, and knows why
		} else if err != nil {
			fail(k.clean(fmt.Errorf("sending a ping: %w", err)))
			return
		}
		timer.Reset(pongWait)
	}
}

// overdue is the verdict when the timer fires.
func (k *link) overdue(waiting int64) error {
	switch {
	case !k.resume && !k.proven.Load():
		return errSilent
	case waiting != 0:
		return errNoPong
	}
	return nil
}

func (k *link) ping(seq int64) error {
	deadline := time.Now().Add(writeTimeout)
	if err := k.conn.WriteControl(websocket.PingMessage, nil, deadline); err != nil {
		return err
	}
	if err := k.conn.SetWriteDeadline(deadline); err != nil {
		return err
	}
	return k.conn.WriteJSON(map[string]any{"seq": seq, "action": "ping"})
}
