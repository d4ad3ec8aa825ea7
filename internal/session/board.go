package session

import (
	"context"

	"ctpipe/internal/board"
	"ctpipe/internal/state"
	"ctpipe/internal/thread"
	"ctpipe/pipeline"
	"ctpipe/stages"
)

// What stands in the channel outside of any thread is package board's: here is
// what it is given, and what the host's users call.

func (h channel) newList() *board.List {
	return board.NewList(h.ctx, board.ListConfig{Chat: h.Chat, Clock: h.Clock, Log: h.Log, Me: h.Me.ID, Channel: h.Channel,
		Record:  listRecord{h.Host},
		Enqueue: h.lane("board"),
		Listing: h.listing,
		Rooted:  func(post pipeline.PostID) bool { return h.session(h.threadID(post)) != nil },
		Fit:     h.fit})
}

func (h channel) newPolicyDesk() *board.PolicyDesk {
	return board.NewPolicyDesk(h.ctx, board.DeskConfig{Chat: h.Chat, Clock: h.Clock, Log: h.Log, Me: h.Me.ID, Channel: h.Channel.ID, MaxRunes: h.MaxRunes,
		Enqueue: h.lane("policy"),
		Answer:  policyAnswer,
		Person:  h.policyPerson,
		Member:  h.people.MemberOf,
		Names: func() board.Names {
			set := h.settings()
			return board.Names{Allowed: set.Allowed, Groups: set.Groups}
		},
		Clean: h.clean,
		Fit:   h.fit})
}

// lane gives the way into a lane of the platform's own.
func (h channel) lane(name string) func(pipeline.Task) error {
	return func(t pipeline.Task) error { return h.Lanes.Enqueue(string(h.Platform)+"/"+name, t) }
}

// listed has the channel's list brought up to date, as soon as its pace allows.
func (h *Host) listed() { h.list.Changed() }

// Connected is called when the chat server is there: what the last ctpipe left
// in the channel is taken up.
func (h *Host) Connected() { h.list.Changed() }

// Announce posts a line about the policy into a channel ("" is the platform's
// own), as soon as the chat can be reached.
func (h *Host) Announce(channel, text string) { h.policy.Announce(channel, text) }

// AskPolicy puts a card before the policy's owners; a card about another
// revision is for ClosePolicy to end.
func (h *Host) AskPolicy(card board.PolicyCard) { h.policy.Ask(card) }

// ClosePolicy ends the card about a revision, if there is one, and says on it
// what came of the save.
func (h *Host) ClosePolicy(rev pipeline.Rev, outcome string) { h.policy.Close(rev, outcome) }

// policyAnswer is what an emoji says on a card about the policy.
func policyAnswer(emoji string) (yes, ok bool) {
	switch stages.Meaning(emoji) {
	case "approve", "allow_all":
		return true, true
	case "deny":
		return false, true
	}
	return false, false
}

func (h channel) policyPerson(ctx context.Context, id pipeline.UserID) (board.Person, error) {
	u, err := h.person(ctx, id, nil, thread.DecisionFor)
	if err != nil {
		return board.Person{User: u}, err
	}
	account, err := h.people.Account(ctx, id, accountFor)
	return board.Person{User: u, Remote: account.Remote()}, err
}

// listRecord is where the list's post is remembered; a host without a store
// forgets it.
type listRecord struct{ host *Host }

// Board gives what was saved last, or state.ErrNotFound.
func (r listRecord) Board(ctx context.Context) (state.Board, error) {
	if r.host.Store == nil {
		return state.Board{}, state.ErrNotFound
	}
	return r.host.Store.Board(ctx, r.host.Platform)
}

// SaveBoard remembers which post the list is.
func (r listRecord) SaveBoard(ctx context.Context, v state.Board) error {
	if r.host.Store == nil {
		return nil
	}
	return r.host.Store.SaveBoard(ctx, r.host.Platform, v)
}
