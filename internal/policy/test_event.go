package policy

import (
	"cmp"
	"encoding/json"
	"path"
	"slices"
	"strings"

	"ctpipe/internal/claude"
	"ctpipe/internal/rules"
	"ctpipe/pipeline"
)

// testTime is when a test happens that does not say when: a Wednesday at noon.
var testTime = pipeline.Time{Unix: 1768392000, RFC3339: "2026-01-14T12:00:00Z"}

// event is the event of a test, with everything filled in that the test leaves
// open. Whoever it does not name is a person on nobody's list.
func (c Case) event(file *rules.File) *pipeline.Event {
	ev := c.Event
	ev.ID = "test"
	if ev.Time == (pipeline.Time{}) {
		ev.Time = testTime
	}
	c.thread(&ev, file)
	c.session(&ev)
	if ev.Limits.Max == 0 {
		ev.Limits.Max = cmp.Or(file.Limits.MaxSessions, 5)
	}
	who := people{file: file, platform: ev.Thread.Platform}
	user := c.user(&ev, who)
	switch ev.Kind {
	case pipeline.KindTool:
		c.tool(&ev, who, user)
	case pipeline.KindShow:
		c.show(&ev)
	case pipeline.KindSession, pipeline.KindPolicy:
		ev.User = pipeline.User{}
	default:
		ev.User = user
		c.post(&ev)
	}
	ev.Unknown = slices.Clone(ev.Unknown)
	return &ev
}

func (c Case) thread(ev *pipeline.Event, file *rules.File) {
	t := &ev.Thread
	t.ID, t.Root, t.Channel = cmp.Or(t.ID, "test:root"), cmp.Or(t.Root, "root"), cmp.Or(t.Channel, "channel")
	t.ChannelName, t.Link = cmp.Or(t.ChannelName, "channel"), cmp.Or(t.Link, "https://chat.example.org/team/pl/root")
	if !t.DM {
		t.Team = cmp.Or(t.Team, "team")
	}
	if t.Platform == "" {
		t.Platform = "playground"
		if len(file.Platforms) > 0 {
			t.Platform = pipeline.PlatformID(file.Platforms[0].ID)
		}
	}
}

func (c Case) session(ev *pipeline.Event) {
	s := &ev.Session
	if ev.Kind == pipeline.KindStart && !c.has("session") {
		return // there is none yet
	}
	s.ID, s.State, s.Mode = cmp.Or(s.ID, "test"), cmp.Or(s.State, "running"), cmp.Or(s.Mode, pipeline.ModeDefault)
	s.Dir, s.Branch, s.Trigger = cmp.Or(s.Dir, testDir), cmp.Or(s.Branch, "main"), cmp.Or(s.Trigger, "human")
	s.Grants, s.Wrote = append([]string{}, s.Grants...), append([]string{}, s.Wrote...)
}

// people knows the names of a policy.
type people struct {
	file     *rules.File
	platform pipeline.PlatformID
}

// person is an active person of this name, in the groups and on the list where
// the policy names them.
func (p people) person(name string) pipeline.User {
	u := pipeline.User{ID: pipeline.UserID("id-" + strings.ToLower(name)), Name: name, Groups: []string{}, Active: true}
	for group, members := range p.file.AllGroups() {
		if named(members, name) {
			u.Groups = append(u.Groups, group)
		}
	}
	slices.Sort(u.Groups)
	allowed := p.allowed()
	u.Allowed = len(allowed) == 0 || named(allowed, name)
	return u
}

func (p people) allowed() []string {
	for _, conf := range p.file.Platforms {
		if conf.ID == string(p.platform) {
			return conf.AllowedUsers
		}
	}
	return p.file.Playground.AllowedUsers
}

func named(names []string, name string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) })
}

// user is the person of the test: what it gives, and the rest from the policy.
func (c Case) user(ev *pipeline.Event, who people) pipeline.User {
	given := ev.User
	u := who.person(cmp.Or(given.Name, "somebody"))
	u.ID = cmp.Or(given.ID, u.ID)
	u.Bot, u.Guest, u.Owner, u.Invited = given.Bot, given.Guest, given.Owner, given.Invited
	if u.Bot || u.Guest {
		u.Allowed = u.Allowed && len(who.allowed()) > 0
	}
	if c.has("user.active") {
		u.Active = given.Active
	}
	if c.has("user.allowed") {
		u.Allowed = given.Allowed
	}
	if c.has("user.groups") {
		u.Groups = given.Groups
	}
	owner := &ev.Session.Owner
	switch {
	case u.Owner && *owner == "":
		*owner = u.ID
	case *owner != "":
		*owner = who.person(string(*owner)).ID
		u.Owner = u.Owner || *owner == u.ID
	}
	ev.User = pipeline.User{}
	return u
}

func (c Case) tool(ev *pipeline.Event, who people, user pipeline.User) {
	t := &ev.Tool
	t.ID = "toolu_test"
	if !path.IsAbs(t.Cwd) {
		t.Cwd = path.Join(ev.Session.Dir, t.Cwd)
	}
	if input, err := json.Marshal(t.Input); err == nil {
		t.Hash = claude.Hash(t.Name, input, t.Cwd)
	}
	t.Requesters = []pipeline.User{user}
	if len(c.Requesters) > 0 && !c.has("user") {
		t.Requesters = nil
	}
	for _, name := range c.Requesters {
		u := who.person(name)
		u.Owner = u.ID == ev.Session.Owner
		if u.ID != user.ID {
			t.Requesters = append(t.Requesters, u)
		}
	}
}

func (c Case) show(ev *pipeline.Event) {
	s := &ev.Show
	s.What, s.Block = cmp.Or(s.What, "text"), cmp.Or(s.Block, "block")
	s.Bytes = cmp.Or(s.Bytes, len(s.Text))
	if s.Lines == 0 && s.Text != "" {
		s.Lines = strings.Count(strings.TrimSuffix(s.Text, "\n"), "\n") + 1
	}
	if !c.has("show.final") {
		s.Final = true
	}
}

// post fills in what came with a post, a start, a command or a reaction.
func (c Case) post(ev *pipeline.Event) {
	switch ev.Kind {
	case pipeline.KindStart:
		ev.Start.Mode, ev.Start.Dir = cmp.Or(ev.Start.Mode, pipeline.ModeDefault), cmp.Or(ev.Start.Dir, testDir)
		ev.Post.Text, ev.Post.Mention = cmp.Or(ev.Post.Text, ev.Start.Prompt), true
	case pipeline.KindCommand:
		c := &ev.Command
		c.Args, c.Text = append([]string{}, c.Args...), cmp.Or(c.Text, strings.Join(c.Args, " "))
		mark := "!"
		if c.Slash {
			mark = "/"
		}
		ev.Post.Text = cmp.Or(ev.Post.Text, strings.TrimSpace(mark+c.Name+" "+c.Text))
	case pipeline.KindReaction:
		ev.Reaction.Target = cmp.Or(ev.Reaction.Target, "tool")
		if !c.has("reaction.added") {
			ev.Reaction.Added = true
		}
	}
	ev.Post.ID, ev.Post.Origin = cmp.Or(ev.Post.ID, "post"), cmp.Or(ev.Post.Origin, "person")
	ev.Post.Files = append([]pipeline.File{}, ev.Post.Files...)
}
