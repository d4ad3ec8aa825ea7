package playground

import (
	"encoding/json"
	"strings"
)

// event is one websocket event before it gets a sequence number.
type event struct {
	name    string
	data    map[string]any
	channel string // for the channel's members …
	user    string // … or for this user alone
	omit    string // but not for this one
	lossy   bool   // dropped first when a client is slow: typing, status, viewed
}

// jsonString encodes a value as the JSON string that stands inside an event.
func jsonString(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return "{}" // props came from JSON, so they go back into it
	}
	return string(b)
}

// encode gives the event up to its sequence number, which differs per connection.
func (e event) encode() []byte {
	var omit map[string]bool
	if e.omit != "" {
		omit = map[string]bool{e.omit: true}
	}
	b, err := json.Marshal(struct {
		Event     string         `json:"event"`
		Data      map[string]any `json:"data"`
		Broadcast any            `json:"broadcast"`
	}{e.name, e.data, struct {
		OmitUsers map[string]bool `json:"omit_users"`
		UserID    string          `json:"user_id"`
		ChannelID string          `json:"channel_id"`
		TeamID    string          `json:"team_id"`
	}{omit, e.user, e.channel, ""}})
	if err != nil {
		return []byte(`{"event":"` + e.name + `","data":{}`)
	}
	return b[:len(b)-1]
}

// wants reports whether the owner of a connection is meant. Deactivated users
// keep their socket and get nothing more.
func (e event) wants(a *account) bool {
	if a == nil || !a.active() || a.id == e.omit {
		return false
	}
	if e.user != "" {
		return a.id == e.user
	}
	return a.member
}

// publish queues an event for everyone it is for; the caller holds the lock.
// For the connections of author it returns channels that close once the event
// is written: a user's own posted event comes before the REST answer, as on the
// real server (measured there: 300 of 300).
func (s *Server) publish(e event, author string) []<-chan struct{} {
	if s.frozen {
		return nil
	}
	var head []byte
	var wait []<-chan struct{}
	for c := range s.conns {
		if !e.wants(c.owner) {
			continue
		}
		if head == nil {
			head = e.encode()
		}
		var wrote chan struct{}
		if author != "" && c.owner.id == author {
			wrote = make(chan struct{})
			wait = append(wait, wrote)
		}
		c.send(head, e.lossy, wrote)
	}
	return wait
}

// postedEvent is the event of a new post; testdata/ws-posted-*.json.
func (s *Server) postedEvent(p Post, a *account) event {
	data := map[string]any{
		"channel_display_name": s.channel.DisplayName, "channel_name": s.channel.Name, "channel_type": s.channel.Type,
		"post": jsonString(p), "sender_name": "@" + a.name, "set_online": true, "team_id": s.team.ID,
	}
	if strings.HasPrefix(p.Type, "system_") {
		data["sender_name"] = "System"
	} else if name, ok := p.Props["override_username"].(string); ok && p.Props["from_webhook"] == "true" {
		data["sender_name"] = "@" + name
	}
	if ids := s.mentioned(p.Message, a.id); len(ids) > 0 {
		data["mentions"] = jsonString(ids)
	}
	for _, f := range p.Metadata.Files {
		data["otherFile"] = "true"
		if strings.HasPrefix(f.MimeType, "image/") {
			data["image"] = "true"
		}
	}
	return event{name: "posted", data: data, channel: s.channel.ID}
}

func reactionEvent(name string, r Reaction, channel string) event {
	return event{name: name, data: map[string]any{"reaction": jsonString(r)}, channel: channel}
}

func typingEvent(user, channel, parent string) event {
	return event{name: "typing", data: map[string]any{"parent_id": parent, "user_id": user}, channel: channel, omit: user, lossy: true}
}

func statusEvent(user, status string) event {
	return event{name: "status_change", data: map[string]any{"status": status, "user_id": user}, user: user, lossy: true}
}
