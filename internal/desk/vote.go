package desk

import (
	"slices"

	"ctpipe/pipeline"
)

// Vote is what somebody says about a prompt, by a reaction, by !approve or
// !deny, or by words. The reaction rules have said that theirs count.
type Vote struct {
	By      pipeline.User
	Meaning string // as a reaction's
	Added   bool   // false: taken back
	Words   string // of !deny: the reason; of an answer: the answer
	Spoken  bool   // in words: no reaction stands for it
	Edit    *Edit  // of !approve: what is to run instead
}

// Approves reports a vote for letting it happen.
func (v Vote) Approves() bool { return v.Meaning == "approve" || v.Meaning == "allow_all" }

// Ballot is somebody's approval on a card.
type Ballot struct {
	By     pipeline.UserID `json:"by"`
	Name   string          `json:"name,omitempty"`
	Spoken bool            `json:"spoken,omitempty"` // in words: no reaction stands for it
	ForAll bool            `json:"for_all,omitempty"`
}

// Approvers are who approved, in order.
func (p *Prompt) Approvers() []pipeline.UserID {
	ids := make([]pipeline.UserID, len(p.Votes))
	for i, b := range p.Votes {
		ids[i] = b.By
	}
	return ids
}

// ForAll are those of some people who approved for more than this once.
func (p *Prompt) ForAll(people []pipeline.User) []pipeline.User {
	return slices.DeleteFunc(slices.Clone(people), func(u pipeline.User) bool {
		return !slices.ContainsFunc(p.Votes, func(b Ballot) bool { return b.By == u.ID && b.ForAll })
	})
}

// Approve puts somebody's approval on a prompt; one who approved before adds to it.
func (d *Desk) Approve(id string, v Vote) {
	p := d.Get(id)
	if p == nil {
		return
	}
	at := slices.IndexFunc(p.Votes, func(b Ballot) bool { return b.By == v.By.ID })
	votes := slices.Clone(p.Votes)
	if at < 0 {
		at = len(votes)
		votes = append(votes, Ballot{By: v.By.ID})
	}
	b := &votes[at]
	b.Name = v.By.Name
	b.Spoken = b.Spoken || v.Spoken
	b.ForAll = b.ForAll || v.Meaning == "allow_all"
	p.Votes = votes
}

// Unvote takes somebody's approval off a prompt.
func (d *Desk) Unvote(id string, user pipeline.UserID) {
	if p := d.Get(id); p != nil {
		p.Votes = slices.DeleteFunc(slices.Clone(p.Votes), func(b Ballot) bool { return b.By == user })
	}
}

// OnlySpoken reports that somebody's approval was given in words.
func (p *Prompt) OnlySpoken(user pipeline.UserID) bool {
	return slices.ContainsFunc(p.Votes, func(b Ballot) bool { return b.By == user && b.Spoken })
}
