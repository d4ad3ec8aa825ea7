package mattermost

import (
	"errors"
	"fmt"
	"time"
)

// StateKind says what became of the websocket.
type StateKind int

const (
	// Connected is the first connection of a Listen. What happened before it is
	// known to REST only.
	Connected StateKind = iota + 1
	// Resumed carries on the lost connection; nothing was missed.
	Resumed
	// Gap is a new connection after a lost one: events in between are gone, ask
	// PostsSince, and Reactions for the posts that wait for one.
	Gap
	// Lost says that there is no connection; another attempt follows after Retry,
	// unless Err is ErrTokenRefused.
	Lost
)

// String names the kind for logs.
func (k StateKind) String() string {
	switch k {
	case Connected:
		return "connected"
	case Resumed:
		return "resumed"
	case Gap:
		return "gap"
	case Lost:
		return "lost"
	}
	return fmt.Sprintf("StateKind(%d)", int(k))
}

// State is a change of the websocket. States and events reach the Handler in
// the order in which they happened.
type State struct {
	Kind         StateKind
	ConnectionID string        // the server's name for the connection; "" when Lost
	Attempt      int           // Lost: attempts that failed in a row
	Retry        time.Duration // Lost: pause before the next attempt
	Err          error         // Lost: why; never holds the token
	// Since is, after a Gap, a moment on the server's clock (milliseconds) before
	// which nothing was missed, with a margin; 0 if it is not known. It is made
	// for PostsSince.
	Since int64
}

// ErrTokenRefused ends Listen: the server says that the token is invalid,
// expired or revoked, or the account deactivated.
var ErrTokenRefused = errors.New("mattermost refuses the token: it is invalid, expired or revoked, or its account is deactivated")

// Why a connection was given up.
var (
	errSilent  = errors.New("no hello from the server")
	errNoPong  = errors.New("no answer to a ping")
	errSession = errors.New("the server refuses requests on this connection")
	errSlow    = errors.New("events were not handled fast enough")
	errNotJSON = errors.New("the server sent something that is no event")
)

type sequenceError struct{ want, got int64 }

func (e sequenceError) Error() string {
	return fmt.Sprintf("events missing or repeated: expected number %d, got %d", e.want, e.got)
}
