package mattermost

import (
	"cmp"
	"encoding/json"
	"errors"
)

var (
	errNoPost     = errors.New("no post with an id and an author in it")
	errNoReaction = errors.New("no reaction with a post, an account and an emoji in it")
	errNoUser     = errors.New("no account or no channel in it")
	errNoID       = errors.New("no connection id in it")
)

func decodeHello(e *envelope) (Event, error) {
	var data struct {
		ConnectionID  string `json:"connection_id"`
		ServerVersion string `json:"server_version"`
	}
	if err := json.Unmarshal(e.Data, &data); err != nil {
		return nil, err
	}
	if data.ConnectionID == "" {
		return nil, errNoID
	}
	return Hello(data), nil
}

func decodePosted(e *envelope) (Event, error) {
	var data struct {
		Post        nested[Post]     `json:"post"`
		Name        string           `json:"channel_name"`
		DisplayName string           `json:"channel_display_name"`
		Type        string           `json:"channel_type"`
		TeamID      string           `json:"team_id"`
		Sender      string           `json:"sender_name"`
		Mentions    nested[[]string] `json:"mentions"`
	}
	if err := json.Unmarshal(e.Data, &data); err != nil {
		return nil, err
	}
	return Posted{
		Post: data.Post.value, ChannelName: data.Name, ChannelDisplayName: data.DisplayName, ChannelType: data.Type,
		TeamID: data.TeamID, SenderName: data.Sender, Mentions: data.Mentions.value,
	}, data.Post.value.complete()
}

// complete refuses a post about which nothing could be decided.
func (p Post) complete() error {
	if p.ID == "" || p.UserID == "" || p.ChannelID == "" {
		return errNoPost
	}
	return nil
}

type postData struct {
	Post nested[Post] `json:"post"`
	By   string       `json:"delete_by"`
}

func (e *envelope) post() (postData, error) {
	var data postData
	if err := json.Unmarshal(e.Data, &data); err != nil {
		return data, err
	}
	return data, data.Post.value.complete()
}

func decodeEdited(e *envelope) (Event, error) {
	data, err := e.post()
	return Edited{Post: data.Post.value}, err
}

func decodeDeleted(e *envelope) (Event, error) {
	data, err := e.post()
	return Deleted{Post: data.Post.value, By: data.By}, err
}

func (e *envelope) reaction() (Reaction, error) {
	var data struct {
		Reaction nested[Reaction] `json:"reaction"`
	}
	if err := json.Unmarshal(e.Data, &data); err != nil {
		return Reaction{}, err
	}
	r := data.Reaction.value
	if r.PostID == "" || r.UserID == "" || r.Emoji == "" {
		return Reaction{}, errNoReaction
	}
	return r, nil
}

func decodeReactionAdded(e *envelope) (Event, error) {
	r, err := e.reaction()
	return ReactionAdded{Reaction: r, ChannelID: e.Broadcast.ChannelID}, err
}

func decodeReactionRemoved(e *envelope) (Event, error) {
	r, err := e.reaction()
	return ReactionRemoved{Reaction: r, ChannelID: e.Broadcast.ChannelID}, err
}

type userData struct {
	UserID    string `json:"user_id"`
	ChannelID string `json:"channel_id"`
	TeamID    string `json:"team_id"`
	ParentID  string `json:"parent_id"`
	RemoverID string `json:"remover_id"`
}

// user reads an event about an account in a channel. What is in the data and
// what in the broadcast depends on who is told: a removed account gets the
// channel in the data and itself in the broadcast, the members the reverse.
func (e *envelope) user() (userData, error) {
	var data userData
	if err := json.Unmarshal(e.Data, &data); err != nil {
		return data, err
	}
	data.UserID = cmp.Or(data.UserID, e.Broadcast.UserID)
	data.ChannelID = cmp.Or(data.ChannelID, e.Broadcast.ChannelID)
	if data.UserID == "" || data.ChannelID == "" {
		return data, errNoUser
	}
	return data, nil
}

func decodeTyping(e *envelope) (Event, error) {
	d, err := e.user()
	return Typing{UserID: d.UserID, ChannelID: d.ChannelID, RootID: d.ParentID}, err
}

func decodeUserAdded(e *envelope) (Event, error) {
	d, err := e.user()
	return UserAdded{UserID: d.UserID, ChannelID: d.ChannelID, TeamID: d.TeamID}, err
}

func decodeUserRemoved(e *envelope) (Event, error) {
	d, err := e.user()
	return UserRemoved{UserID: d.UserID, ChannelID: d.ChannelID, RemoverID: d.RemoverID}, err
}
