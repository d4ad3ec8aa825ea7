package session

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ctpipe/internal/claude"
	"ctpipe/internal/command"
	"ctpipe/internal/journal"
	"ctpipe/internal/mattermost"
	"ctpipe/internal/mattermost/chattest"
	"ctpipe/internal/process"
	"ctpipe/pipeline"
)

// matrixRules let owners and guests run commands, as the shipped rules do.
const matrixRules = `
[[rule]]
id = "in-charge"
on = "command"
when = 'user.owner or user.invited'
then = "allow"
[[rule]]
id = "guests-answer"
on = "reaction"
when = 'user.owner or user.invited'
then = "allow"
[[rule]]
id = "not-for-strangers"
on = "command"
when = 'command.name == "cd"'
unless = 'user.owner or user.invited or user.allowed'
then = "deny"
why = "⚠️ Only {owner} may, not {user}"
`

// lacks fails where the thread shows the words.
func (w *world) lacks(root, words string) {
	w.Helper()
	if text := strings.Join(chattest.Messages(w.chat.Said(root)), "\n"); strings.Contains(text, words) {
		w.Errorf("the thread shows %q:\n%s", words, text)
	}
}

// joins adds an account to the server, and to the channel if member is set.
func (w *world) joins(u mattermost.User, member bool) {
	w.chat.Mu.Lock()
	defer w.chat.Mu.Unlock()
	w.chat.Users[u.ID] = u
	w.chat.Members[u.ID] = member
	if !member {
		delete(w.chat.Members, u.ID)
	}
}

// exits ends the agent on its own.
func (a *fakeAgent) exits(code int) { a.h.Exit(claude.Exit{Code: code}) }

// TestInvite covers I3, I4 and I8: only an account of this channel is invited,
// by its id; a look-alike name is refused with its code points.
func TestInvite(t *testing.T) {
	inWorld(t, matrixRules, func(w *world) {
		w.joins(mattermost.User{ID: "u-carol", Username: "carol", Roles: "system_user"}, true)
		w.joins(mattermost.User{ID: "u-away", Username: "away", Roles: "system_user"}, false)
		w.joins(mattermost.User{ID: "u-gone", Username: "gone", DeleteAt: 1}, true)
		w.joins(mattermost.User{ID: "u-robo", Username: "robo", IsBot: true}, true)
		root, a := w.opened()
		for name, want := range map[string]string{
			"@nobody": "There is no user @\u200bnobody", "@away": "is not in this channel", "@gone": "is deactivated", "@robo": "is a bot",
			"@bob": "takes part in this session already", "@alice": "takes part in this session already",
			"@саrоl": "`с` is U+0441", "@car\u200bol": "U+200B", "../carol": "is no user name",
		} {
			w.says("alice", root, "!invite "+name)
			w.shows(root, want)
		}
		w.says("carol", root, "let me in")
		w.says("alice", root, "!INVITE carol")
		w.shows(root, "✅ @\u200bcarol can now participate in this session (invited by @\u200balice)")
		w.says("carol", root, "hello all")
		if sent := a.sent(); !strings.Contains(strings.Join(sent, "\n"), "hello all") {
			t.Errorf("a guest's message did not reach Claude: %q", sent)
		}
		w.joins(mattermost.User{ID: "u-carol", Username: "carola", Roles: "system_user"}, true)
		w.joins(mattermost.User{ID: "u-eve", Username: "carol", Roles: "system_user"}, true)
		time.Sleep(time.Hour)
		w.says("eve", root, "I am carol too")
		if sent := a.sent(); strings.Contains(strings.Join(sent, "\n"), "I am carol too") {
			t.Error("a name that changed hands brought an invitation along")
		}
		w.says("carola", root, "still me") // posts as u-carola, who is nobody
		w.says("alice", root, "!stop")
		w.says("alice", root, "@claude-code again")
		if s := w.host.session(w.host.threadID(w.rootID(root))); s != nil && s.about.Invited["u-carol"] {
			t.Error("an invitation outlived its session")
		}
	})
}

// TestKick covers I8, SEC-15 and SEC-16: whoever is kicked has no vote and no
// grant any more; the owner and the listed cannot be kicked.
func TestKick(t *testing.T) {
	inWorld(t, matrixRules, func(w *world) {
		w.joins(mattermost.User{ID: "u-carol", Username: "carol", Roles: "system_user"}, true)
		root, a := w.opened()
		w.says("alice", root, "!kick @carol")
		w.shows(root, "⚠️ @\u200bcarol was not in this session")
		w.says("bob", root, "!kick @alice")
		w.shows(root, "⚠️ Cannot kick session owner @\u200balice")
		w.says("alice", root, "!kick @bob")
		w.shows(root, "⚠️ @\u200bbob is globally allowed and cannot be kicked from individual sessions")
		w.says("alice", root, "!invite @carol")
		s := w.host.session(w.host.threadID(w.rootID(root)))
		s.Lock()
		s.Desk.Grant("u-carol", s.host.Clock.Now())
		s.Desk.Grant("u-bob", s.host.Clock.Now())
		s.Unlock()
		w.says("alice", root, "!kick carol")
		w.shows(root, "🚫 @\u200bcarol removed from this session by @\u200balice")
		s.Lock()
		if len(s.Desk.Grants()) != 1 || s.Desk.Grants()[0].By != "u-bob" || s.about.Invited["u-carol"] {
			t.Errorf("grants %+v, invited %v", s.Desk.Grants(), s.about.Invited)
		}
		s.Unlock()
		w.says("carol", root, "me again")
		if sent := a.sent(); strings.Contains(strings.Join(sent, "\n"), "me again") {
			t.Errorf("who was kicked still talks to Claude: %q", sent)
		}
	})
}

// TestKickedVoteIsVoid covers I8: a vote of somebody who is kicked before the
// others have voted is gone.
func TestKickedVoteIsVoid(t *testing.T) {
	two := matrixRules + `
[[rule]]
id = "two"
on = "tool"
when = 'tool.name == "Bash"'
then = "ask"
quorum = 2
approvers = ["invited", "allowed"]
`
	inWorld(t, strings.Replace(two, `approvers = ["allowed"]`, `approvers = ["invited", "allowed"]`, 1), func(w *world) {
		w.joins(mattermost.User{ID: "u-carol", Username: "carol", Roles: "system_user"}, true)
		root, a := w.opened()
		w.says("alice", root, "!invite @carol")
		a.bash("t1", "touch x")
		w.settle()
		w.reacts("carol", w.card(root).ID, "+1")
		w.says("alice", root, "!kick @carol")
		w.reacts("bob", w.card(root).ID, "+1")
		if a.ask("k-t1").Allow {
			t.Error("the vote of somebody who was kicked counted")
		}
	})
}

// TestCd covers SEC-23, G3 and FUN-12: !cd goes below the roots only, with links
// followed, from the session's own directory, and begins a new conversation.
func TestCd(t *testing.T) {
	inWorld(t, matrixRules, func(w *world) {
		outside := t.TempDir()
		top := w.set.Dir
		for _, dir := range []string{"sub/deep", "other dir"} {
			if err := os.MkdirAll(filepath.Join(top, dir), 0o755); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(filepath.Join(top, "file"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(outside, filepath.Join(top, "out")); err != nil {
			t.Fatal(err)
		}
		root, a := w.opened()
		a.text(t, "m1", "hi")
		a.ends(t)
		w.settle()
		for path, want := range map[string]string{
			"nowhere": "❌ Directory does not exist: ", "file": "❌ Not a directory: ", "file/x": "❌ Not a directory: ",
			outside: "is outside the roots", "out": "is outside the roots", "..": "is outside the roots", "out/../../etc": "is outside the roots",
			"/etc/no-such-thing": "is outside the roots", "~bob": "❌ Directory does not exist: ", "~": "is outside the roots", ".": "already",
		} {
			w.says("alice", root, "!cd "+path)
			w.shows(root, want)
		}
		w.says("mallory", root, "!cd sub")
		w.shows(root, "⚠️ Only @\u200balice may, not @\u200bmallory")
		if n := len(w.agents.all); n != 1 {
			t.Fatalf("%d agents", n)
		}
		s := w.host.session(w.host.threadID(w.rootID(root)))
		s.Lock()
		s.Desk.Grant("u-alice", s.host.Clock.Now())
		old := s.process.Conversation
		s.Unlock()
		w.says("alice", root, "!cd sub")
		w.shows(root, "📂 **Working directory changed** to `")
		w.says("alice", root, "!cd deep")
		if n := len(w.agents.all); n != 3 || !w.agents.all[0].stopped || !w.agents.all[1].stopped {
			t.Fatalf("%d agents, the old ones stopped: %v", n, w.agents.all[0].stopped)
		}
		spec := w.agents.all[2].spec
		if want, _ := filepath.EvalSymlinks(filepath.Join(top, "sub", "deep")); spec.Dir != want || spec.Resume || spec.SessionID == old {
			t.Errorf("started with %+v, want %s and a new conversation", spec, want)
		}
		s.Lock()
		if len(s.Desk.Grants()) != 0 {
			t.Errorf("grants %+v", s.Desk.Grants())
		}
		s.Unlock()
		w.says("alice", root, "!cd ../../other dir")
		w.says("bob", root, "where are we?")
		w.reacts("bob", w.card(root).ID, "x") // what the thread holds is offered anew
		last := w.agents.all[len(w.agents.all)-1]
		if !strings.HasSuffix(last.spec.Dir, "other dir") || !strings.Contains(strings.Join(last.sent(), "\n"), "where are we?") {
			t.Errorf("in %s, got %q", last.spec.Dir, last.sent())
		}
	})
}

// TestCdThatNeverAnswers: a Claude that ends before it answered in its new
// directory has no conversation to take up; the next one begins anew (DATA-12).
func TestCdThatNeverAnswers(t *testing.T) {
	inKept(t, func(w *world) {
		if err := os.Mkdir(filepath.Join(w.set.Dir, "sub"), 0o755); err != nil {
			t.Fatal(err)
		}
		root, a := w.opened()
		a.text(t, "m1", "hi")
		a.ends(t)
		w.says("alice", root, "!cd sub")
		w.agents.all[1].exits(1)
		w.settle()
		w.says("alice", root, "go on")
		last := w.agents.all[len(w.agents.all)-1]
		if len(w.agents.all) != 3 || last.spec.Resume {
			t.Fatalf("%d agents, the last with %+v; %q", len(w.agents.all), last.spec, chattest.Messages(w.chat.Said(root)))
		}
		last.text(t, "m2", "here")
		last.ends(t)
		last.exits(1)
		w.settle()
		w.says("alice", root, "and on")
		if last = w.agents.all[len(w.agents.all)-1]; !last.spec.Resume {
			t.Errorf("a conversation that has begun is not resumed: %+v", last.spec)
		}
	})
}

// TestBareWordsAct covers FUN-15: stop, cancel and help act without a mark only as
// the whole message, and only where a session is.
func TestBareWordsAct(t *testing.T) {
	inWorld(t, "", func(w *world) {
		before := w.says("alice", "", "stop")
		w.lacks(before, "no session")
		root, a := w.opened()
		for _, text := range []string{"stop the server", "please stop", "help me", "`stop`", "> stop", "cancel."} {
			w.says("alice", root, text)
		}
		chattest.Want(t, a.sent(), "hello", "stop the server", "please stop", "help me", "`stop`", "> stop", "cancel.")
		w.says("alice", root, " Help ")
		w.shows(root, "**Available commands**")
		w.says("alice", root, "Cancel")
		w.shows(root, "🛑 **Session cancelled** by @\u200balice")
	})
}

// TestHelpAnywhere: !help answers everywhere, to everybody; other commands need a
// session or the bot's name, and a sentence that begins with one is no command.
func TestHelpAnywhere(t *testing.T) {
	inWorld(t, "[[rule]]\nid = 'help'\non = 'command'\nwhen = 'command.name == \"help\"'\nthen = 'allow'\n", func(w *world) {
		w.shows(w.says("mallory", "", "!help"), "**Available commands**")
		w.shows(w.says("alice", "", "@claude-code !status"), "**Sessions**")
		w.shows(w.says("alice", "", "@claude-code !stop"), "There is no session in this thread")
		for _, text := range []string{"!status", "!stop", "!help me find it", "!release-notes", "/context", "help"} {
			if got := w.chat.Said(w.says("alice", "", text)); len(got) != 0 {
				t.Errorf("%s outside a session: %q", text, chattest.Messages(got))
			}
		}
	})
}

// TestWhyOnACard: ❓ on a card, open or closed, and on a tool's line asks about
// the verdict it shows, once a minute.
func TestWhyOnACard(t *testing.T) {
	inWorld(t, "", func(w *world) {
		var asked []WhyQuery
		w.host.Why = func(_ context.Context, q WhyQuery) (string, error) {
			asked = append(asked, q)
			return "because of that", nil
		}
		root, a := w.opened()
		a.bash("t1", "touch x")
		w.settle()
		card := w.card(root)
		w.reacts("mallory", card.ID, "question")
		if len(asked) != 0 {
			t.Fatalf("a stranger asked: %+v", asked)
		}
		w.reacts("alice", card.ID, "question")
		w.reacts("bob", card.ID, "grey_question")
		if len(asked) != 1 || asked[0].Event == "" || asked[0].Thread != w.host.threadID(w.rootID(root)) {
			t.Fatalf("asked %+v", asked)
		}
		w.shows(root, "because of that")
		w.reacts("alice", card.ID, "+1")
		time.Sleep(2 * time.Minute)
		w.reacts("bob", card.ID, "question")
		if len(asked) != 2 || asked[1].Event != asked[0].Event {
			t.Fatalf("a closed card: %+v", asked)
		}
		a.says(t, `{"type":"assistant","message":{"id":"m1","model":"m","content":[{"type":"tool_use","id":"t1","name":"Bash","input":{"command":"touch x"}}]}}`)
		w.settle()
		line := w.chat.OfKind(root, "answer")
		w.reacts("alice", line[len(line)-1].ID, "question")
		if len(asked) != 3 || asked[2].Tool != "t1" {
			t.Errorf("a tool's line: %+v", asked)
		}
	})
}

// TestWhyWords: !why with and without an id, and what it says where there is
// nothing.
func TestWhyWords(t *testing.T) {
	inWorld(t, "", func(w *world) {
		var asked []string
		w.host.Why = func(_ context.Context, q WhyQuery) (string, error) {
			asked = append(asked, q.Event)
			if q.Event == "BROKEN" {
				return "", errors.New("/secret/path: no")
			}
			return "", journal.ErrNotFound
		}
		root, _ := w.opened()
		for _, text := range []string{"!why", "!why last", "!why 01ABC", "!why BROKEN"} {
			w.says("alice", root, text)
		}
		chattest.Want(t, asked, "", "", "01ABC", "BROKEN")
		w.shows(root, "Nothing has been decided in this thread yet")
		w.shows(root, "Nothing in this thread has that id")
		w.lacks(root, "/secret/path")
	})
}

// TestStatusAndRules: what they show, and that nothing in it is alive.
func TestStatusAndRules(t *testing.T) {
	inWorld(t, "", func(w *world) {
		w.host.Version = "1.2.3"
		w.host.Rules = func() command.RulesState {
			return command.RulesState{Rev: "abcdef123", Since: time.Now().Add(-2 * time.Hour), Rules: 7, Hooks: 1, Tests: 3, Change: "1 ask→allow",
				Refused: "fedcba", Stale: 3 * time.Minute, Errors: []string{"rules.toml:72:18: tool has no field \"comands\" @all"}, Circuits: []string{"oncall"}}
		}
		root, _ := w.opened()
		w.says("alice", root, "!status")
		for _, words := range []string{"ctpipe v1.2.3", "| **State** | running", "**Directory**", "| **Sessions** | 1 of 2 |", "what is on disk is not in force, for 3 min"} {
			w.shows(root, words)
		}
		w.says("alice", root, "!rules")
		for _, words := range []string{"`abcdef`", "7 rules · 1 hook · 3 tests", "1 ask→allow", "rules.toml:72:18", "oncall"} {
			w.shows(root, words)
		}
		w.lacks(root, " @all")
		w.host.Rules = func() command.RulesState {
			return command.RulesState{Rev: "abcdef", Refused: "fedcba", Held: []string{"rule x: ask→allow"}}
		}
		w.says("alice", root, "!rules")
		w.shows(root, "ctpipe rules accept fedcba")
		elsewhere := w.says("alice", "", "@claude-code !status")
		w.shows(elsewhere, "| **Sessions** | 1 of 2 |")
		w.lacks(elsewhere, "**Directory**")
	})
}

// TestKillEndsAll covers C2: the count is said, and every session ends.
func TestKillEndsAll(t *testing.T) {
	inWorld(t, "", func(w *world) {
		killed := 0
		w.host.Kill = func() { killed++ }
		one, _ := w.opened()
		two, _ := w.opened()
		w.says("mallory", one, "!kill")
		if killed != 0 {
			t.Fatal("a stranger ended everything")
		}
		w.says("alice", one, "!KILL")
		for _, root := range []string{one, two} {
			w.shows(root, "🔴 **EMERGENCY SHUTDOWN** by @\u200balice\n2 sessions ended")
		}
		if killed != 1 {
			t.Errorf("the program was ended %d times", killed)
		}
		for _, a := range w.agents.all {
			if !a.stopped {
				t.Error("an agent lives on")
			}
		}
	})
}

// TestKillEndsEveryPlatform covers C2: !kill on one platform ends the sessions of
// all of them.
func TestKillEndsEveryPlatform(t *testing.T) {
	inWorld(t, "", func(w *world) {
		o := w.host.Options
		o.Platform, o.Chat = "other", chattest.New("alice")
		other := New(w.Context(), o)
		s := newSession(other, other.thread("r1"), "s1")
		if _, err := other.slots().enter(s, 5); err != nil {
			t.Fatal(err)
		}
		w.host.Hosts = Hosts{"playground": w.host, "other": other}
		killed := 0
		w.host.Kill = func() { killed++ }
		root, _ := w.opened()
		w.says("alice", root, "!kill")
		w.shows(root, "2 sessions ended")
		if s.Lock(); s.process.Phase != process.Ended {
			t.Errorf("the session of the other platform is %s", s.process.Phase)
		}
		s.Unlock()
		if _, err := other.slots().enter(newSession(other, other.thread("r2"), "s2"), 5); err == nil || killed != 1 {
			t.Errorf("something starts after !kill (%v); ended %d times", err, killed)
		}
	})
}

// TestClaudesTextIsNoCommand covers C1 and SEC-24: what Claude, a subagent, a
// webhook or a quote says is never a command.
func TestClaudesTextIsNoCommand(t *testing.T) {
	inWorld(t, "", func(w *world) {
		killed := false
		w.host.Kill = func() { killed = true }
		root, a := w.opened()
		for i, text := range []string{"!kill", "!stop", "stop", "/clear", "!cd /"} {
			a.text(t, "m"+string(rune('a'+i)), text)
			a.says(t, `{"type":"assistant","parent_tool_use_id":"sub","message":{"id":"s%d","model":"m","content":[{"type":"text","text":%s}]}}`, i, quoted(text))
			w.chat.Mu.Lock()
			hook := *w.chat.Add("u-alice", root, text, map[string]any{"from_webhook": "true"})
			w.chat.Mu.Unlock()
			w.host.ears().receive(mattermost.Posted{Post: hook})
			w.settle()
		}
		w.says("alice", root, "> !kill\nwhat does this do?")
		w.says("alice", root, "say !stop to end it")
		if s := w.host.session(w.host.threadID(w.rootID(root))); killed || s == nil || s.process.Phase == process.Ended {
			t.Error("something that no person said ended the session")
		}
	})
}

// TestModel covers FUN-17: !model goes to Claude's own command, and the header
// names the model that runs once that has ended, not the one asked for; a
// Claude that is started later gets it too.
func TestModel(t *testing.T) {
	inKept(t, func(w *world) {
		root, a := w.opened()
		a.says(t, `{"type":"system","subtype":"init","session_id":%q,"model":"opus-9"}`, a.spec.SessionID)
		a.ends(t)
		w.says("alice", root, "!model")
		w.shows(root, "The model is `opus-9`.")
		for _, name := range []string{"@/etc/passwd", "-p", "a/../b", "x y"} {
			w.says("alice", root, "!model "+name)
		}
		chattest.Want(t, a.sent(), "hello")
		a.mu.Lock()
		a.control = map[string]json.RawMessage{"get_settings": json.RawMessage(`{"applied":{"model":"haiku-9"}}`)}
		a.mu.Unlock()
		w.says("alice", root, "!MODEL haiku")
		chattest.Want(t, a.sent(), "hello", "/model haiku")
		w.lacks(root, "haiku-9")
		a.ends(t)
		w.settle()
		if got := headRow(w.theHeader(root), "Model"); !strings.Contains(got, "haiku-9") {
			t.Error(got)
		}
		a.exits(1)
		w.settle()
		w.says("alice", root, "go on")
		if got := w.latest().spec.Model; got != "haiku-9" {
			t.Errorf("started again with %q", got)
		}
	})
}

// TestCommandsWithoutSession: a command that needs a session says so where there
// is none; as a reaction, what was meant to stop one says nothing.
func TestCommandsWithoutSession(t *testing.T) {
	inWorld(t, "", func(w *world) {
		for _, c := range command.All {
			if c.Do == nil || c.Anywhere {
				continue
			}
			for _, kind := range []pipeline.Kind{pipeline.KindCommand, pipeline.KindReaction} {
				root := pipeline.PostID(w.post("alice", "", "nothing for ctpipe"))
				w.settle()
				r := &pipeline.Run{Event: w.host.event(kind, root)}
				w.host.performer().obey(w.Context(), nil, r, pipeline.Control{What: c.Name, Args: make([]string, c.Needs)})
				w.settle()
				var want []string
				if kind == pipeline.KindCommand || !c.Quiet {
					want = []string{command.NoSession}
				}
				chattest.Want(t, chattest.Messages(w.chat.Said(string(root))), want...)
			}
		}
	})
}
