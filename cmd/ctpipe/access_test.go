package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"ctpipe/internal/journal"
	"ctpipe/internal/playground"
	"ctpipe/pipeline"
)

// The people of the matrix. olga started every session and is not on the list
// any more; ian was invited to each; alice is on the list; mallory is a stranger.
var (
	roles   = []string{"O", "I", "G", "S"}
	playing = map[string]string{"O": "olga", "I": "ian", "G": "alice", "S": "mallory"}
)

// The cells of the matrix: what becomes of something that somebody does.
const (
	yes    = "yes"
	no     = "no"     // refused, and told so
	silent = "silent" // refused, and the thread shows nothing of it
	waits  = "waits"  // waits until somebody who may says yes
)

// access is one row of the matrix. Each cell does the row's own in a thread of
// its own, unless shared is set.
type access struct {
	row   string
	cells string // of O, I, G and S
	does  string // a post; {friend} is somebody nobody has invited, {guest} somebody who was
	emoji string // or a reaction, on the post that has all of the words
	on    []string
	opens string   // what olga says first
	told  string   // what a refusal says
	shows []string // what shows that it was done
	last  bool     // of the thread: what is allowed ends it
}

const onlyOwner = "Only @\u200bolga or allowed users can "

var matrix = []access{
	{row: "message to session", cells: "yes yes yes waits", does: "hello there"},
	{row: "!cd", cells: "yes no yes no", does: "!cd .", told: onlyOwner + "change the working directory", shows: []string{"is in"}},
	{row: "!invite", cells: "yes no yes no", does: "!invite @{friend}", told: onlyOwner + "invite others", shows: []string{"can now participate in this session (invited by"}},
	{row: "!kick", cells: "yes no yes no", does: "!kick @{guest}", told: onlyOwner + "kick others", shows: []string{"removed from this session by"}},
	{row: "!worktree list", cells: "yes yes yes silent", does: "!worktree list", shows: []string{"not a git repository"}},
	{row: "!worktree create", cells: "yes no yes no", does: "!worktree fix", told: onlyOwner + "manage worktrees", shows: []string{"not a git repository"}},
	{row: "!worktree switch", cells: "yes no yes no", does: "!worktree switch fix", told: onlyOwner + "manage worktrees", shows: []string{"not a git repository"}},
	{row: "!worktree remove", cells: "yes no yes no", does: "!worktree remove fix", told: onlyOwner + "manage worktrees", shows: []string{"not a git repository"}},
	{row: "!worktree off", cells: "yes no yes no", does: "!worktree off", told: onlyOwner + "manage worktrees", shows: []string{"prompts disabled"}},
	{row: "!permissions interactive", cells: "yes no yes no", does: "!permissions interactive", told: onlyOwner + "change permissions", shows: []string{"already interactive"}},
	{row: "!permissions bypass", cells: "yes no yes no", does: "!permissions bypass", told: onlyOwner + "change permissions", shows: []string{"Cannot upgrade to bypass"}},
	{row: "!verbosity", cells: "yes no yes silent", does: "!verbosity line", told: onlyOwner, shows: []string{"is now `line`"}},
	{row: "!model", cells: "yes no yes silent", does: "!model", told: onlyOwner, shows: []string{"The model"}},
	{row: "!model <name>", cells: "yes no yes silent", does: "!model opus", told: onlyOwner},
	{row: "/model <name>", cells: "yes no yes silent", does: "/model opus", told: onlyOwner},
	{row: "!stop", cells: "yes yes yes silent", does: "!stop", shows: []string{"Session cancelled"}, last: true},
	{row: "stop, the whole message", cells: "yes yes yes silent", does: "stop", shows: []string{"Session cancelled"}, last: true},
	{row: "!escape", cells: "yes yes yes silent", does: "!escape", shows: []string{"nterrupt"}},
	{row: "!context", cells: "yes yes yes silent", does: "!context"},
	{row: "!cost", cells: "yes yes yes silent", does: "!cost"},
	{row: "!compact", cells: "yes yes yes silent", does: "!compact"},
	{row: "/context", cells: "yes yes yes silent", does: "/context"},
	{row: "/cost", cells: "yes yes yes silent", does: "/cost"},
	{row: "/compact", cells: "yes yes yes silent", does: "/compact"},
	{row: "/clear", cells: "yes yes yes silent", does: "/clear"},
	{row: "/config, which no rule names", cells: "no no no silent", does: "/config", told: "Claude gets only those of its own commands that a rule names"},
	{row: "!help", cells: "yes yes yes yes", does: "!help", shows: []string{"**Available commands**"}},
	{row: "help, the whole message", cells: "yes yes yes yes", does: "Help", shows: []string{"**Available commands**"}},
	{row: "!release-notes", cells: "yes yes yes yes", does: "!release-notes", shows: []string{"Release Notes"}},
	{row: "!status", cells: "yes yes yes silent", does: "!status", shows: []string{"**Directory**"}},
	{row: "!rules", cells: "yes yes yes silent", does: "!rules", shows: []string{"in force since"}},
	{row: "!grants", cells: "yes yes yes silent", does: "!grants", shows: []string{"**Grants:** none"}},
	{row: "!revoke", cells: "yes yes yes silent", does: "!revoke", shows: []string{"no grant to revoke"}}, // a guest only their own; see TestGrantsListed
	{row: "!approve", cells: "no no yes silent", does: "!approve", told: "Only allowed users can answer for a tool call", shows: []string{"Nothing is waiting"}},
	{row: "!deny", cells: "no no yes silent", does: "!deny never", told: "Only allowed users can answer for a tool call", shows: []string{"Nothing is waiting"}},
	{row: "!why", cells: "yes yes yes silent", does: "!why", shows: []string{"event "}},
	{row: "❓ on a card", cells: "yes yes yes silent", opens: "run: touch why", emoji: "question", on: []string{"Permission requested", "touch why"}, shows: []string{"by default"}, last: true}, // once a minute
	{row: "tool permission 👍", cells: "silent silent yes silent", opens: "run: touch one", emoji: "+1", on: []string{"Permission requested", "touch one"}, shows: []string{"**Allowed** by"}, last: true},
	{row: "tool permission ✅", cells: "silent silent yes silent", opens: "run: touch all", emoji: "white_check_mark", on: []string{"Permission requested", "touch all"}, shows: []string{"**Allowed all** by"}, last: true},
	{row: "tool permission 👎", cells: "silent silent yes silent", opens: "run: touch two", emoji: "-1", on: []string{"Permission requested", "touch two"}, shows: []string{"**Denied** by"}, last: true},
	{row: "answer question", cells: "yes yes yes silent", opens: "ask me a question", emoji: "one", on: []string{"❓", "1️⃣"}, last: true},
	{row: "approve plan", cells: "yes yes yes silent", opens: "make a plan", emoji: "+1", on: []string{"Plan ready for approval"}, shows: []string{"Plan approved"}, last: true},
	{row: "cancel by reaction", cells: "yes yes yes silent", emoji: "octagonal_sign", on: []string{"**Session**"}, shows: []string{"Session cancelled"}, last: true},
	{row: "interrupt by reaction", cells: "yes yes yes silent", emoji: "double_vertical_bar", on: []string{"**Session**"}, shows: []string{"nterrupt"}},
	{row: "an unknown command", cells: "silent silent silent silent", does: "!stats"}, // told to everybody what was meant; see TestAccess
}

// cast is a daemon with its chat, its people and its journal.
type cast struct {
	*running
	srv   *playground.Server
	state string
	rules func(allowed ...string) string
	names int

	read    map[string]int // how much of each of the journal's files
	records []journal.Record

	olgas string // a session of olga's that nothing has been done in
}

func newCast(t *testing.T, allowed ...string) *cast {
	srv, err := playground.New(playground.Config{Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	if err := srv.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { srv.Close(context.Background()) })
	s := &cast{srv: srv, read: map[string]int{}, state: filepath.Join(t.TempDir(), "state")}
	s.rules = func(allowed ...string) string {
		shipped := strings.Replace(shippedRules(t), "max_sessions    = 5\n", "max_sessions    = 500\nposts_per_minute = 10000\n", 1)
		return shipped + fmt.Sprintf("\n[[platform]]\nid = \"main\"\nurl = %q\nchannel = \"main/playground\"\nallowed_users = [%s]\n", srv.APIURL(), quotedList(allowed))
	}
	for _, name := range []string{"olga", "ian", "dora"} {
		s.add(t, playground.NewUser{Name: name})
	}
	s.add(t, playground.NewUser{Name: "robo", Bot: true})
	env := []string{"HOME=" + t.TempDir(), "CTPIPE_TOKEN=" + srv.BotToken()}
	s.running = launch(t, s.rules(allowed...), env, "-claude", "rehearsal", "-state", s.state)
	return s
}

func quotedList(names []string) string {
	for i, n := range names {
		names[i] = fmt.Sprintf("%q", n)
	}
	return strings.Join(names, ", ")
}

func (s *cast) add(t *testing.T, u playground.NewUser) {
	t.Helper()
	if _, err := s.srv.AddUser(u); err != nil {
		t.Fatal(err)
	}
}

// says posts, and gives the post's id.
func (s *cast) says(name, root, text string) string {
	s.t.Helper()
	p, err := s.srv.PostAs(name, root, text)
	if err != nil {
		s.t.Fatal(err)
	}
	return p.ID
}

// judged waits for the verdict on what somebody did with a post.
func (s *cast) judged(what, post, user string, emoji string) journal.Record {
	s.t.Helper()
	id := pipeline.UserID(s.srv.UserID(user))
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		s.recall()
		for _, r := range s.records {
			if string(r.Event.Post.ID) == post && r.Event.User.ID == id && r.Event.Reaction.Emoji == emoji {
				return r
			}
		}
	}
	s.t.Fatalf("%s: nothing was judged\n%s", what, s.errs)
	return journal.Record{}
}

// recall reads what the journal has got since the last time.
func (s *cast) recall() {
	s.t.Helper()
	files, _ := filepath.Glob(filepath.Join(s.state, "journal", "*.jsonl"))
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			s.t.Fatal(err)
		}
		for raw = raw[s.read[name]:]; ; {
			line, rest, whole := bytes.Cut(raw, []byte("\n"))
			if !whole {
				break
			}
			s.read[name] += len(line) + 1
			raw = rest
			var r journal.Record
			if err := json.Unmarshal(line, &r); err != nil {
				s.t.Fatal(err)
			}
			s.records = append(s.records, r)
		}
	}
}

// fence makes ctpipe answer something harmless in a thread, so that whatever it
// had to say before stands there by then.
func (s *cast) fence(root string) {
	s.t.Helper()
	s.names++
	word := fmt.Sprintf("fence%d", s.names)
	s.says("alice", root, "!help "+word)
	waitPost(s.t, s.srv, root, "`!"+word+"` is no command")
}

// thread is what ctpipe itself has posted into a thread, by id.
func (s *cast) thread(root string) map[string]string {
	out, bot := map[string]string{}, s.srv.UserID(s.srv.BotName())
	for _, p := range s.srv.Posts() {
		if p.RootID == root && p.UserID == bot && p.Props["ctpipe"] != "answer" && !strings.Contains(p.Message, "`!fence") {
			out[p.ID] = p.Message
		}
	}
	return out
}

// opened has olga start sessions, with ian in each, that begin with the prompts.
func (s *cast) opened(t *testing.T, prompts ...string) []string {
	t.Helper()
	roots := make([]string, len(prompts))
	for i := range prompts {
		roots[i] = s.says("olga", "", "@claude-code hello")
	}
	for i, prompt := range prompts {
		waitPost(t, s.srv, roots[i], "I am the **rehearsal agent**")
		s.says("olga", roots[i], "!invite @ian")
		if prompt != "" {
			s.says("olga", roots[i], prompt)
		}
	}
	for _, root := range roots {
		waitPost(t, s.srv, root, "ian can now participate")
	}
	return roots
}

// TestAccess is the access matrix, cell by cell, against the shipped rules
// (SEC-17, SEC-22, SEC-24, SEC-26, SEC-29, I8, C2, FUN-15): what each of O, I, G
// and S does is judged as the matrix says, and the thread shows what it should.
func TestAccess(t *testing.T) {
	long(t, "plays every cell of the matrix, in a thread of its own")
	s := newCast(t, "alice", "olga")
	cells := s.cells(t)
	s.olgas = cells[0].root
	s.relist(t, "alice") // olga keeps her sessions, and nothing else
	for _, c := range cells {
		s.t = t
		s.check(t, c.access, c.role, c.want, c.root)
	}
	s.votes(t)
	s.paused(t)
	root := cells[0].root
	for _, role := range []string{"O", "I", "S"} {
		s.check(t, access{row: "!kill", does: "!kill", told: "⛔ Only authorized users can use `!kill`"}, role, no, root)
	}
	s.says("alice", root, "!kill")
	select {
	case <-s.done:
	case <-time.After(patience):
		t.Fatal("!kill by G: ctpipe does not end")
	}
	if code := s.cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("!kill by G: exit %d", code)
	}
	waitPost(t, s.srv, root, "EMERGENCY SHUTDOWN", "sessions ended")
}

var heldList = regexp.MustCompile(`ctpipe rules accept ([0-9a-f]+)`)

// relist saves another list of allowed users, and accepts that as the person at
// the machine does.
func (s *cast) relist(t *testing.T, allowed ...string) {
	t.Helper()
	s.save("rules.toml", s.rules(allowed...))
	rev := ""
	s.eventually("the held list", func() bool {
		if m := heldList.FindStringSubmatch(s.errs.String()); m != nil {
			rev = m[1]
		}
		return rev != ""
	})
	bin, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(bin, "rules", "accept", "-rules", filepath.Join(s.dir, "rules.toml"), "-state", s.state, rev)
	cmd.Env = s.cmd.Env
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("accepting the list: %v\n%s", err, out)
	}
	s.eventually("the new list", func() bool { return strings.Contains(s.errs.String(), "rules.toml → rev ") })
}

type cell struct {
	access
	role, want, root string
}

// cells are the cells of the matrix, each with the thread it happens in. What is
// refused comes first, so that what is allowed does not get into its way, and
// what ends something has a thread of its own.
func (s *cast) cells(t *testing.T) []cell {
	var refused, allowed []cell
	prompts := []string{"", ""} // of the threads: one where nothing reaches Claude, one where it does
	for _, a := range matrix {
		thread := 0
		switch {
		case a.opens != "" || a.last:
			thread = len(prompts)
			prompts = append(prompts, a.opens)
		case len(a.shows) == 0:
			thread = 1
		}
		done := 0
		for i, want := range strings.Fields(a.cells) {
			c := cell{access: a, role: roles[i], want: want, root: fmt.Sprint(thread)}
			if want != yes {
				refused = append(refused, c)
				continue
			}
			if done++; a.last && done > 1 {
				c.root = fmt.Sprint(len(prompts))
				prompts = append(prompts, a.opens)
			}
			allowed = append(allowed, c)
		}
	}
	roots := s.opened(t, prompts...)
	all := append(refused, allowed...)
	for i := range all {
		var n int
		fmt.Sscan(all[i].root, &n)
		all[i].root = roots[n]
	}
	return all
}

// check does one cell, and holds what comes of it against what should.
func (s *cast) check(t *testing.T, a access, role, want, root string) {
	t.Helper()
	name := fmt.Sprintf("%s by %s", a.row, role)
	who := playing[role]
	before := s.thread(root)
	post := s.act(t, name, a, who, root)
	rec := s.judged(name, post, who, a.emoji)
	verdict := map[string]pipeline.Verdict{yes: pipeline.Allow, no: pipeline.Deny, silent: pipeline.Deny, waits: pipeline.Ask}[want]
	if rec.Verdict != verdict {
		t.Errorf("%s: %v, want %v (%s)", name, rec.Verdict, verdict, want)
		return
	}
	if want == yes {
		for _, words := range a.shows {
			s.becomes(name, root, before, words)
		}
		return
	}
	s.fence(root)
	said := changed(before, s.thread(root))
	switch want {
	case waits:
		s.becomes(name, root, before, "@\u200b"+who+" wants to send a message")
	case no:
		if a.told == "" || !strings.Contains(said, a.told) {
			t.Errorf("%s: the thread says %q, want %q", name, said, a.told)
		}
	case silent:
		if a.row == "an unknown command" {
			if !strings.Contains(said, "Did you mean `!status`") {
				t.Errorf("%s: the thread says %q", name, said)
			}
			return
		}
		if said != "" {
			t.Errorf("%s: the thread says %q, want silence", name, said)
		}
	}
}

// act does what the row is about, and gives the post it is about.
func (s *cast) act(t *testing.T, name string, a access, who, root string) string {
	t.Helper()
	if a.emoji != "" {
		post := waitPost(t, s.srv, root, a.on...).ID
		if err := s.srv.React(who, post, a.emoji); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return post
	}
	text := a.does
	if strings.Contains(text, "{friend}") || strings.Contains(text, "{guest}") {
		s.names++
		friend := fmt.Sprintf("friend%d", s.names)
		s.add(t, playground.NewUser{Name: friend})
		if strings.Contains(text, "{guest}") {
			s.says("alice", root, "!invite @"+friend)
			waitPost(t, s.srv, root, friend+" can now participate")
		}
		text = strings.NewReplacer("{friend}", friend, "{guest}", friend).Replace(text)
	}
	return s.says(who, root, text)
}

// becomes waits until something new in the thread has the words.
func (s *cast) becomes(name, root string, before map[string]string, words string) {
	s.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if strings.Contains(changed(before, s.thread(root)), words) {
			return
		}
	}
	s.t.Errorf("%s: the thread never says %q; new in it is %q", name, words, changed(before, s.thread(root)))
}

// changed is what is new in a thread, whatever the header says now.
func changed(before, after map[string]string) string {
	var b strings.Builder
	for id, text := range after {
		if before[id] != text && !strings.Contains(text, "**Session ID**") {
			b.WriteString(text + "\n")
		}
	}
	return b.String()
}

// paused: whoever takes part wakes a session, by a message or by 🔄; a stranger
// is told that they may not, once (FUN-10).
func (s *cast) paused(t *testing.T) {
	var threads []string
	for range 4 {
		root := s.says("alice", "", "@claude-code hello")
		waitPost(t, s.srv, root, "I am the **rehearsal agent**")
		s.says("alice", root, "!invite @ian")
		waitPost(t, s.srv, root, "ian can now participate")
		s.says("alice", root, "run: touch turn-two") // begins when the first turn has ended
		waitPost(t, s.srv, root, "Permission requested", "touch turn-two")
		threads = append(threads, root)
	}
	for _, pid := range family(t, s.cmd.Process.Pid)[1:] {
		var n int
		fmt.Sscan(pid, &n)
		_ = syscall.Kill(n, syscall.SIGKILL)
	}
	for _, root := range threads {
		waitPost(t, s.srv, root, "**[Exited:")
	}
	told := "@\u200bmallory is not authorized to resume this session"
	wakes := access{row: "resume paused by text", does: "go on"}
	turns := access{row: "resume paused by 🔄", emoji: "arrows_counterclockwise", on: []string{"**Session ID**"}}
	wakes.told, turns.told = told, told
	s.check(t, wakes, "S", no, threads[0])
	s.check(t, turns, "S", no, threads[0])
	s.check(t, wakes, "I", yes, threads[0])
	s.check(t, wakes, "G", yes, threads[1])
	turns.shows = []string{"Session resumed"}
	s.check(t, turns, "I", yes, threads[2])
	ends := access{row: "!stop in a paused thread", does: "!stop", shows: []string{"Session cancelled"}}
	s.check(t, ends, "S", silent, threads[3])
	s.check(t, ends, "I", yes, threads[3])
}

// votes: the row about a stranger's message, whose cards are each answered once.
func (s *cast) votes(t *testing.T) {
	root := s.olgas
	for i, last := range []string{"O", "G"} {
		text := fmt.Sprintf("may I say %d", i)
		s.says("mallory", root, text)
		on := []string{"mallory wants to send a message", text}
		waitPost(t, s.srv, root, on...)
		row := access{row: "decide message approval", emoji: "+1", on: on, shows: []string{"Message from"}}
		s.check(t, row, "I", silent, root)
		s.check(t, row, "S", silent, root)
		s.check(t, row, last, yes, root)
	}
}

// TestAccessOpen is the matrix where allowed_users is empty: everybody in the
// channel who is a person is on the list, and nobody else is (SEC-10, I5, I6).
func TestAccessOpen(t *testing.T) {
	if testing.Short() {
		t.Skip("the whole matrix against a running ctpipe")
	}
	s := newCast(t)
	if log := s.errs.String() + s.out.String(); !strings.Contains(log, "allowed_users") {
		t.Errorf("the start does not warn:\n%s", log)
	}
	root := s.says("mallory", "", "@claude-code hello")
	waitPost(t, s.srv, root, "I am the **rehearsal agent**")
	waitPost(t, s.srv, root, "anyone in this channel may use Claude")
	for _, a := range matrix {
		if a.emoji == "" && !a.last && a.row != "!invite" && a.row != "!kick" && len(a.shows) > 0 { // nobody is left to invite
			want := strings.Fields(a.cells)[2]
			s.check(t, a, "S", want, root) // mallory's own session, and she is listed
		}
	}
	s.nobodies(t, root)
}

// TestAccessNobodies: webhooks, bots, guests, deactivated accounts and the
// server's own posts do nothing, whoever's list they are on (I2, I6, SEC-11).
func TestAccessNobodies(t *testing.T) {
	s := newCast(t, "alice", "olga", "robo", "dora")
	root := s.says("alice", "", "@claude-code hello")
	waitPost(t, s.srv, root, "I am the **rehearsal agent**")
	s.nobodies(t, root)
	guest := s.says("gus", "", "@claude-code hello")
	if rec := s.judged("start by a guest account", guest, "gus", ""); rec.Verdict != pipeline.Deny {
		t.Errorf("start by a guest account: %v", rec.Verdict)
	}
}

// nobodies: what no person did is denied by the floor, in silence, and changes
// nothing in a session.
func (s *cast) nobodies(t *testing.T, root string) {
	s.srv.Deactivate("dora")
	s.says("alice", root, "run: touch never")
	card := waitPost(t, s.srv, root, "Permission requested", "touch never")
	who := map[string]func(root, text string) (string, string){
		"a webhook": func(root, text string) (string, string) {
			p, err := s.srv.PostAsWebhook("alice", root, text)
			if err != nil {
				t.Fatal(err)
			}
			return p.ID, "alice"
		},
		"a bot":                 func(root, text string) (string, string) { return s.says("robo", root, text), "robo" },
		"a deactivated account": func(root, text string) (string, string) { return s.says("dora", root, text), "dora" },
	}
	for name, posts := range who {
		for _, text := range []string{"@claude-code run: touch never", "hello", "!stop", "stop", "!help", "!kill", "/context", "!approve", "!invite @mallory", "!stats"} {
			for _, in := range []string{root, ""} {
				if in == "" && !strings.HasPrefix(text, "@") && text != "!help" && text != "!kill" {
					continue // for nobody: there is no session
				}
				before := s.thread(root)
				post, user := posts(in, text)
				cell := fmt.Sprintf("%q by %s", text, name)
				if rec := s.judged(cell, post, user, ""); rec.Verdict != pipeline.Deny {
					t.Errorf("%s: %v", cell, rec.Verdict)
				}
				s.fence(root)
				said := changed(before, s.thread(root))
				if in == "" {
					said = changed(nil, s.thread(post))
				}
				if said != "" {
					t.Errorf("%s: the thread says %q", cell, said)
				}
			}
		}
	}
	for _, user := range []string{"robo", "dora"} {
		for _, emoji := range []string{"+1", "-1", "white_check_mark", "x", "question"} {
			before := s.thread(root)
			if err := s.srv.React(user, card.ID, emoji); err != nil {
				t.Fatal(err)
			}
			cell := fmt.Sprintf(":%s: by %s", emoji, user)
			if rec := s.judged(cell, card.ID, user, emoji); rec.Verdict != pipeline.Deny {
				t.Errorf("%s: %v", cell, rec.Verdict)
			}
			s.fence(root)
			if said := changed(before, s.thread(root)); said != "" {
				t.Errorf("%s: the thread says %q", cell, said)
			}
		}
	}
	if exists(s.running, "never") {
		t.Error("a call ran that nobody allowed")
	}
}
