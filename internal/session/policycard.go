package session

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"ctpipe/internal/mattermost"
	"ctpipe/internal/outbox"
	"ctpipe/internal/paginate"
	"ctpipe/pipeline"
	"ctpipe/stages"
)

// PolicyCard asks the policy's owners about a save that lets more through. It
// is a post of its own in a channel, in no thread.
type PolicyCard struct {
	Rev     pipeline.Rev // what is asked about; a card is for one revision
	Channel string       // the channel's id; "": the platform's own
	Text    string       // what is asked, inert
	Owners  []string     // allowed, or groups: who may answer
	// Answer is called once, with the first owner who answers; what it returns
	// stands on the card from then on.
	Answer func(ctx context.Context, by pipeline.User, yes bool) (outcome string)
}

// policyDesk has a host's posts about the policy itself.
type policyDesk struct {
	mu    sync.Mutex
	boxes map[string]*outbox.Outbox // by channel
	cards map[pipeline.Rev]*policyCard
}

type policyCard struct {
	PolicyCard
	key    string          // of its post
	post   pipeline.PostID // "" before it is there
	closed bool
}

// Announce posts a line about the policy into a channel ("" is the platform's
// own), as soon as the chat can be reached.
func (h *Host) Announce(channel, text string) {
	box := h.policyBox(channel)
	for _, page := range paginate.Pages(h.clean(text), h.MaxRunes) {
		key := fmt.Sprintf("announce %d", box.Serial())
		box.Put(key, outbox.Draft{Text: page, Props: policyProps})
		box.Seal(key)
	}
}

// policyProps mark what is no thread of a session's: a reaction there acts on
// none.
var policyProps = map[string]any{"from_bot": "true"}

// AskPolicy puts a card before the owners; a card about another revision is
// for ClosePolicy to end.
func (h *Host) AskPolicy(card PolicyCard) {
	box := h.policyBox(card.Channel)
	c := &policyCard{PolicyCard: card, key: fmt.Sprintf("policy %d", box.Serial())}
	if !h.ownersKnown(card.Owners) {
		h.Announce(card.Channel, card.Text+"\n\nNobody can answer here, since `[reload] owners` names nobody: `ctpipe rules accept "+string(card.Rev)+"`")
		return
	}
	h.policy.mu.Lock()
	h.policy.cards[c.Rev] = c
	h.policy.mu.Unlock()
	box.Put(c.key, outbox.Draft{Text: h.fit(card.Text + "\n\n👍 Put it in force | 👎 Keep the rules as they are"), Props: policyProps,
		Seeds: []string{"+1", "-1"}, Watched: true})
}

// ClosePolicy ends the card about a revision, if there is one, and says on it
// what came of the save.
func (h *Host) ClosePolicy(rev pipeline.Rev, outcome string) {
	h.policy.mu.Lock()
	c := h.policy.cards[rev]
	if c != nil {
		c.closed = true
		delete(h.policy.cards, rev)
	}
	h.policy.mu.Unlock()
	if c == nil {
		return
	}
	box := h.policyBox(c.Channel)
	box.Put(c.key, outbox.Draft{Text: h.fit(outcome + "\n\n" + c.Text)})
	box.Seal(c.key)
}

// policyBox posts into a channel, outside of any thread. Close waits for it.
func (h *Host) policyBox(channel string) *outbox.Outbox {
	if channel == "" {
		channel = h.Channel.ID
	}
	h.policy.mu.Lock()
	defer h.policy.mu.Unlock()
	if box := h.policy.boxes[channel]; box != nil {
		return box
	}
	box := outbox.New(h.ctx, outbox.Config{Chat: h.Chat, Clock: h.Clock, Log: h.Log.With("channel", channel), Me: h.Me.ID,
		Channel: channel, Limit: h.MaxRunes, Posted: h.policyPosted,
		Ready: func(_ string, _ pipeline.PostID, early []mattermost.Reaction) {
			for _, r := range early {
				h.policyReaction(r)
			}
		}})
	if h.policy.boxes == nil {
		h.policy.boxes, h.policy.cards = map[string]*outbox.Outbox{}, map[pipeline.Rev]*policyCard{}
	}
	h.policy.boxes[channel] = box
	h.mu.Lock()
	h.boxes[h.threadID(pipeline.PostID("policy/"+channel))] = box
	h.mu.Unlock()
	return box
}

func (h *Host) policyPosted(post pipeline.PostID, key string) {
	h.policy.mu.Lock()
	defer h.policy.mu.Unlock()
	for _, c := range h.policy.cards {
		if c.key == key {
			c.post = post
		}
	}
}

// policyOn is the open card that is this post.
func (h *Host) policyOn(post string) *policyCard {
	h.policy.mu.Lock()
	defer h.policy.mu.Unlock()
	for _, c := range h.policy.cards {
		if post != "" && string(c.post) == post {
			return c
		}
	}
	return nil
}

// policyReaction takes a reaction that was made on a card about the policy, and
// reports whether it was.
func (h *Host) policyReaction(r mattermost.Reaction) bool {
	c := h.policyOn(r.PostID)
	if c == nil || r.UserID == h.Me.ID {
		return c != nil
	}
	m := stages.Meaning(r.Emoji)
	if m != "approve" && m != "allow_all" && m != "deny" {
		return true
	}
	err := h.Lanes.Enqueue(string(h.Platform)+"/policy", func(ctx context.Context) { h.answerPolicy(ctx, c, r, m != "deny") })
	if err != nil {
		h.Log.Warn("a reaction on a card about the rules is not run", "rev", c.Rev, "err", err)
	}
	return true
}

// policyDeleted makes a card anew that somebody deleted.
func (h *Host) policyDeleted(post string) {
	if c := h.policyOn(post); c != nil {
		h.policyBox(c.Channel).Gone(c.key, pipeline.PostID(post))
	}
}

// policyMissed reads the reactions of open cards again, after a cut link.
func (h *Host) policyMissed() {
	h.policy.mu.Lock()
	var posts []pipeline.PostID
	for _, c := range h.policy.cards {
		posts = append(posts, c.post)
	}
	h.policy.mu.Unlock()
	for _, post := range posts {
		found, err := h.Chat.Reactions(h.ctx, string(post))
		if err != nil && post != "" {
			h.Log.Warn("the reactions on a card about the rules cannot be read", "post", post, "err", err)
		}
		for _, r := range found {
			h.policyReaction(r)
		}
	}
}

// answerPolicy counts the first answer of an owner.
func (h *Host) answerPolicy(ctx context.Context, c *policyCard, r mattermost.Reaction, yes bool) {
	by, err := h.policyOwner(ctx, c, pipeline.UserID(r.UserID))
	if err != nil {
		h.Log.Info("a reaction on a card about the rules does not count", "rev", c.Rev, "user", r.UserID, "err", err)
		return
	}
	h.policy.mu.Lock()
	late := c.closed
	c.closed = true
	h.policy.mu.Unlock()
	if late {
		return
	}
	h.Log.Info("the held rules are answered", "rev", c.Rev, "user", by.ID, "yes", yes)
	h.ClosePolicy(c.Rev, c.Answer(ctx, by, yes))
}

// policyOwner is who reacted, if that counts: an active person of this server,
// in the card's channel now, and an owner by the policy in force.
func (h *Host) policyOwner(ctx context.Context, c *policyCard, id pipeline.UserID) (pipeline.User, error) {
	u, err := h.person(ctx, id, nil, decisionFor)
	if err != nil {
		return u, err
	}
	account, err := h.people.Account(ctx, id, accountFor)
	switch {
	case err != nil:
		return u, err
	case u.Bot || u.Guest || !u.Active || account.Remote():
		return u, errors.New("bots, guests and accounts that are not active or of this server never count")
	case !h.owns(u, c.Owners):
		return u, errors.New("not a policy owner")
	}
	channel := c.Channel
	if channel == "" {
		channel = h.Channel.ID
	}
	ctx, cancel := context.WithTimeout(ctx, lookupWait)
	defer cancel()
	if _, err := h.Chat.ChannelMember(ctx, channel, string(id)); err != nil {
		return u, fmt.Errorf("looking up whether user %s is in the channel: %w", id, err)
	}
	return u, nil
}

// owns: who is allowed only because nobody is named owns nothing.
func (h *Host) owns(u pipeline.User, owners []string) bool {
	return slices.ContainsFunc(owners, func(word string) bool {
		if word == "allowed" {
			return u.Allowed && len(h.settings().Allowed) > 0
		}
		return slices.Contains(u.Groups, word)
	})
}

// ownersKnown reports that somebody could answer at all.
func (h *Host) ownersKnown(owners []string) bool {
	set := h.settings()
	return slices.ContainsFunc(owners, func(word string) bool {
		if word == "allowed" {
			return len(set.Allowed) > 0
		}
		return len(set.Groups[word]) > 0
	})
}
