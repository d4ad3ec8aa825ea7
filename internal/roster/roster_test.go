package roster

import (
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ctpipe/internal/clock"
	"ctpipe/internal/mattermost"
	"ctpipe/internal/mattermost/chattest"
	"ctpipe/pipeline"
)

// town is a roster on a fake chat, under a policy that a test changes.
type town struct {
	*testing.T
	*Roster
	chat   *chattest.Chat
	policy Policy
	calls  map[string]int // of the server, by what is asked
	down   string         // what the server does not answer
}

func inTown(t *testing.T, p Policy, f func(w *town)) {
	synctest.Test(t, func(t *testing.T) {
		w := &town{T: t, chat: chattest.New("alice", "bob", "mallory"), policy: p, calls: map[string]int{}}
		var mu sync.Mutex
		w.chat.Fate = func(op string) chattest.Fate {
			mu.Lock()
			defer mu.Unlock()
			w.calls[op]++
			if op == w.down {
				return chattest.Fate{Err: errors.New("down")}
			}
			return chattest.Fate{}
		}
		w.Roster = New(Config{Chat: w.chat, Channel: chattest.ChannelID, Clock: clock.System{}, Log: slog.New(slog.DiscardHandler),
			Policy: func() Policy { return w.policy }})
		f(w)
	})
}

func (w *town) person(id pipeline.UserID, age time.Duration) pipeline.User {
	w.Helper()
	u, err := w.Person(w.Context(), id, nil, age)
	if err != nil {
		w.Fatal(err)
	}
	return u
}

func (w *town) change(id string, f func(*mattermost.User)) {
	w.chat.Mu.Lock()
	defer w.chat.Mu.Unlock()
	u := w.chat.Users[id]
	f(&u)
	w.chat.Users[id] = u
}

// TestRightsAreAnAccounts covers I3 and SEC-07: a name that changes hands moves
// no rights while the revision stands.
func TestRightsAreAnAccounts(t *testing.T) {
	inTown(t, Policy{Rev: "1", Allowed: []string{"Alice"}, Groups: map[string][]string{"ops": {"alice", "BOB"}, "dev": {"bob"}}}, func(w *town) {
		if u := w.person("u-alice", 0); !u.Allowed || !slices.Equal(u.Groups, []string{"ops"}) {
			t.Errorf("alice: %+v", u)
		}
		if u := w.person("u-bob", 0); u.Allowed || !slices.Equal(u.Groups, []string{"dev", "ops"}) {
			t.Errorf("bob: %+v", u)
		}
		w.change("u-alice", func(u *mattermost.User) { u.Username = "alice2" })
		w.change("u-mallory", func(u *mattermost.User) { u.Username = "alice" })
		if u := w.person("u-mallory", 0); u.Allowed || u.Groups == nil || len(u.Groups) != 0 {
			t.Errorf("mallory with alice's name: %+v", u)
		}
		if u := w.person("u-alice", 0); !u.Allowed || u.Name != "alice2" {
			t.Errorf("alice under another name: %+v", u)
		}
		w.policy.Rev = "2"
		if u := w.person("u-mallory", 0); !u.Allowed {
			t.Errorf("a new revision names whoever has the name then: %+v", u)
		}
	})
}

// TestWithoutAList: a policy without a list allows the active people of this
// server who are no guests.
func TestWithoutAList(t *testing.T) {
	inTown(t, Policy{Rev: "1"}, func(w *town) {
		for name, c := range map[string]struct {
			change func(*mattermost.User)
			want   bool
		}{
			"person":      {func(*mattermost.User) {}, true},
			"bot":         {func(u *mattermost.User) { u.IsBot = true }, false},
			"guest":       {func(u *mattermost.User) { u.Roles = "system_guest" }, false},
			"remote":      {func(u *mattermost.User) { u.RemoteID = "r" }, false},
			"deactivated": {func(u *mattermost.User) { u.DeleteAt = 1 }, false},
		} {
			w.change("u-bob", func(u *mattermost.User) {
				*u = mattermost.User{ID: "u-bob", Username: "bob"}
				c.change(u)
			})
			if got := w.person("u-bob", 0).Allowed; got != c.want {
				t.Errorf("%s: %v", name, got)
			}
		}
	})
}

// TestBelieved covers I7 and SEC-08: an answer is believed no longer than its
// reader says, and who cannot be looked up is nobody.
func TestBelieved(t *testing.T) {
	inTown(t, Policy{Rev: "1"}, func(w *town) {
		w.person("u-bob", time.Minute)
		w.change("u-bob", func(u *mattermost.User) { u.DeleteAt = 1 })
		time.Sleep(30 * time.Second)
		if !w.person("u-bob", time.Minute).Active || w.person("u-bob", 10*time.Second).Active {
			t.Error("the age of an answer does not count")
		}
		if u, err := w.Person(w.Context(), "u-nobody", nil, time.Minute); err == nil || u.ID != "" {
			t.Errorf("nobody: %+v %v", u, err)
		}
		if name, ok := w.Name("u-bob"); name != "bob" || !ok {
			t.Errorf("%q %v", name, ok)
		}
		if name, ok := w.Name("u-alice"); name != "" || ok {
			t.Errorf("never heard of: %q %v", name, ok)
		}
	})
}

// TestPersonHere: who owns a session and who is invited is the session's word,
// who is on duty the policy's, at the time of asking.
func TestPersonHere(t *testing.T) {
	inTown(t, Policy{Rev: "1", Groups: map[string][]string{"ops": {"bob"}}}, func(w *town) {
		w.policy.OnDuty = func(groups []string, unix int64) ([]string, bool) {
			if unix != w.Clock.Now().Unix() {
				t.Errorf("at %d", unix)
			}
			return append(groups, "rota"), true
		}
		u, err := w.Person(w.Context(), "u-bob", func(id pipeline.UserID) (bool, bool) { return id == "u-bob", true }, 0)
		if err != nil || !u.Owner || !u.Invited || !slices.Equal(u.Groups, []string{"ops", "rota"}) {
			t.Errorf("%+v %v", u, err)
		}
		if again := w.person("u-bob", time.Minute); again.Owner || again.Invited || len(again.Groups) != 2 {
			t.Errorf("elsewhere: %+v", again)
		}
	})
}

// TestPrepare: names that the server does not know are told, in any order of
// the policy; where it does not answer, nothing is decided for good.
func TestPrepare(t *testing.T) {
	inTown(t, Policy{Rev: "1"}, func(w *town) {
		next := Policy{Rev: "2", Allowed: []string{"zoe", "ALICE", "carol"}, Groups: map[string][]string{"a": {"carol", "Dave"}}}
		w.down = "users"
		if _, err := w.Prepare(w.Context(), next); err == nil {
			t.Error("a server that is down knows everybody")
		}
		w.down = ""
		missing, err := w.Prepare(w.Context(), next)
		if err != nil || !slices.Equal(missing, []string{"Dave", "carol", "zoe"}) {
			t.Errorf("%v %v", missing, err)
		}
		before := w.calls["users"]
		if _, err := w.Prepare(w.Context(), next); err != nil || w.calls["users"] != before {
			t.Errorf("asked again: %v", err)
		}
	})
}

// TestNamed covers I4: only what a name can look like is looked up.
func TestNamed(t *testing.T) {
	inTown(t, Policy{Rev: "1"}, func(w *town) {
		for name, want := range map[string]string{"alice": "u-alice", "Alice": "u-alice", "@alice": "", "carol": "", "\u0430lice": "", "": "", "a b": "", "-alice": ""} {
			u, found, err := w.Named(w.Context(), name)
			if err != nil || u.ID != want || found != (want != "") {
				t.Errorf("%q: %q %v %v", name, u.ID, found, err)
			}
		}
		w.down = "users"
		if _, found, err := w.Named(w.Context(), "alice"); err == nil || found {
			t.Error("found while the server is down")
		}
	})
}

// TestExists: what the server does not say may be somebody.
func TestExists(t *testing.T) {
	inTown(t, Policy{Rev: "1"}, func(w *town) {
		w.down = "users"
		if !w.Exists(w.Context(), "carol") {
			t.Error("nobody, though the server did not say")
		}
		w.down = ""
		if w.Exists(w.Context(), "carol") || !w.Exists(w.Context(), "alice") {
			t.Error("the server's word does not count")
		}
		before := w.calls["users"]
		if w.Exists(w.Context(), "carol") || w.calls["users"] != before {
			t.Error("asked again")
		}
		time.Sleep(namedFor)
		w.change("u-bob", func(u *mattermost.User) { u.Username = "carol" })
		if !w.Exists(w.Context(), "carol") {
			t.Error("believed for ever")
		}
	})
}

// TestGuestFact: the server is asked beside the event, never in its way, and an
// old answer is none.
func TestGuestFact(t *testing.T) {
	inTown(t, Policy{Rev: "1"}, func(w *town) {
		want := func(some, known bool) {
			t.Helper()
			if gotSome, gotKnown := w.GuestFact(w.Context()); gotSome != some || gotKnown != known {
				t.Errorf("some %v, known %v", gotSome, gotKnown)
			}
			synctest.Wait()
		}
		want(false, false)
		want(false, true)
		w.chat.Mu.Lock()
		w.chat.Users["u-gus"], w.chat.Members["u-gus"] = mattermost.User{ID: "u-gus", Roles: "system_guest"}, true
		w.chat.Mu.Unlock()
		want(false, true)
		time.Sleep(guestsFresh + time.Second)
		want(false, true) // and asks
		want(true, true)
		w.down = "stats"
		time.Sleep(guestsBelieved + time.Second)
		want(false, false)
	})
}
