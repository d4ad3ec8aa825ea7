package board

import (
	"context"
	"fmt"
	"log/slog"
	"sync"

	"ctpipe/internal/clock"
	"ctpipe/internal/mattermost"
	"ctpipe/internal/outbox"
	"ctpipe/internal/paginate"
	"ctpipe/pipeline"
)

// DeskConfig is what a PolicyDesk is made of.
type DeskConfig struct {
	Chat     outbox.Chat
	Clock    clock.Clock
	Log      *slog.Logger
	Me       string // the bot's user id
	Channel  string // the platform's own
	MaxRunes int    // of a post
	// Enqueue adds a task to the end of a lane that nobody else uses.
	Enqueue func(pipeline.Task) error
	// Answer says what an emoji answers; ok is false for one that is no answer.
	Answer func(emoji string) (yes, ok bool)
	// Person says who somebody is now.
	Person func(context.Context, pipeline.UserID) (Person, error)
	// Member reports, as an error, that somebody is not in a channel.
	Member func(ctx context.Context, channel string, id pipeline.UserID) error
	// Names are read for each card and each answer.
	Names func() Names
	// Clean takes credentials out of a text; Fit also keeps it within one post.
	Clean, Fit func(string) string
}

// PolicyDesk has a platform's posts about the policy itself: announcements, and
// the cards that owners answer. All methods are safe for concurrent use; only
// Missed and Wait block.
type PolicyDesk struct {
	cfg DeskConfig
	ctx context.Context

	mu    sync.Mutex
	boxes map[string]*outbox.Outbox // by channel
	cards book
}

// NewPolicyDesk makes a desk that posts until ctx ends.
func NewPolicyDesk(ctx context.Context, c DeskConfig) *PolicyDesk {
	return &PolicyDesk{cfg: c, ctx: ctx, boxes: map[string]*outbox.Outbox{}, cards: book{}}
}

// policyProps mark what is no thread of a session's: a reaction there acts on
// none.
var policyProps = map[string]any{"from_bot": "true"}

// Announce posts a line about the policy into a channel ("" is the platform's
// own), as soon as the chat can be reached.
func (d *PolicyDesk) Announce(channel, text string) {
	box := d.box(channel)
	for _, page := range paginate.Pages(d.cfg.Clean(text), d.cfg.MaxRunes) {
		key := fmt.Sprintf("announce %d", box.Serial())
		box.Put(key, outbox.Draft{Text: page, Props: policyProps})
		box.Seal(key)
	}
}

// Ask puts a card before the owners; a card about another revision is for Close
// to end. Where nobody could answer, it announces what to do instead.
func (d *PolicyDesk) Ask(card PolicyCard) {
	if !d.cfg.Names().anyOwner(card.Owners) {
		d.Announce(card.Channel, card.Text+"\n\nNobody can answer here, since `[reload] owners` names nobody: `ctpipe rules accept "+string(card.Rev)+"`")
		return
	}
	box := d.box(card.Channel)
	key := fmt.Sprintf("policy %d", box.Serial())
	d.mu.Lock()
	d.cards.open(card, key)
	d.mu.Unlock()
	box.Put(key, outbox.Draft{Text: d.cfg.Fit(card.Text + "\n\n👍 Put it in force | 👎 Keep the rules as they are"), Props: policyProps,
		Seeds: []string{"+1", "-1"}, Watched: true})
}

// Close ends the card about a revision, if there is one, and says on it what
// came of the save.
func (d *PolicyDesk) Close(rev pipeline.Rev, outcome string) {
	d.mu.Lock()
	c := d.cards.close(rev)
	d.mu.Unlock()
	if c == nil {
		return
	}
	box := d.box(c.Channel)
	box.Put(c.key, outbox.Draft{Text: d.cfg.Fit(outcome + "\n\n" + c.Text)})
	box.Seal(c.key)
}

// Reacted takes a reaction that was made on an open card, and reports whether
// it was.
func (d *PolicyDesk) Reacted(r mattermost.Reaction) bool {
	c := d.on(r.PostID)
	if c == nil || r.UserID == d.cfg.Me {
		return c != nil
	}
	yes, ok := d.cfg.Answer(r.Emoji)
	if !ok {
		return true
	}
	err := d.cfg.Enqueue(func(ctx context.Context) { d.answer(ctx, c, pipeline.UserID(r.UserID), yes) })
	if err != nil {
		d.cfg.Log.Warn("a reaction on a card about the rules is not run", "rev", c.Rev, "err", err)
	}
	return true
}

// Deleted makes a card anew that somebody deleted.
func (d *PolicyDesk) Deleted(post string) {
	if c := d.on(post); c != nil {
		d.box(c.Channel).Gone(c.key, pipeline.PostID(post))
	}
}

// Missed reads the reactions on open cards again, after a cut link.
func (d *PolicyDesk) Missed(ctx context.Context) {
	d.mu.Lock()
	posts := d.cards.posts()
	d.mu.Unlock()
	for _, post := range posts {
		found, err := d.cfg.Chat.Reactions(ctx, string(post))
		if err != nil {
			d.cfg.Log.Warn("the reactions on a card about the rules cannot be read", "post", post, "err", err)
		}
		d.early(found)
	}
}

// Wait returns when everything is posted, or ctx ends.
func (d *PolicyDesk) Wait(ctx context.Context) {
	d.mu.Lock()
	boxes := make([]*outbox.Outbox, 0, len(d.boxes))
	for _, box := range d.boxes {
		boxes = append(boxes, box)
	}
	d.mu.Unlock()
	for _, box := range boxes {
		box.Wait(ctx)
	}
}

// answer counts the first answer of an owner.
func (d *PolicyDesk) answer(ctx context.Context, c *openCard, id pipeline.UserID, yes bool) {
	by, err := d.owner(ctx, c, id)
	if err != nil {
		d.cfg.Log.Info("a reaction on a card about the rules does not count", "rev", c.Rev, "user", id, "err", err)
		return
	}
	d.mu.Lock()
	first := c.first()
	d.mu.Unlock()
	if !first {
		return
	}
	d.cfg.Log.Info("the held rules are answered", "rev", c.Rev, "user", by.ID, "yes", yes)
	d.Close(c.Rev, c.Answer(ctx, by, yes))
}

// owner is who reacted, if that counts: an active person of this server, in the
// card's channel now, and an owner by the policy in force.
func (d *PolicyDesk) owner(ctx context.Context, c *openCard, id pipeline.UserID) (pipeline.User, error) {
	p, err := d.cfg.Person(ctx, id)
	if err != nil {
		return p.User, err
	}
	if err := d.cfg.Names().owner(p, c.Owners); err != nil {
		return p.User, err
	}
	return p.User, d.cfg.Member(ctx, d.channel(c.Channel), id)
}

// box posts into a channel, outside of any thread.
func (d *PolicyDesk) box(channel string) *outbox.Outbox {
	channel = d.channel(channel)
	d.mu.Lock()
	defer d.mu.Unlock()
	if box := d.boxes[channel]; box != nil {
		return box
	}
	box := outbox.New(d.ctx, outbox.Config{Chat: d.cfg.Chat, Clock: d.cfg.Clock, Log: d.cfg.Log.With("channel", channel), Me: d.cfg.Me,
		Channel: channel, Limit: d.cfg.MaxRunes, Posted: d.posted,
		Ready: func(_ string, _ pipeline.PostID, found []mattermost.Reaction) { d.early(found) }})
	d.boxes[channel] = box
	return box
}

func (d *PolicyDesk) channel(id string) string {
	if id == "" {
		return d.cfg.Channel
	}
	return id
}

func (d *PolicyDesk) posted(post pipeline.PostID, key string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.cards.posted(key, post)
}

func (d *PolicyDesk) on(post string) *openCard {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.cards.on(pipeline.PostID(post))
}

// early takes reactions that nobody told of.
func (d *PolicyDesk) early(found []mattermost.Reaction) {
	for _, r := range found {
		d.Reacted(r)
	}
}
