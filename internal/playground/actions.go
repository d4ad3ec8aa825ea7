package playground

import "encoding/json"

const (
	version       = "5.37.0"
	serverVersion = version + ".5.38.0-playground.ctpipe.false"
)

// socketRequest is a client's frame.
type socketRequest struct {
	Seq    int64  `json:"seq"`
	Action string `json:"action"`
	Data   struct {
		Token     string `json:"token"`
		ChannelID string `json:"channel_id"`
		ParentID  string `json:"parent_id"`
	} `json:"data"`
}

// socketReply answers a client's frame; it takes no sequence number.
type socketReply struct {
	Status   string         `json:"status"`
	SeqReply int64          `json:"seq_reply,omitempty"`
	Data     map[string]any `json:"data,omitempty"`
	Error    *socketError   `json:"error,omitempty"`
}

type socketError struct {
	ID            string `json:"id"`
	Message       string `json:"message"`
	DetailedError string `json:"detailed_error"`
	StatusCode    int    `json:"status_code"`
}

// handle answers one frame; false hangs up.
func (c *conn) handle(req socketRequest) bool {
	s := c.s
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.owner == nil {
		if req.Action != "authentication_challenge" {
			return true // ignored until the client has said who it is
		}
		return s.welcome(c, req.Data.Token, encodeReply(socketReply{Status: "OK", SeqReply: req.Seq}))
	}
	if s.frozen {
		return true
	}
	c.enqueue(frame{data: encodeReply(c.answer(req))})
	return true
}

func (c *conn) answer(req socketRequest) socketReply {
	s := c.s
	fail := func(id, message string, status int) socketReply {
		return socketReply{Status: "FAIL", SeqReply: req.Seq, Error: &socketError{ID: id, Message: message, StatusCode: status}}
	}
	ok := socketReply{Status: "OK", SeqReply: req.Seq}
	switch {
	case req.Seq <= 0:
		return fail("api.web_socket_router.bad_seq.app_error", "Invalid sequence for WebSocket message.", 400)
	case s.accountByToken(c.token) == nil:
		// The real server writes the token into this message; no need to copy that.
		return fail("api.context.invalid_token.error", "Invalid session token=<redacted>, err=", 401)
	}
	switch req.Action {
	case "ping":
		ok.Data = map[string]any{"text": "pong", "version": version, "server_time": s.tick(), "node_id": ""}
	case "user_typing":
		if !isID(req.Data.ChannelID) || req.Data.ChannelID != s.channel.ID {
			return fail("api.websocket_handler.invalid_param.app_error", "Invalid channel_id parameter.", 400)
		}
		s.publish(typingEvent(c.owner.id, s.channel.ID, req.Data.ParentID), "")
	case "get_statuses":
		ok.Data = map[string]any{}
		for other := range s.conns {
			if other.owner != nil {
				ok.Data[other.owner.id] = "online"
			}
		}
	default:
		return fail("api.web_socket_router.bad_action.app_error", "Unknown WebSocket action.", 500)
	}
	return ok
}

func encodeReply(r socketReply) []byte {
	b, err := json.Marshal(r)
	if err != nil {
		return []byte(`{"status":"FAIL"}`)
	}
	return b
}
