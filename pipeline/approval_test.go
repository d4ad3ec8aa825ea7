package pipeline

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

var (
	no      = false
	yes     = true
	owner   = User{ID: "o", Active: true, Owner: true}
	invited = User{ID: "i", Active: true, Invited: true}
	listed  = User{ID: "g", Active: true, Allowed: true}
	oncall  = User{ID: "c", Active: true, Groups: []string{"oncall"}}
	mallory = User{ID: "m", Active: true}
)

// A7, I6: who may answer an ask.
func TestAdmits(t *testing.T) {
	everybody := []string{"owner", "invited", "allowed", "oncall"}
	gone, bot, nobody := owner, listed, listed
	gone.Active, bot.Bot, nobody.ID = false, true, ""
	for _, c := range []struct {
		name       string
		terms      Terms
		user       User
		requesters []User
		want       bool
	}{
		{"owner", Terms{Approvers: []string{"owner"}}, owner, nil, true},
		{"invited is not owner", Terms{Approvers: []string{"owner"}}, invited, nil, false},
		{"invited", Terms{Approvers: []string{"invited"}}, invited, nil, true},
		{"allowed", Terms{Approvers: []string{"allowed"}}, listed, nil, true},
		{"owner is not on the list", Terms{Approvers: []string{"allowed"}}, owner, nil, false},
		{"group", Terms{Approvers: []string{"oncall"}}, oncall, nil, true},
		{"no group of that name", Terms{Approvers: []string{"core"}}, oncall, nil, false},
		{"stranger", Terms{Approvers: everybody}, mallory, nil, false},
		{"nobody named", Terms{}, owner, nil, false},
		{"deactivated", Terms{Approvers: everybody}, gone, nil, false},
		{"bot", Terms{Approvers: everybody}, bot, nil, false},
		{"lookup failed", Terms{Approvers: everybody}, nobody, nil, false},
		{"requester may by default", Terms{Approvers: everybody}, owner, []User{owner}, true},
		{"requester = true", Terms{Approvers: everybody, Requester: &yes}, owner, []User{owner}, true},
		{"requester = false", Terms{Approvers: everybody, Requester: &no}, owner, []User{listed, owner}, false},
		{"requester = false, another", Terms{Approvers: everybody, Requester: &no}, listed, []User{owner}, true},
		{"requester = false, unknown who", Terms{Approvers: everybody, Requester: &no}, listed, nil, false},
	} {
		if got := c.terms.Admits(c.user, c.requesters); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

// A7: a quorum counts distinct people.
func TestQuorum(t *testing.T) {
	two := Terms{Approvers: []string{"allowed", "owner"}, Quorum: 2}
	asker := []User{mallory}
	for _, c := range []struct {
		name      string
		terms     Terms
		approvals []User
		asked     []User
		want      string
	}{
		{"nobody", two, nil, asker, "0 of 2 from allowed or owner"},
		{"no quorum is one", Terms{Approvers: []string{"owner"}}, nil, asker, "0 of 1 from owner"},
		{"one", two, []User{owner}, asker, "1 of 2 from allowed or owner"},
		{"the same one twice", two, []User{owner, owner}, asker, "1 of 2 from allowed or owner"},
		{"two", two, []User{owner, listed}, asker, ""},
		{"one of two does not count", two, []User{owner, mallory}, asker, "1 of 2 from allowed or owner"},
		{"other: the requester alone", Terms{Approvers: []string{"owner"}, Other: true}, []User{owner}, []User{owner}, "somebody who did not ask for it"},
		{"other: one more", Terms{Approvers: []string{"owner", "allowed"}, Other: true}, []User{owner, listed}, []User{owner}, ""},
		{"other: nobody knows who asked", Terms{Approvers: []string{"owner"}, Other: true}, []User{owner}, nil, "who asked for it, which is unknown"},
	} {
		if got := c.terms.Missing(c.approvals, c.asked); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// Every asking vote must be satisfied; one person may satisfy several.
func TestUnmet(t *testing.T) {
	base := Terms{Approvers: []string{"allowed"}, TTL: time.Hour}
	asks := []Vote{
		{Verdict: Ask, By: "any"},
		{Verdict: Ask, By: "own", Terms: Terms{Approvers: []string{"owner"}, TTL: time.Minute}},
		{Verdict: Ask, By: "shadow", Shadow: true, Terms: Terms{Approvers: []string{"nobody"}, TTL: time.Second}},
		{Verdict: Allow, By: "allows"},
	}
	both := User{ID: "b", Active: true, Owner: true, Allowed: true}
	open := func(approvals ...User) (by string) {
		for _, v := range Unmet(asks, base, approvals, nil) {
			by += v.By + " "
		}
		return by
	}
	if got := open(); got != "any own " {
		t.Error(got)
	}
	if got := open(listed); got != "own " {
		t.Error(got)
	}
	if got := open(both) + open(listed, owner); got != "" {
		t.Error(got)
	}
	if !MayAnswer(asks, base, owner, nil) || MayAnswer(asks, base, mallory, nil) || MayAnswer(asks, base, User{ID: "n", Active: true, Groups: []string{"nobody"}}, nil) {
		t.Error("who may answer")
	}
	if d := Deadline(asks, base); d != time.Minute {
		t.Errorf("deadline %v", d)
	}
	if d := Deadline(asks[:1], Terms{}); d != 0 {
		t.Errorf("deadline %v with none given", d)
	}
}

// I7: rights that are gone at decision time take the approval along; nobody's
// approval can undo another's.
func TestApprovalsOnlyAdd(t *testing.T) {
	people := []User{owner, invited, listed, oncall, mallory}
	rapid.Check(t, func(t *rapid.T) {
		some := rapid.SliceOf(rapid.SampledFrom(people))
		terms := Terms{Approvers: rapid.SliceOf(rapid.SampledFrom([]string{"owner", "invited", "allowed", "oncall"})).Draw(t, "approvers"),
			Quorum: rapid.IntRange(0, 3).Draw(t, "quorum"), Requester: rapid.SampledFrom([]*bool{nil, &no, &yes}).Draw(t, "requester"),
			Other: rapid.Bool().Draw(t, "other")}
		asked, given := some.Draw(t, "asked"), some.Draw(t, "given")
		if terms.Missing(given, asked) == "" && terms.Missing(append(given, some.Draw(t, "more")...), asked) != "" {
			t.Fatal("one approval more was one too many")
		}
		for i := range given {
			given[i].Active = false
		}
		if terms.Missing(given, asked) == "" {
			t.Fatal("satisfied by nobody")
		}
	})
}
