package mattermost

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"

	"github.com/gorilla/websocket"
)

const opUpgrade = "websocket upgrade"

// connect makes one connection and serves it until it ends. proven says that
// the server accepted it.
func (l *listener) connect(ctx context.Context) (proven bool, err error) {
	k := &link{listener: l, resume: l.connID != "", greeted: make(chan struct{}), replies: make(chan Reply, 4)}
	if !k.resume {
		l.next = 0
	}
	if k.conn, err = l.dial(ctx); err != nil {
		return false, err
	}
	err = k.serve(ctx)
	return k.proven.Load(), err
}

// dial upgrades with the token in a header: the other way to authenticate, a
// challenge after the upgrade, can never resume.
func (l *listener) dial(ctx context.Context) (*websocket.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, l.timeout)
	defer cancel()
	dialer := socketDialer(l.http)
	stop := closeWith(ctx, dialer)
	conn, resp, err := dialer.DialContext(ctx, l.socketURL(), l.header())
	stop()
	switch {
	case err == nil:
		return conn, nil
	case resp != nil && errors.Is(err, websocket.ErrBadHandshake):
		defer resp.Body.Close()
		return nil, l.apiError(opUpgrade, resp)
	case errors.Is(err, os.ErrDeadlineExceeded) || ctx.Err() == context.DeadlineExceeded:
		err = fmt.Errorf("no answer within %s: %w", l.timeout, context.DeadlineExceeded)
	case ctx.Err() != nil:
		err = ctx.Err()
	}
	return nil, l.clean(fmt.Errorf("mattermost: %s: %w", opUpgrade, err))
}

// closeWith makes the end of ctx interrupt a handshake, which the dialer itself
// does only for deadlines. The returned function takes that back.
func closeWith(ctx context.Context, d *websocket.Dialer) (stop func()) {
	undo := func() bool { return true }
	dial := d.NetDialContext
	d.NetDialContext = func(inner context.Context, network, addr string) (net.Conn, error) {
		conn, err := dial(inner, network, addr)
		if err == nil {
			undo = context.AfterFunc(ctx, func() { conn.Close() })
		}
		return conn, err
	}
	return func() { undo() }
}

// socketDialer carries dialling, proxy and TLS settings over from the client
// for REST. Compression stays off: Mattermost has none.
func socketDialer(client *http.Client) *websocket.Dialer {
	d := &websocket.Dialer{Proxy: http.ProxyFromEnvironment, NetDialContext: (&net.Dialer{}).DialContext}
	transport, ok := client.Transport.(*http.Transport)
	if !ok {
		return d
	}
	d.Proxy = transport.Proxy
	if transport.DialContext != nil {
		d.NetDialContext = transport.DialContext
	}
	if transport.TLSClientConfig != nil {
		d.TLSClientConfig = transport.TLSClientConfig.Clone()
		d.TLSClientConfig.NextProtos = nil // a websocket is HTTP/1.1
	}
	return d
}

// socketURL maps http to ws and https to wss, and asks for what comes after the
// last event that was received.
func (l *listener) socketURL() string {
	address := "ws" + strings.TrimPrefix(l.base, "http") + "/api/v4/websocket"
	if l.connID == "" {
		return address
	}
	return address + "?" + url.Values{"connection_id": {l.connID}, "sequence_number": {strconv.FormatInt(l.next, 10)}}.Encode()
}
