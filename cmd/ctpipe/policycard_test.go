package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"ctpipe/internal/journal"
	"ctpipe/internal/mattermost"
	"ctpipe/pipeline"
)

// ownedRules hold loosening saves for the core group.
var ownedRules = strings.NewReplacer(`allowed_users = ["alice"]`, `allowed_users = ["alice", "bob"]`,
	`confirm = "loosening"`, "confirm = \"loosening\"\nowners = [\"core\"]").Replace(guardedRules) + `
[groups]
core = ["alice"]
[[rule]]
id    = "tell"
on    = "policy"
when  = 'notice.what in ["refused", "answered"]'
reply = "policy: {notice.what}"
`

var looserRules = strings.NewReplacer(`then = "deny"`, `then = "ask"`, `want = "deny"`, `want = "ask"`).Replace(ownedRules)

// channelPost is the newest post of the bot's in the channel with these words.
func (p *person) channelPost(words ...string) (found mattermost.Post) {
	p.d.t.Helper()
	p.d.eventually("a post with "+strings.Join(words, ", "), func() bool {
		changes, err := p.client.PostsSince(context.Background(), p.channel, 0)
		if err != nil {
			p.d.t.Fatal(err)
		}
		for _, post := range slices.Backward(changes.Posts) {
			if post.FromBot() && holds(post.Message, words) {
				found = post
				return true
			}
		}
		return false
	})
	return found
}

// A loosening save is asked about on a card in the announce channel; the 👍 of
// an owner, and of nobody else, puts it in force within 3 s, and is recorded
// (design 8.6, issue D).
func TestOwnersAnswerAHeldSave(t *testing.T) {
	d := startCtpipe(t, ownedRules, []string{"HOME=" + t.TempDir()})
	alice, bob := d.as("alice"), d.as("bob")
	d.save("rules.toml", looserRules)
	card := alice.channelPost("lets more through", "rule no-push changed", "saved ", "Who may answer:** core", "ctpipe rules accept")
	alice.seeded(card.ID, "+1", "-1")
	bob.reacts(card.ID, "+1")
	d.eventually("bob's reaction to be turned away", func() bool { return strings.Contains(d.errs.String(), "not a policy owner") })
	if strings.Contains(d.errs.String(), "rules.toml → rev") {
		t.Fatal("somebody else put it in force")
	}
	began := time.Now()
	alice.reacts(card.ID, "+1")
	d.eventually("the save to be in force", func() bool { return strings.Contains(d.errs.String(), "rules.toml → rev") })
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("in force %s after the 👍", took)
	}
	alice.channelPost("put in force", "alice", "lets more through")
	alice.channelPost("rules.toml → rev")
	alice.channelPost("policy: answered")
	d.eventually("it to be in the journal", func() bool {
		return slices.Equal(notices(t, stateOf(d)), []string{"held", "answered", "accepted"})
	})
	records, err := journal.Last(journal.Dir(stateOf(d)), 10, pipeline.KindPolicy)
	if err != nil || records[1].Event.User.Name != "alice" || records[1].Event.User.ID == "" {
		t.Errorf("who answered is not recorded: %v %+v", err, records[1].Event.User)
	}
}

// A 👎 keeps a held save out of force; ctpipe rules accept and newer saves are
// not kept from anything, and close the card.
func TestOwnersRefuseAHeldSave(t *testing.T) {
	d := startCtpipe(t, ownedRules, []string{"HOME=" + t.TempDir()})
	alice := d.as("alice")
	d.save("rules.toml", looserRules)
	card := alice.channelPost("lets more through")
	alice.seeded(card.ID, "+1", "-1")
	alice.reacts(card.ID, "-1")
	if got := alice.channelPost("refused", "stays in force"); got.ID != card.ID {
		t.Error("the card does not say that it was refused")
	}
	d.save("rules.toml", looserRules+"# again\n")
	again := alice.channelPost("lets more through", "👍 Put it in force")
	d.save("rules.toml", ownedRules)
	d.eventually("the card to be void", func() bool {
		p, err := alice.client.GetPost(context.Background(), again.ID)
		return err == nil && strings.Contains(p.Message, "void: the files are others now")
	})
	if strings.Contains(d.errs.String(), "rules.toml → rev") {
		t.Error("something came into force")
	}
}

// A held save is asked about again after a restart; the card of before says
// that it is over.
func TestHeldSaveIsAskedAfterARestart(t *testing.T) {
	home := "HOME=" + t.TempDir()
	d := startCtpipe(t, ownedRules, []string{home})
	state := stateOf(d)
	d.save("rules.toml", looserRules)
	d.as("alice").channelPost("lets more through")
	d.stop()
	again := startCtpipe(t, looserRules, []string{home}, "-state", state)
	alice := again.as("alice")
	card := alice.channelPost("lets more through", "rule no-push changed")
	alice.seeded(card.ID, "+1", "-1")
	alice.reacts(card.ID, "white_check_mark")
	again.eventually("the save to be in force", func() bool { return strings.Contains(again.errs.String(), "rules.toml → rev") })
}

// What comes of a save is announced: how many verdicts it changes, or where its
// first error is; what rules reply on such an event is posted too.
func TestSavesAreAnnounced(t *testing.T) {
	rules := strings.NewReplacer(`confirm = "loosening"`, `confirm = "never"`, "[reload]\n", "[default]\nstart = \"allow\"\npost = \"allow\"\n[reload]\n").Replace(ownedRules)
	d := startCtpipe(t, rules, []string{"HOME=" + t.TempDir()})
	alice := d.as("alice")
	root := alice.says("", "@claude-code hello")
	alice.sees(root, "rehearsal")
	alice.says(root, "and once more")
	d.eventually("something to compare on", func() bool {
		recent, err := journal.Last(journal.Dir(stateOf(d)), 5, pipeline.KindTool, pipeline.KindPost)
		return err == nil && len(recent) > 0
	})
	d.save("rules.toml", rules+"[[rule]]\nid = \"all\"\non = \"post\"\nwhen = 'post.text != \"\"'\nthen = \"deny\"\n")
	alice.channelPost("rules.toml → rev", "1 allow→deny")
	d.save("rules.toml", rules+"[[rule]]\nid = \"all\"\non = \"tool\"\nwhen = 'tool.nam'\nthen = \"deny\"\n")
	alice.channelPost("rules.toml is not in force", "kept rev", "rules.toml:31:14", "did you mean")
	alice.channelPost("policy: refused")
}

// A file that waits for a person has no say in where ctpipe looks for what was
// accepted, and none of its commands runs.
func TestHeldFileChoosesNothing(t *testing.T) {
	home, dir := t.TempDir(), t.TempDir()
	path := filepath.Join(dir, "rules.toml")
	runs := func(rules string) (errs *lockedBuffer, stop func()) {
		if err := os.WriteFile(path, []byte(rules), 0o644); err != nil {
			t.Fatal(err)
		}
		bin, err := binary()
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(bin, "-rules", path, "-listen", "127.0.0.1:0", "-dir", home)
		errs = &lockedBuffer{}
		cmd.Env, cmd.Stderr = []string{"HOME=" + home, "PATH=" + os.Getenv("PATH")}, errs
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		stop = sync.OnceFunc(func() { _ = cmd.Process.Signal(syscall.SIGTERM); _ = cmd.Wait() })
		t.Cleanup(stop)
		return errs, stop
	}
	d := &running{t: t}
	_, stop := runs(ownedRules)
	pins := filepath.Join(home, ".local/state/ctpipe/pins")
	d.eventually("where the state is to be kept", func() bool {
		list, err := os.ReadDir(pins)
		return err == nil && len(list) == 1 && !strings.HasSuffix(list[0].Name(), ".tmp")
	})
	stop()
	proof := filepath.Join(t.TempDir(), "ran")
	evil := looserRules + "[state]\ndir = \"" + filepath.Join(t.TempDir(), "empty") + "\"\n[[platform]]\nid = \"main\"\nurl = \"http://127.0.0.1:1\"\n" +
		"channel = \"a/b\"\nbot_name = \"b\"\nallowed_users = [\"alice\"]\ntoken_cmd = \"touch " + proof + "; echo secret-token\"\n"
	errs, _ := runs(evil)
	d.eventually("the start to be held", func() bool { return heldRev.MatchString(errs.String()) })
	for _, want := range []string{"stays there until", "[state] dir changed", "platform main added", "rule no-push changed"} {
		if !strings.Contains(errs.String(), want) {
			t.Errorf("no %q in\n%s", want, errs)
		}
	}
	if _, err := os.Stat(proof); err == nil {
		t.Error("a command of a file that waits was run")
	}
}
