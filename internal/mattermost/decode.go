package mattermost

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// frame is one text message of the websocket: an event with its number on this
// connection, or the reply to a request.
type frame struct {
	Event Event // nil in a reply
	Seq   int64 // counts from 0 (hello) on each connection; replies have none
	Reply *Reply

	data json.RawMessage
}

// Reply answers a request that was sent over the websocket.
type Reply struct {
	To         int64 // number of the request
	OK         bool
	Status     int    // of a failure, as in HTTP
	ErrorID    string // of a failure
	ServerTime int64  // milliseconds; only in the answer to a ping
}

type envelope struct {
	Event     string          `json:"event"`
	Data      json.RawMessage `json:"data"`
	Broadcast broadcast       `json:"broadcast"`
	Seq       int64           `json:"seq"`
	Status    string          `json:"status"`
	SeqReply  int64           `json:"seq_reply"`
	Error     struct {
		ID     string `json:"id"`
		Status int    `json:"status_code"`
	} `json:"error"`
}

type broadcast struct {
	UserID    string `json:"user_id"`
	ChannelID string `json:"channel_id"`
	TeamID    string `json:"team_id"`
}

// decode reads one message of the websocket. It fails only if the message as a
// whole is neither an event nor a reply; an event of a known kind with contents
// that cannot be read becomes Other with Err.
func decode(message []byte) (frame, error) {
	var e envelope
	if err := json.Unmarshal(message, &e); err != nil {
		return frame{}, fmt.Errorf("decoding a websocket message: %w", err)
	}
	switch {
	case e.Event != "":
		return frame{Event: e.decode(), Seq: e.Seq, data: e.Data}, nil
	case e.Status != "":
		return frame{Reply: e.reply()}, nil
	}
	return frame{}, errors.New("decoding a websocket message: neither an event nor a reply")
}

func (e *envelope) reply() *Reply {
	r := &Reply{To: e.SeqReply, OK: e.Status == "OK", Status: e.Error.Status, ErrorID: e.Error.ID}
	var pong struct {
		ServerTime int64 `json:"server_time"`
	}
	if r.OK && json.Unmarshal(e.Data, &pong) == nil {
		r.ServerTime = pong.ServerTime
	}
	return r
}

func (e *envelope) decode() Event {
	known, ok := decoders[e.Event]
	if !ok {
		return e.other(nil)
	}
	event, err := known(e)
	if err != nil {
		return e.other(fmt.Errorf("reading a %s event: %w", e.Event, err))
	}
	return event
}

func (e *envelope) other(err error) Other {
	return Other{Name: e.Event, Data: e.Data, ChannelID: e.Broadcast.ChannelID, UserID: e.Broadcast.UserID, Err: err}
}

var decoders = map[string]func(*envelope) (Event, error){
	"hello":            decodeHello,
	"posted":           decodePosted,
	"post_edited":      decodeEdited,
	"post_deleted":     decodeDeleted,
	"reaction_added":   decodeReactionAdded,
	"reaction_removed": decodeReactionRemoved,
	"typing":           decodeTyping,
	"user_added":       decodeUserAdded,
	"user_removed":     decodeUserRemoved,
}

// nested is JSON that the server puts into JSON as a string.
type nested[T any] struct{ value T }

// UnmarshalJSON reads the string and then what is in it. Newer servers might
// send the object itself, which is accepted.
func (n *nested[T]) UnmarshalJSON(data []byte) error {
	if !bytes.HasPrefix(data, []byte{'"'}) {
		return json.Unmarshal(data, &n.value)
	}
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return err
	}
	if text == "" {
		return nil
	}
	return json.Unmarshal([]byte(text), &n.value)
}
