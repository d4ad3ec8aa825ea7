package command

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"ctpipe/pipeline"
)

// fake is a session and a host that note what is said and done.
type fake struct {
	log []string // what was said or done, in order

	busy     bool // a turn runs
	mode     pipeline.Mode
	grants   []Grant
	dir      string
	places   Places
	accounts map[string]pipeline.User // by name
	people   map[pipeline.UserID]pipeline.User
	members  map[pipeline.UserID]bool
	guests   map[string]pipeline.User
	down     error // what the chat server answers
	runs     string
	asked    string
	cards    []Card
	rules    *RulesState
	status   HostStatus
	session  SessionStatus
	ended    int // sessions that !kill ends
}

var (
	_ Session = asSession{}
	_ Host    = (*fake)(nil)
)

// base is when everything happens.
var base = time.Date(2026, 1, 14, 12, 0, 0, 0, time.UTC)

func (f *fake) did(format string, args ...any) { f.log = append(f.log, fmt.Sprintf(format, args...)) }

// run does a command as it was typed and gives what was said and done.
func (f *fake) run(text string, by pipeline.User, s Session) string {
	f.log = nil
	cmd, ok := Split(text)
	c, known := Find(cmd.Name)
	if !ok || !known {
		return "no command"
	}
	if s != nil {
		Locate(context.Background(), &cmd, Going{From: s.Dir(), Places: f.places, Log: slog.New(slog.DiscardHandler)})
	}
	switch e := c.Effect(Request{Command: cmd, By: by, Raise: pipeline.ModeAuto, Own: All}).(type) {
	case pipeline.Reply:
		return e.Text
	case pipeline.Prompt:
		return "to Claude: " + e.Text
	case pipeline.Control:
		c.Do(context.Background(), Call{By: e.By, Args: e.Args, Text: e.Text, Dir: e.Dir, Raise: e.Raise, Session: s, Host: f, Log: slog.New(slog.DiscardHandler)})
	}
	return strings.Join(f.log, "\n")
}

func (f *fake) Say(text string)    { f.log = append(f.log, text) }
func (f *fake) End(notice string)  { f.did("end: %s", notice) }
func (f *fake) Dir() string        { return f.dir }
func (f *fake) Grants() []Grant    { return slices.Clone(f.grants) }
func (f *fake) Now() time.Time     { return base }
func (f *fake) Places() Places     { return f.places }
func (f *fake) Cards() []Card      { return f.cards }
func (f *fake) Quit()              { f.did("quit") }
func (f *fake) Status() HostStatus { return f.status }

func (f *fake) Interrupt(notice string) bool {
	if f.busy {
		f.did("interrupt: %s", notice)
	}
	return f.busy
}

func (f *fake) SetMode(want, leave pipeline.Mode, notice string) ModeChange {
	c := ModeChange{From: f.mode, Refused: want.Rank() > f.mode.Rank() && want.Rank() > leave.Rank(), Same: want == f.mode}
	if !c.Refused && !c.Same {
		f.did("mode %s: %s", want, notice)
		f.mode = want
	}
	return c
}

func (f *fake) Revoke(ids []string, notice string) { f.did("revoke %v: %s", ids, notice) }
func (f *fake) GoTo(dir, notice, restarted string) {
	f.did("go to %s: %s (%s)", dir, notice, restarted)
}
func (f *fake) SkipWorktreePrompts(notice string)        { f.did("no prompts: %s", notice) }
func (f *fake) Model() (runs, asked string)              { return f.runs, f.asked }
func (f *fake) Prompt(p pipeline.Prompt)                 { f.did("to Claude: %s", p.Text) }
func (f *fake) Verbosity() string                        { return "fold" }
func (f *fake) SetVerbosity(style, notice string)        { f.did("style %s: %s", style, notice) }
func (f *fake) Explain(_ context.Context, e string)      { f.did("explain %q", e) }
func (f *fake) Invite(who, by pipeline.UserID, n string) { f.did("invite %s by %s: %s", who, by, n) }
func (f *fake) Uninvite(who pipeline.UserID, n string)   { f.did("uninvite %s: %s", who, n) }

func (f *fake) Person(_ context.Context, id pipeline.UserID) (pipeline.User, error) {
	u, ok := f.people[id]
	if !ok {
		return u, errors.New("no answer")
	}
	return u, nil
}

func (f *fake) Guest(name string) (pipeline.User, bool) {
	u, ok := f.guests[name]
	return u, ok
}

func (f *fake) SessionDirs(context.Context) ([]string, error) { return nil, f.down }

func (f *fake) Account(_ context.Context, name string) (pipeline.User, bool, error) {
	u, ok := f.accounts[name]
	return u, ok, f.down
}

func (f *fake) Member(_ context.Context, id pipeline.UserID) (bool, error) {
	return f.members[id], f.down
}

func (f *fake) Rules() (RulesState, bool) {
	if f.rules == nil {
		return RulesState{Rev: "abcdef123"}, false
	}
	return *f.rules, true
}

func (f *fake) EndAll(_ context.Context, notice func(int) string) {
	f.did("end all: %s", notice(f.ended))
}

// asSession is the fake with the session's own status.
type asSession struct{ *fake }

func (s asSession) Status() SessionStatus { return s.session }

// fakeCard is an open card; mute: nobody's answer counts.
type fakeCard struct {
	f               *fake
	id              string
	question, other bool
	mute            bool
}

func (c fakeCard) ID() string                     { return c.id }
func (c fakeCard) Question() bool                 { return c.question }
func (c fakeCard) JustOther(pipeline.UserID) bool { return c.other }

func (c fakeCard) Ballot(_ context.Context, by pipeline.User, meaning string) Ballot {
	if c.mute {
		c.f.did("%s may not %s %s", by.Name, meaning, c.id)
		return nil
	}
	return c
}

func (c fakeCard) Approve(context.Context) { c.f.did("approve %s", c.id) }
func (c fakeCard) ApproveInstead(_ context.Context, l string) {
	c.f.did("approve %s instead: %s", c.id, l)
}
func (c fakeCard) Deny(_ context.Context, reason string) { c.f.did("deny %s: %s", c.id, reason) }
