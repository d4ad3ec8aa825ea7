package board

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"ctpipe/internal/mattermost"
	"ctpipe/internal/mattermost/chattest"

	"pgregory.net/rapid"
)

// event is one thing that happens in a channel.
type event struct {
	What  string
	N     int
	Pause int // ms before the next
}

// mishap is what a bad server and a bad network do to one request; when they
// are used up, all goes well.
type mishap struct {
	Delay  int // ms
	Status int // 0: none
	Lost   bool
}

// TestListProperty covers STR-13 and STR-06: whatever people, sessions, the
// policy, the network and crashes do, there are never two lists for longer than
// it takes to see them, and in the end the channel has one list, below all other
// posts, which says what is; or none, where none is wanted.
func TestListProperty(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		events := rapid.SliceOfN(rapid.Custom(func(r *rapid.T) event {
			return event{What: rapid.SampledFrom([]string{"write", "write", "topic", "topic", "run", "switch", "delete", "crash", "full"}).Draw(r, "what"),
				N: rapid.IntRange(0, 3).Draw(r, "n"), Pause: rapid.SampledFrom([]int{0, 1, 300, 2000, 11000, 700000}).Draw(r, "pause")}
		}), 1, 25).Draw(r, "events")
		bad := rapid.SliceOfN(rapid.Custom(func(r *rapid.T) mishap {
			return mishap{Delay: rapid.SampledFrom([]int{0, 5, 900}).Draw(r, "delay"), Status: rapid.SampledFrom([]int{0, 0, 500, 403}).Draw(r, "status"), Lost: rapid.Bool().Draw(r, "lost")}
		}), 0, 30).Draw(r, "mishaps")
		var fault string
		inChannel(t, func(c *channel) { fault = c.play(events, bad) })
		if fault != "" {
			r.Fatal(fault)
		}
	})
}

// play returns what is wrong in the end, "" for nothing.
func (c *channel) play(events []event, bad []mishap) string {
	c.chat.Fate = func(op string) chattest.Fate {
		if len(bad) == 0 {
			return chattest.Fate{}
		}
		m := bad[0]
		bad = bad[1:]
		f := chattest.Fate{Delay: time.Duration(m.Delay) * time.Millisecond}
		switch {
		case m.Status != 0:
			f.Err = chattest.Refusal(m.Status, "down")
		case m.Lost && op == "create":
			f.Lost = chattest.LostAnswer()
		case m.Lost && op == "patch":
			f.Lost = chattest.ErrCut
		}
		return f
	}
	for i, e := range events {
		c.happens(e, i)
		time.Sleep(time.Duration(e.Pause) * time.Millisecond)
	}
	c.chat.Mu.Lock()
	bad = nil
	c.chat.Mu.Unlock()
	c.records(nil)
	c.wants(true)
	c.about("the end")
	c.runs(2)
	c.passes(5 * time.Minute)
	if fault := c.isTheOne(); fault != "" {
		return fault
	}
	c.wants(false)
	c.passes(time.Minute)
	if n := len(c.lists()); n != 0 {
		return fmt.Sprintf("switched off: %d lists", n)
	}
	return ""
}

func (c *channel) happens(e event, i int) {
	switch e.What {
	case "write":
		c.writes("")
	case "topic":
		c.about(fmt.Sprint("topic ", i))
	case "run":
		c.runs(e.N)
	case "switch":
		c.wants(e.N > 0)
	case "delete":
		for _, p := range c.lists() {
			c.chat.Deletes(p.ID)
			if e.N > 0 {
				c.list.Deleted(p.ID)
			}
		}
	case "crash":
		c.stop()
		c.starts()
		if e.N > 1 {
			c.list.Changed()
			c.passes(time.Second)
		}
		c.catchesUp()
		c.list.Changed()
	case "full":
		var err error
		if e.N > 1 {
			err = errors.New("disk full")
		}
		c.records(err)
	}
}

// catchesUp tells the list of every post, as a host does that has just started.
func (c *channel) catchesUp() {
	c.chat.Mu.Lock()
	var posts []mattermost.Post
	for _, p := range c.chat.Posts {
		posts = append(posts, *p)
	}
	c.chat.Mu.Unlock()
	for _, p := range posts {
		c.list.Posted(p)
	}
}

// records lets the notebook take what is saved, or not.
func (c *channel) records(fail error) {
	c.notebook.mu.Lock()
	defer c.notebook.mu.Unlock()
	c.notebook.fail = fail
}

func (c *channel) isTheOne() string {
	all := c.lists()
	if len(all) != 1 {
		return fmt.Sprintf("%d lists: %q", len(all), chattest.Messages(all))
	}
	a, err := c.list.aim(c.Context())
	if err != nil {
		return err.Error()
	}
	if all[0].Message != a.text {
		return fmt.Sprintf("the list says\n%s\nand shall say\n%s", all[0].Message, a.text)
	}
	c.chat.Mu.Lock()
	defer c.chat.Mu.Unlock()
	var last *mattermost.Post
	for _, p := range c.chat.Posts {
		if p.RootID == "" {
			last = p
		}
	}
	if last.ID != all[0].ID {
		return fmt.Sprintf("below the list stands %q", last.Message)
	}
	return ""
}
