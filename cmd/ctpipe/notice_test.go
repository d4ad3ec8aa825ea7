package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const noticeRules = `
[[rule]]
id    = "greets"
on    = "session"
when  = 'notice.what == "started" and session.trigger == "human"'
reply = "session **{session.state}** for a *{session.mode}* start"
label = { greeted = "yes" }
[[rule]]
id    = "bye"
on    = "session"
when  = 'notice.what == "ended"'
reply = "bye"
[[rule]]
id    = "saved"
on    = "policy"
when  = 'notice.what in ["accepted", "refused"]'
reply = "somebody saved: {notice.what}"
`

// What rules reply on notices reaches the thread, and of a save the channel.
func TestNoticeReplies(t *testing.T) {
	d := startCtpipe(t, shippedRules(t)+noticeRules, []string{"HOME=" + t.TempDir()}, "-claude", "rehearsal")
	alice := d.as("alice")
	root := alice.says("", "@claude-code hello")
	alice.sees(root, "session **", "for a *default* start")
	alice.says(root, "!stop")
	alice.sees(root, "bye")
	d.save("rules.toml", shippedRules(t)+noticeRules+"[[rule\n")
	d.eventually("the refusal in the channel", func() bool { return alice.announced("somebody saved: refused") })
}

const rotaRules = `
[stage.rota]
file = "oncall.toml"
[[rule]]
id     = "only-oncall"
on     = "post"
when   = 'post.text contains "production"'
unless = '"oncall" in user.groups'
then   = "deny"
why    = "ask on-call"
[[rule]]
id        = "touch-is-for-oncall"
on        = "tool"
when      = 'tool.opaque or any(tool.commands, .prog == "touch")'
then      = "ask"
approvers = ["oncall"]
`

const rotaAlice = `
zone = "UTC"
[[rota]]
name = "oncall"
[[rota.shift]]
weekly = "Mon-Sun 00:00-24:00"
names  = ["alice", "nobody-knows"]
`

// Who is on duty is known by the account behind the name, and a saved rota is
// in force at once, in running sessions too.
func TestRotaLive(t *testing.T) {
	d := startCtpipe(t, shippedRules(t), []string{"HOME=" + t.TempDir()}, "-claude", "rehearsal")
	d.save("oncall.toml", rotaAlice)
	d.save("rules.toml", shippedRules(t)+rotaRules)
	d.eventually("the rota in force", func() bool { return strings.Contains(d.errs.String(), "rules.toml → rev") })
	alice, bob := d.as("alice"), d.as("bob")
	root := alice.says("", "@claude-code hello")
	alice.sees(root, "rehearsal")
	bob.says(root, "and production?")
	alice.sees(root, "ask on-call")
	before := len(alice.thread(root))
	alice.says(root, "now production")
	d.eventually("an answer to who is on duty", func() bool { return len(alice.thread(root)) > before+1 })
	d.save("oncall.toml", strings.Replace(rotaAlice, "alice", "bob", 1))
	d.eventually("the new rota in force", func() bool { return strings.Count(d.errs.String(), "rules.toml → rev") == 2 })
	bob.says(root, "production again")
	refusals := func() int { return strings.Count(alice.transcript(root), "ask on-call") }
	was := refusals()
	alice.says(root, "production, and once more")
	d.eventually("that alice is off duty", func() bool { return refusals() > was })
	again := alice.says("", "@claude-code run: touch made-on-duty")
	card := alice.sees(again, "touch made-on-duty", "oncall")
	made := func() bool {
		_, err := os.Stat(filepath.Join(d.work, "made-on-duty"))
		return err == nil
	}
	alice.reacts(card.ID, "+1") // off duty: it does not count
	bob.reacts(card.ID, "+1")
	d.eventually("the call that on-call approved", made)
	if done := bob.sees(again, "touch made-on-duty", "bob").Message; strings.Contains(done, "alice") {
		t.Errorf("who is off duty counts:\n%s", done)
	}
}
