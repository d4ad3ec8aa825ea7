package policy

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"ctpipe/pipeline"
)

// Who a test is about: what the policy says of the name, and no more.
func TestPeopleOfTests(t *testing.T) {
	const src = `
[groups]
core = ["Ana", "bo"]
[playground]
allowed_users = ["ana"]
[[rule]]
id   = "x"
on   = "post"
when = 'user.allowed'
then = "allow"
`
	cases := map[string]struct {
		test  string
		check func(*pipeline.Event) bool
	}{
		"nobody in particular": {`post = { text = "x" }`, func(ev *pipeline.Event) bool {
			u := ev.User
			return u.ID != "" && u.Active && !u.Bot && !u.Guest && !u.Owner && !u.Invited && !u.Allowed && len(u.Groups) == 0 && ev.Post.Origin == "person"
		}},
		"a name, in any case": {"user = { name = \"ana\" }\npost = { text = \"x\" }", func(ev *pipeline.Event) bool {
			return ev.User.Allowed && len(ev.User.Groups) == 1 && ev.User.Groups[0] == "core"
		}},
		"what the test gives goes first": {"user = { name = \"ana\", allowed = false, active = false, groups = [\"x\"] }\npost = { text = \"x\" }", func(ev *pipeline.Event) bool {
			return !ev.User.Allowed && !ev.User.Active && ev.User.Groups[0] == "x"
		}},
		"the owner by name": {"user = { name = \"bo\" }\nsession = { owner = \"bo\" }\npost = { text = \"x\" }", func(ev *pipeline.Event) bool {
			return ev.User.Owner && ev.Session.Owner == ev.User.ID
		}},
		"another owner": {"user = { name = \"ana\" }\nsession = { owner = \"bo\" }\npost = { text = \"x\" }", func(ev *pipeline.Event) bool { return !ev.User.Owner }},
		"requesters by name": {"requesters = [\"ana\", \"bo\"]\ntool = { name = \"Bash\", command = \"ls\" }", func(ev *pipeline.Event) bool {
			r := ev.Tool.Requesters
			return len(r) == 2 && r[0].Name == "ana" && r[0].Allowed && r[1].Name == "bo" && !r[1].Allowed && ev.User.ID == ""
		}},
		"a call that somebody asked for": {`tool = { name = "Bash", command = "ls", cwd = "src" }`, func(ev *pipeline.Event) bool {
			return len(ev.Tool.Requesters) == 1 && ev.Tool.Cwd == testDir+"/src" && ev.Tool.Hash != "" && ev.Session.Trigger == "human"
		}},
		"a start has no session yet": {`start = { prompt = "x" }`, func(ev *pipeline.Event) bool {
			return ev.Session.ID == "" && ev.Post.Mention && ev.Post.Text == "x"
		}},
		"a command": {`command = { name = "stop", args = ["now"] }`, func(ev *pipeline.Event) bool {
			return ev.Post.Text == "!stop now" && ev.Command.Text == "now"
		}},
		"a removed reaction": {`reaction = { meaning = "approve", added = false }`, func(ev *pipeline.Event) bool {
			return !ev.Reaction.Added && ev.Reaction.Target == "tool"
		}},
		"a text": {`show = { text = "a\nb\n" }`, func(ev *pipeline.Event) bool {
			return ev.Show.What == "text" && ev.Show.Lines == 2 && ev.Show.Bytes == 4 && ev.Show.Final
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			p, _, findings := write(t, map[string]string{"rules.toml": src + "[[test]]\nname = \"t\"\nwant = \"deny\"\n" + c.test + "\n"}).LoadUntested()
			if p == nil {
				t.Fatal(text(findings))
			}
			if ev := p.Cases[0].event(p.File); !c.check(ev) {
				t.Errorf("%+v", ev)
			}
		})
	}
}

// With an empty list everybody is allowed, but guests and bots.
func TestPeopleOfTestsWithoutAList(t *testing.T) {
	p, _, findings := write(t, map[string]string{"rules.toml": `
[[platform]]
id = "main"
url = "https://chat.example.org"
channel = "a/b"
bot_name = "bot"
token_env = "T"
[[test]]
name = "somebody"
post = { text = "x" }
want = "deny"
[[test]]
name = "a guest"
user = { guest = true }
post = { text = "x" }
want = "deny"
`}).LoadUntested()
	if p == nil {
		t.Fatal(text(findings))
	}
	if !p.Cases[0].event(p.File).User.Allowed || p.Cases[1].event(p.File).User.Allowed {
		t.Error("an empty list allows people, and no guests")
	}
}

// FAIL and ERROR are two things, and neither lets a policy pass.
func TestOutcomes(t *testing.T) {
	l := write(t, map[string]string{"scripts/loop.lua": "return { tool = function(ev)\n  if ev.tool.name == 'Write' then while true do end end\nend }\n",
		"rules.toml": `
[[hook]]
script  = "scripts/loop.lua"
timeout = "5ms"
[[test]]
name = "passes"
tool = { name = "Bash", command = "ls" }
want = "ask"
by   = "default"
[[test]]
name = "fails"
tool = { name = "Bash", command = "ls" }
want = "deny"
[[test]]
name = "by another"
tool = { name = "Bash", command = "eval x" }
want = "ask"
by   = "default"
[[test]]
name = "cannot be judged, though the verdict is as wanted"
tool = { name = "Write", file_path = "a", content = "" }
want = "ask"
`})
	p, _, findings := l.LoadUntested()
	if p == nil {
		t.Fatal(text(findings))
	}
	report := l.Test(context.Background(), p, nil)
	want := []Outcome{Passed, Failed, Failed, Erred}
	for i, r := range report.Results {
		if r.Outcome != want[i] {
			t.Errorf("%s: %s (%s), want %s", r.Case.Name, r.Outcome, r.Why, want[i])
		}
	}
	said := text(report.findings())
	for _, words := range []string{`test "fails" failed: want deny, got ask (default)`, `ask as wanted, but by floor opaque and not by default`,
		`could not be judged: loop:`} {
		if !strings.Contains(said, words) {
			t.Errorf("no %q in\n%s", words, said)
		}
	}
	if got, _, _ := l.Load(); got != nil {
		t.Error("such a policy loads")
	}
	if n := len(l.Test(context.Background(), p, regexp.MustCompile("^passes$")).Results); n != 1 {
		t.Errorf("%d tests match", n)
	}
	over, stop := context.WithCancel(context.Background())
	stop()
	for _, r := range l.Test(over, p, nil).Results {
		if r.Outcome != Erred || r.Run != nil {
			t.Errorf("%s was run after the time was over", r.Case.Name)
		}
	}
}

// Tests see no file of the machine they run on.
func TestWorldOfTests(t *testing.T) {
	d := newFakeDisk(testHome, testDir)
	if _, err := d.Lstat("/etc/passwd"); err == nil {
		t.Error("/etc/passwd exists")
	}
	list, err := d.ReadDir(testDir, 10)
	if err != nil || len(list) != 1 || list[0].Name() != ".git" || !list[0].IsDir() {
		t.Errorf("%v, %v", list, err)
	}
	if b, err := d.ReadFile(testDir+"/.git/HEAD", 100); err != nil || !strings.HasPrefix(string(b), "ref: ") {
		t.Errorf("%q, %v", b, err)
	}
	if _, err := d.ReadFile(testDir+"/.git/HEAD", 3); err == nil {
		t.Error("a file over the limit is read")
	}
}
