package board

import (
	"time"

	"ctpipe/internal/mattermost"
)

// The pace of the pinned list.
const (
	changeEvery = 10 * time.Second // one change of it, at most
	busyTick    = time.Minute      // its times grow older while sessions run,
	restTick    = 10 * time.Minute // and while none does
)

// action is what is to be done with the pinned post.
type action int

const (
	leave  action = iota
	edit          // the post gets the text
	remake        // what stands is taken away, and the text is posted anew
	remove        // what stands is taken away
)

// aim is what the channel shall show.
type aim struct {
	text   string
	live   bool // sessions run; with none, a list that is not there is not begun
	wanted bool // the policy has a list at all
}

// pinned is what is known of the pinned post, as plain data.
type pinned struct {
	post   string    // its id, "" while there is none
	text   string    // what the server has
	made   int64     // when the server made it, in its milliseconds
	newest int64     // the newest post of anybody at the channel's root since its making began
	found  bool      // what an earlier ctpipe left in the channel is known
	gone   bool      // somebody has deleted it
	next   time.Time // no change before
}

// below reports that somebody has posted below the list. A post of the same
// millisecond may be.
func (p *pinned) below() bool { return p.newest > 0 && p.newest >= p.made }

// decide says what is to be done for the channel to show the aim, and how long
// the list may then be left alone; 0: until something happens.
func (p *pinned) decide(a aim, now time.Time) (action, time.Duration) {
	if p.gone {
		p.post, p.gone = "", false
	}
	do := p.needed(a)
	if do != leave {
		p.next = now.Add(changeEvery)
	}
	switch {
	case do == remake:
		return do, busyTick
	case !a.wanted:
		return do, 0
	}
	return do, p.rest(a)
}

func (p *pinned) needed(a aim) action {
	switch {
	case !a.wanted && p.post == "", a.wanted && p.post == "" && !a.live:
		return leave
	case !a.wanted:
		return remove
	case p.post == "" || p.below():
		return remake
	case p.text == a.text:
		return leave
	}
	return edit
}

// rest is how long a list stays as it is while nothing happens.
func (p *pinned) rest(a aim) time.Duration {
	switch {
	case a.live:
		return busyTick
	case p.post != "":
		return restTick
	}
	return 0
}

// others notes a post of somebody else at the channel's root.
func (p *pinned) others(created int64) { p.newest = max(p.newest, created) }

// making: a post is on its way to the server. Until its id is known it may be
// there, so that it is looked for should nothing come of this.
func (p *pinned) making() { p.found, p.newest = false, 0 }

// stands: this is the one list of the channel.
func (p *pinned) stands(post mattermost.Post) {
	p.post, p.made, p.text = post.ID, post.CreateAt, post.Message
}
