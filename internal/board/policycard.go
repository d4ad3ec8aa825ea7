package board

import (
	"context"

	"ctpipe/pipeline"
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

// openCard is a card that waits for an owner.
type openCard struct {
	PolicyCard
	key      string          // of its post
	post     pipeline.PostID // "" before it is there
	answered bool            // or closed: no further answer counts
}

// book has the open policy cards, one for each revision, as plain data.
type book map[pipeline.Rev]*openCard

// open adds a card; an earlier one about the same revision is forgotten.
func (b book) open(c PolicyCard, key string) { b[c.Rev] = &openCard{PolicyCard: c, key: key} }

// close takes a revision's card out; nil where there is none.
func (b book) close(rev pipeline.Rev) *openCard {
	c := b[rev]
	if c != nil {
		c.answered = true
		delete(b, rev)
	}
	return c
}

// posted: a card's post exists now, or exists anew.
func (b book) posted(key string, post pipeline.PostID) {
	for _, c := range b {
		if c.key == key {
			c.post = post
		}
	}
}

// on is the open card that is this post, nil for any other post.
func (b book) on(post pipeline.PostID) *openCard {
	for _, c := range b {
		if post != "" && c.post == post {
			return c
		}
	}
	return nil
}

// posts are those of the open cards.
func (b book) posts() []pipeline.PostID {
	var out []pipeline.PostID
	for _, c := range b {
		if c.post != "" {
			out = append(out, c.post)
		}
	}
	return out
}

// first reports that an answer is the card's first, and thereby the one that
// counts.
func (c *openCard) first() bool {
	was := c.answered
	c.answered = true
	return !was
}
