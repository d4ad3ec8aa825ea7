package session

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"ctpipe/internal/claude"
	"ctpipe/internal/command"
	"ctpipe/internal/mattermost/chattest"
	"ctpipe/internal/worktree"
	"ctpipe/pipeline"
)

// observed has the world remember the runs over what people do.
func observed(w *world) *[]*pipeline.Run {
	var runs []*pipeline.Run
	w.host.Engine = pipeline.NewEngine(w.engine.Snapshot(), Hosts{"playground": w.host}, func(r *pipeline.Run) {
		if r.Event.Kind == pipeline.KindCommand || r.Event.Kind == pipeline.KindStart {
			runs = append(runs, r)
		}
	})
	return &runs
}

// lastBy are who decided the last run.
func lastBy(runs *[]*pipeline.Run) string {
	if len(*runs) == 0 {
		return ""
	}
	verdict, top := (*runs)[len(*runs)-1].Verdict()
	return verdict.String() + " by " + pipeline.Names(top)
}

// TestPlacesAreJudged (SEC-23, FUN-06): where a command may not go is the floor's
// to say, in words that people know, in a thread and before a request.
func TestPlacesAreJudged(t *testing.T) {
	inWorld(t, "", func(w *world) {
		inRepo(w)
		runs := observed(w)
		if err := os.Symlink("/", filepath.Join(w.set.Dir, "out")); err != nil {
			t.Fatal(err)
		}
		root, a := w.opened()
		for text, dir := range map[string]string{"!cd /etc": "/etc", "!cd out": filepath.Join(w.set.Dir, "out"), "!cd /none/x": "/none/x"} {
			w.commands(root, text, command.OutsideRoots(dir))
			if ev := (*runs)[len(*runs)-1].Event; lastBy(runs) != "deny by floor outside-roots" || ev.Command.Dir != dir {
				t.Errorf("%s: %s, %+v", text, lastBy(runs), ev.Command)
			}
		}
		w.commands(root, "!worktree fix", "✅ **Created worktree**")
		w.set.Worktrees = "require"
		for _, text := range []string{"!worktree switch main", "!cd " + w.set.Dir} {
			w.commands(root, text, command.WorktreeRequired)
			if lastBy(runs) != "deny by floor worktree-required" {
				t.Errorf("%s: %s", text, lastBy(runs))
			}
		}
		w.set.Worktrees = ""
		before := w.says("alice", "", "@claude-code !cd /etc do y")
		w.shows(before, command.OutsideRoots("/etc")+"\nNothing was started.")
		if lastBy(runs) != "deny by floor outside-roots" || len(chattest.Messages(w.chat.Said(before))) != 1 {
			t.Errorf("before a request: %s, %q", lastBy(runs), chattest.Messages(w.chat.Said(before)))
		}
		if !strings.HasSuffix(w.latest().spec.Dir, "fix") || len(w.agents.all) != 2 || a.spec.Dir == w.latest().spec.Dir {
			t.Errorf("%d agents, the last in %s", len(w.agents.all), w.latest().spec.Dir)
		}
	})
}

// TestStrangersLearnNoPlaces (SEC-23): who may not use a command sees the same
// whether a directory is outside of the roots or inside, there or not.
func TestStrangersLearnNoPlaces(t *testing.T) {
	for name, more := range map[string]string{
		"nobody votes": "",
		"a reason":     "[[rule]]\nid = 'no-cd'\non = 'command'\nwhen = 'not user.allowed'\nthen = 'deny'\nwhy = 'not you'\n",
		"may start": "[[rule]]\nid = 'all-start'\non = 'start'\nwhen = 'true'\nthen = 'allow'\n" +
			"[[rule]]\nid = 'no-cd'\non = 'command'\nwhen = 'not user.allowed'\nthen = 'deny'\nwhy = 'not you'\n",
		"is asked, at the start": "[[rule]]\nid = 'ask-cd'\non = 'command'\nwhen = 'not user.allowed and post.route == \"start_command\"'\nthen = 'ask'\n",
	} {
		inWorld(t, more, func(w *world) {
			inRepo(w)
			if err := os.Mkdir(filepath.Join(w.set.Dir, "sub"), 0o700); err != nil {
				t.Fatal(err)
			}
			w.set.Worktrees = "off"
			root, _ := w.opened()
			w.set.Worktrees = "require"
			seen, started := map[string]bool{}, map[string]bool{}
			for _, path := range []string{"sub", "none", "/etc", "/none", "..", w.set.Dir} {
				before := len(w.chat.Said(root))
				w.says("mallory", root, "!cd "+path)
				seen[strings.Join(chattest.Messages(w.chat.Said(root))[before:], "|")] = true
				other := w.says("mallory", "", "@claude-code !cd "+path+" do y")
				started[strings.Join(chattest.Messages(w.chat.Said(other)), "|")] = true
			}
			if len(seen) != 1 || len(started) != 1 || len(w.agents.all) != 1 {
				t.Errorf("%s: in the thread %v, at the start %v, %d agents", name, seen, started, len(w.agents.all))
			}
			for text := range started {
				if strings.Contains(text, "roots") || strings.Contains(text, "worktree") {
					t.Errorf("%s: a stranger reads %q", name, text)
				}
			}
		})
	}
}

// TestNoAllowedRunLeavesTheRoots (SEC-23, FUN-06): through random commands, starts
// and changes of the policy no allowed run leads outside of the roots or into a
// repository itself, and no Claude is started in a repository itself while a
// worktree is required.
func TestNoAllowedRunLeavesTheRoots(t *testing.T) {
	sequences := 10
	if testing.Short() {
		sequences = 4
	}
	decided := map[string]int{}
	for seed := range sequences {
		inWorld(t, "", func(w *world) {
			inRepo(w)
			runs := observed(w)
			outside := t.TempDir()
			if err := os.Mkdir(filepath.Join(w.set.Dir, "sub"), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(outside, filepath.Join(w.set.Dir, "out")); err != nil {
				t.Fatal(err)
			}
			w.git(w.set.Dir, "worktree", "add", "-q", filepath.Join(filepath.Dir(w.set.Dir), "app-worktrees", "tree"), "-b", "tree")
			w.set.Worktrees, w.set.Max = "off", 100
			var mu sync.Mutex // a timer may read what this test changes
			settings := w.host.Settings
			w.host.Settings = func(s *pipeline.Snapshot) Settings {
				mu.Lock()
				defer mu.Unlock()
				return settings(s)
			}
			root, _ := w.opened()
			rnd := rand.New(rand.NewPCG(uint64(seed), 1))
			paths := []string{"sub", "out", "none", "/etc", "..", outside, w.set.Dir, "../app-worktrees/tree", "../app/sub"}
			agents := len(w.agents.all)
			for step := range 40 {
				path := paths[rnd.IntN(len(paths))]
				switch rnd.IntN(6) {
				case 0:
					mu.Lock()
					w.set.Worktrees = []string{"off", "require"}[rnd.IntN(2)]
					mu.Unlock()
				case 1:
					mu.Lock()
					w.set.Roots = [][]string{nil, {w.set.Dir}, {filepath.Join(w.set.Dir, "sub")}}[rnd.IntN(3)]
					mu.Unlock()
				case 2:
					w.says("alice", root, "!worktree switch "+[]string{"main", "tree"}[rnd.IntN(2)])
				case 3:
					w.says("alice", "", "@claude-code !cd "+path+" do y")
				default:
					w.says("alice", root, "!cd "+path)
				}
				w.until(func() bool { w.host.agents.Wait(); return true })
				w.settle()
				for _, r := range *runs {
					c := r.Event.Command
					decided[string(r.Event.Kind)+" "+lastBy(&[]*pipeline.Run{r})]++
					if r.Allowed() && (c.Outside || c.NeedsWorktree || r.Event.Start.Outside) {
						t.Fatalf("seed %d, step %d: allowed %+v %+v", seed, step, c, r.Event.Start)
					}
				}
				for _, a := range w.agents.all[agents:] {
					place, err := worktree.Look(a.spec.Dir)
					if err != nil || w.set.Worktrees == "require" && place.Top != "" && !place.Linked || strings.HasPrefix(a.spec.Dir, outside) {
						t.Fatalf("seed %d, step %d: Claude is started in %s: %+v %v", seed, step, a.spec.Dir, place, err)
					}
				}
				*runs, agents = nil, len(w.agents.all)
			}
		})
	}
	for _, want := range []string{"command allow by rule commands", "start allow by rule start", "command deny by floor outside-roots", "command deny by floor worktree-required"} {
		if decided[want] == 0 {
			t.Errorf("the sequences never saw %s: %v", want, decided)
		}
	}
}

// TestNoWayIntoTheRepository (FUN-06): a policy that wants worktrees by now holds
// for what began before it: a session that is paused in the repository is not
// taken up there, and nobody who skips a prompt of before starts one there.
func TestNoWayIntoTheRepository(t *testing.T) {
	inKept(t, func(w *world) {
		inRepo(w)
		w.set.Worktrees = "off"
		root, a := w.opened()
		a.replies(t, "m1", "here")
		a.h.Exit(claude.Exit{Code: 1})
		w.settle()
		w.set.Worktrees = "require"
		w.says("alice", root, "go on")
		w.settle()
		if len(w.agents.all) != 1 {
			t.Fatalf("Claude is started in %s", w.latest().spec.Dir)
		}
		w.shows(root, "requires working in a worktree")
		w.commands(root, "!worktree fix", "✅ **Created worktree**")
		w.says("alice", root, "and now")
		b := w.untilAgent(2)
		if !strings.HasSuffix(b.spec.Dir, filepath.Join("app-worktrees", "fix")) || !strings.Contains(strings.Join(b.sent(), "\n"), "go on") {
			t.Errorf("in %s, got %q", b.spec.Dir, b.sent())
		}
	})
	inWorld(t, "", func(w *world) {
		dirtyRepo(w, "prompt")
		root := w.says("alice", "", "@claude-code one")
		card := w.untilCard(root, "🌿 **This repo has uncommitted changes.**")
		w.set.Worktrees = "require"
		w.reacts("alice", card, "x")
		w.settle()
		if len(w.agents.all) != 0 {
			t.Errorf("Claude is started in %s", w.latest().spec.Dir)
		}
		w.shows(root, "requires working in a worktree")
	})
}

// TestHeldPlacesAreFoundAnew (SEC-23): a command that waited for people is judged
// by where it leads when they have answered.
func TestHeldPlacesAreFoundAnew(t *testing.T) {
	inWorld(t, "[[rule]]\nid = 'ask-cd'\non = 'command'\nwhen = 'command.name == \"cd\"'\nthen = 'ask'\nwhy = 'careful'\n", func(w *world) {
		inRepo(w)
		if err := os.Mkdir(filepath.Join(w.set.Dir, "sub"), 0o700); err != nil {
			t.Fatal(err)
		}
		root, _ := w.opened()
		for _, c := range []struct {
			change func()
			says   string
			agents int
		}{
			{func() {}, "**Working directory changed**", 2},
			{func() { w.set.Worktrees = "require" }, "worktree-required", 2},
			{func() { w.set.Roots = []string{"/etc"} }, "outside-roots", 2},
		} {
			w.set.Worktrees, w.set.Roots = "", nil
			w.says("alice", root, "!cd "+map[bool]string{true: "sub", false: w.set.Dir}[c.agents > len(w.agents.all)])
			card := w.card(root)
			c.change()
			w.reacts("bob", card.ID, "+1")
			w.until(func() bool { w.host.agents.Wait(); return true })
			w.settle()
			w.shows(root, c.says)
			if len(w.agents.all) != c.agents {
				t.Errorf("%q: %d agents", c.says, len(w.agents.all))
			}
		}
	})
}
