package board

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ctpipe/internal/clock"
	"ctpipe/internal/mattermost"
	"ctpipe/internal/mattermost/chattest"
	"ctpipe/pipeline"
)

// office is a desk on a fake chat.
type office struct {
	*testing.T
	chat   *chattest.Chat
	desk   *PolicyDesk
	people map[pipeline.UserID]Person
	names  Names
	away   map[string]bool // who is in which channel no more: "channel/id"
}

func inOffice(t *testing.T, f func(o *office)) {
	synctest.Test(t, func(t *testing.T) {
		o := &office{T: t, chat: chattest.New("alice", "bob", "mallory"), away: map[string]bool{},
			names: Names{Allowed: []string{"alice"}, Groups: map[string][]string{"leads": {"bob"}, "later": {"nobody"}}},
			people: map[pipeline.UserID]Person{
				"u-alice":   {User: pipeline.User{ID: "u-alice", Name: "alice", Active: true, Allowed: true}},
				"u-bob":     {User: pipeline.User{ID: "u-bob", Name: "bob", Active: true, Groups: []string{"leads"}}},
				"u-mallory": {User: pipeline.User{ID: "u-mallory", Name: "mallory", Active: true}},
			}}
		ctx, stop := context.WithCancel(t.Context())
		log := slog.New(slog.DiscardHandler)
		lanes := pipeline.NewLanes(ctx, log)
		defer func() { stop(); lanes.Close() }()
		same := func(text string) string { return text }
		o.desk = NewPolicyDesk(ctx, DeskConfig{Chat: o.chat, Clock: clock.System{}, Log: log, Me: chattest.BotID, Channel: chattest.ChannelID, MaxRunes: 4000,
			Enqueue: func(t pipeline.Task) error { return lanes.Enqueue("policy", t) },
			Answer:  answerOf,
			Person:  o.person, Member: o.member, Names: func() Names { return o.names },
			Clean: same, Fit: same})
		f(o)
	})
}

func answerOf(emoji string) (yes, ok bool) {
	return emoji == "+1", emoji == "+1" || emoji == "-1"
}

func (o *office) person(_ context.Context, id pipeline.UserID) (Person, error) {
	p, ok := o.people[id]
	if !ok {
		return Person{}, errors.New("out of reach")
	}
	return p, nil
}

func (o *office) member(_ context.Context, channel string, id pipeline.UserID) error {
	if o.away[channel+"/"+string(id)] {
		return errors.New("not in the channel")
	}
	return nil
}

// asks puts a card before the owners and gives what was said and its post.
func (o *office) asks(rev, channel string, owners ...string) (said *[]string, post func() mattermost.Post) {
	o.Helper()
	said = &[]string{}
	o.desk.Ask(PolicyCard{Rev: pipeline.Rev(rev), Channel: channel, Text: "a save waits: " + rev, Owners: owners,
		Answer: func(_ context.Context, by pipeline.User, yes bool) string {
			word := "no by " + by.Name
			if yes {
				word = "yes by " + by.Name
			}
			*said = append(*said, word)
			return "done: " + word
		}})
	o.settle()
	return said, func() mattermost.Post { o.Helper(); return o.says("a save waits: " + rev) }
}

// says is the newest post with these words.
func (o *office) says(words string) mattermost.Post {
	o.Helper()
	o.chat.Mu.Lock()
	defer o.chat.Mu.Unlock()
	for i := len(o.chat.Posts) - 1; i >= 0; i-- {
		if p := o.chat.Posts[i]; strings.Contains(p.Message, words) {
			return *p
		}
	}
	o.Fatalf("no post says %q", words)
	return mattermost.Post{}
}

func (o *office) reacts(name, post, emoji string) {
	o.desk.Reacted(mattermost.Reaction{UserID: "u-" + name, PostID: post, Emoji: emoji})
	o.settle()
}

func (o *office) settle() { time.Sleep(2 * time.Second); synctest.Wait() }

// TestOwners: only an active person of this server who is in the card's channel,
// and an owner by the policy in force, decides, and only once (design 8.6, I3,
// I6, I7).
func TestOwners(t *testing.T) {
	changed := func(change func(*Person)) func(*office) {
		return func(o *office) {
			p := o.people["u-bob"]
			change(&p)
			o.people["u-bob"] = p
		}
	}
	for name, c := range map[string]struct {
		owners     []string
		who, emoji string
		change     func(*office)
		want       string
	}{
		"a group":             {owners: []string{"leads"}, who: "bob", emoji: "+1", want: "yes by bob"},
		"refused":             {owners: []string{"leads"}, who: "bob", emoji: "-1", want: "no by bob"},
		"allowed":             {owners: []string{"allowed"}, who: "alice", emoji: "+1", want: "yes by alice"},
		"one of two":          {owners: []string{"later", "allowed"}, who: "alice", emoji: "+1", want: "yes by alice"},
		"not in the group":    {owners: []string{"leads"}, who: "alice", emoji: "+1"},
		"not allowed":         {owners: []string{"allowed"}, who: "mallory", emoji: "+1"},
		"an emoji of no use":  {owners: []string{"leads"}, who: "bob", emoji: "tada"},
		"a stop":              {owners: []string{"leads"}, who: "bob", emoji: "x"},
		"deactivated":         {owners: []string{"leads"}, who: "bob", emoji: "+1", change: changed(func(p *Person) { p.Active = false })},
		"a guest":             {owners: []string{"leads"}, who: "bob", emoji: "+1", change: changed(func(p *Person) { p.Guest = true })},
		"a bot":               {owners: []string{"leads"}, who: "bob", emoji: "+1", change: changed(func(p *Person) { p.Bot = true })},
		"of another server":   {owners: []string{"leads"}, who: "bob", emoji: "+1", change: changed(func(p *Person) { p.Remote = true })},
		"not in the channel":  {owners: []string{"leads"}, who: "bob", emoji: "+1", change: func(o *office) { o.away[chattest.ChannelID+"/u-bob"] = true }},
		"in another, gone":    {owners: []string{"leads"}, who: "bob", emoji: "+1", change: func(o *office) { o.away["ops/u-bob"] = true }, want: "yes by bob"},
		"nobody can look up":  {owners: []string{"leads"}, who: "bob", emoji: "+1", change: func(o *office) { delete(o.people, "u-bob") }},
		"an owner of a later": {owners: []string{"later"}, who: "bob", emoji: "+1"},
		"nobody is named now": {owners: []string{"allowed"}, who: "alice", emoji: "+1", change: func(o *office) { o.names.Allowed = nil }},
	} {
		t.Run(name, func(t *testing.T) {
			inOffice(t, func(o *office) {
				said, post := o.asks("rev1", "", c.owners...)
				if c.change != nil {
					c.change(o)
				}
				o.reacts(c.who, post().ID, c.emoji)
				if got := strings.Join(*said, ", "); got != c.want {
					t.Fatalf("said %q, want %q", got, c.want)
				}
				if text := post().Message; c.want != "" && !strings.HasPrefix(text, "done: "+c.want) {
					t.Errorf("the card says\n%s", text)
				}
				o.reacts("bob", post().ID, "+1")
				o.reacts("bob", post().ID, "-1")
				if c.want != "" && len(*said) != 1 {
					t.Errorf("answered again: %q", *said)
				}
			})
		})
	}
}

// TestNobodyOwns: with nobody named there is no card, but what to do instead.
func TestNobodyOwns(t *testing.T) {
	inOffice(t, func(o *office) {
		o.names.Allowed = nil
		said, post := o.asks("rev1", "", "allowed")
		if p := post(); !strings.Contains(p.Message, "ctpipe rules accept rev1") || len(o.chat.Under[p.ID]) > 0 {
			t.Errorf("%s\n%v", p.Message, o.chat.Under[p.ID])
		}
		o.reacts("alice", post().ID, "+1")
		if len(*said) > 0 {
			t.Error("who is allowed because nobody is named decided:", *said)
		}
	})
}

// TestVoid: a card that was closed takes no answer, and says so; the same save
// can come again.
func TestVoid(t *testing.T) {
	inOffice(t, func(o *office) {
		said, post := o.asks("rev1", "", "allowed")
		o.desk.Close("rev1", "void: the files are others now")
		o.desk.Close("rev0", "nobody asked")
		o.settle()
		later, _ := o.asks("rev2", "", "allowed")
		o.reacts("alice", post().ID, "+1")
		if len(*said)+len(*later) > 0 || !strings.HasPrefix(post().Message, "void: ") {
			t.Errorf("said %q and %q on\n%s", *said, *later, post().Message)
		}
		again, card := o.asks("rev1", "", "allowed") // saved once more
		o.reacts("alice", card().ID, "+1")
		if len(*again) != 1 || len(*said) != 0 {
			t.Error("the save that came again cannot be answered")
		}
	})
}

// TestComesThrough: posts wait for a chat that is out of reach and are made
// once although an answer was lost; a card is made anew when it is deleted, and
// counts what was clicked while nobody told of it (SEC-05, SEC-06).
func TestComesThrough(t *testing.T) {
	inOffice(t, func(o *office) {
		tries := 0
		o.chat.Fate = func(op string) chattest.Fate {
			if op != "create" {
				return chattest.Fate{}
			}
			switch tries++; {
			case tries <= 3:
				return chattest.Fate{Err: errors.New("out of reach")}
			case tries == 4:
				return chattest.Fate{Lost: errors.New("the answer was lost")}
			}
			return chattest.Fate{}
		}
		o.desk.Announce("", "rules.toml → rev 1")
		said, post := o.asks("rev1", "", "allowed")
		ctx, cancel := context.WithTimeout(o.Context(), 5*time.Minute)
		defer cancel()
		o.desk.Wait(ctx)
		var texts []string
		for _, p := range o.chat.Posts {
			texts = append(texts, strings.SplitN(p.Message, "\n", 2)[0])
		}
		chattest.Want(t, texts, "rules.toml → rev 1", "a save waits: rev1")
		first := post().ID
		o.chat.Deletes(first)
		o.desk.Deleted(first)
		o.settle()
		second := post().ID
		if second == first {
			t.Fatal("a deleted card is not made anew")
		}
		o.chat.Mu.Lock()
		o.chat.Under[second] = append(o.chat.Under[second], mattermost.Reaction{UserID: "u-alice", PostID: second, Emoji: "+1"})
		o.chat.Mu.Unlock()
		o.desk.Missed(o.Context())
		o.settle()
		if len(*said) != 1 {
			t.Errorf("said %q", *said)
		}
	})
}

// TestNoCard: what happens under other posts is none of the desk's.
func TestNoCard(t *testing.T) {
	inOffice(t, func(o *office) {
		_, post := o.asks("rev1", "", "allowed")
		for who, want := range map[string]bool{post().ID: true, "other": false, "": false} {
			if got := o.desk.Reacted(mattermost.Reaction{UserID: chattest.BotID, PostID: who, Emoji: "+1"}); got != want {
				t.Errorf("a reaction on %q is the desk's: %v", who, got)
			}
		}
	})
}
