package hooks

import (
	"path/filepath"
	"strings"
	"testing"

	"ctpipe/pipeline"
)

const (
	mondayMorning = 1763977200 // 2025-11-24 10:40 in Berlin
	mondayNight   = mondayMorning + 10*3600
	friday        = mondayMorning + 4*24*3600
)

func command(line string) pipeline.Command {
	words := strings.Fields(line)
	return pipeline.Command{Prog: words[0], Sub: words[1], Args: words[2:], Text: line}
}

func bash(line string, commands ...pipeline.Command) *pipeline.Event {
	ev := toolEvent(commands...)
	ev.Tool.Input = map[string]any{"command": line}
	return ev
}

func at(unix int64, ev *pipeline.Event) *pipeline.Event { ev.Time.Unix = unix; return ev }

func TestEveryScriptBuilds(t *testing.T) {
	files, err := filepath.Glob("../scripts/*.lua")
	if err != nil || len(files) < 4 {
		t.Fatal(files, err)
	}
	var sources []Source
	for _, f := range files {
		if name := strings.TrimSuffix(filepath.Base(f), ".lua"); !strings.HasSuffix(name, ".d") {
			sources = append(sources, script(t, name, pipeline.Allow))
		}
	}
	if set := build(t, sources...); len(set.hooks) != len(sources) || len(set.Kinds()) < 4 {
		t.Errorf("%d hooks, kinds %v", len(set.hooks), set.Kinds())
	}
}

func TestDeployWindow(t *testing.T) {
	set := build(t, script(t, "deploy_window"))
	helm := pipeline.Command{Prog: "helm", Args: []string{"upgrade", "web", "--kube-context=prod-eu"}}
	for name, tt := range map[string]struct {
		ev   *pipeline.Event
		want string
	}{
		"staging":     {toolEvent(kubectl("staging")), "abstain"},
		"no commands": {toolEvent(), "abstain"},
		"in window":   {toolEvent(kubectl("prod")), "ask"},
		"behind cd":   {toolEvent(command("cd x"), kubectl("prod")), "ask"},
		"helm":        {toolEvent(helm), "ask"},
		"night":       {at(mondayNight, toolEvent(kubectl("prod"))), "deny"},
		"friday":      {at(friday, toolEvent(kubectl("prod"))), "deny"},
	} {
		r := run1(t, set, tt.ev)
		if verdict(r) != tt.want || r.Err != nil {
			t.Errorf("%s: %s (%v), want %s", name, verdict(r), r.Err, tt.want)
		}
		if tt.want == "ask" && strings.Join(r.Vote.Terms.Approvers, "") != "oncall" {
			t.Errorf("%s: approvers %v", name, r.Vote.Terms.Approvers)
		}
	}
}

func TestTestBudget(t *testing.T) {
	goTest := func(args ...string) *pipeline.Event {
		return toolEvent(pipeline.Command{Prog: "go", Sub: "test", Args: args})
	}
	opaque := goTest("./...")
	opaque.Tool.Opaque = true
	env := goTest("./...")
	env.Tool.Commands[0].Env = []string{"GOFLAGS"}
	for name, tt := range map[string]struct {
		ev   *pipeline.Event
		want string
	}{
		"plain": {goTest("./..."), "allow"}, "opaque": {opaque, "abstain"}, "environment": {env, "abstain"},
		"exec": {goTest("-exec", "sh", "./..."), "abstain"}, "toolexec": {goTest("--toolexec=x"), "abstain"},
		"two": {toolEvent(command("go test"), command("rm -rf x")), "abstain"},
	} {
		if r := run1(t, build(t, script(t, "test_budget", pipeline.Allow)), tt.ev); verdict(r) != tt.want || r.Err != nil {
			t.Errorf("%s: %s (%v), want %s", name, verdict(r), r.Err, tt.want)
		}
	}
	if r := run1(t, build(t, script(t, "test_budget")), goTest()); verdict(r) != "ask" {
		t.Errorf("without may: %s", verdict(r))
	}
}

func TestRedact(t *testing.T) {
	set := build(t, script(t, "redact"))
	show := func(text string) Result {
		return run1(t, set, &pipeline.Event{Kind: pipeline.KindShow, Show: pipeline.Show{What: "text", Text: text}})
	}
	if r := show("nothing to see"); r.Text != nil || len(r.Effects) > 0 || r.Err != nil {
		t.Errorf("%+v", r)
	}
	r := show("API_KEY = abc123 and AKIA" + strings.Repeat("A", 16) + ", é")
	if r.Text == nil || *r.Text != "API_KEY = ••• and AKIA•••, é" {
		t.Fatalf("%+v", r)
	}
	if len(r.Effects) != 1 || r.Effects[0] != (Effect{Kind: EffectLabel, Key: "redacted", Text: "2"}) {
		t.Errorf("effects %v", r.Effects)
	}
}

func TestReview(t *testing.T) {
	set := build(t, script(t, "review"))
	r := run1(t, set, commandEvent("review", "412"))
	if r.Err != nil || len(r.Effects) != 2 || r.Effects[0].Kind != EffectReact || r.Effects[0].Text != "eyes" ||
		r.Effects[1].Kind != EffectPrompt || !strings.Contains(r.Effects[1].Text, "#412") {
		t.Errorf("%+v", r)
	}
	for _, args := range [][]string{nil, {"x"}, {"4;rm"}} {
		r := run1(t, set, commandEvent("review", args...))
		if r.Err != nil || len(r.Effects) != 1 || r.Effects[0].Kind != EffectReply {
			t.Errorf("%v: %+v", args, r)
		}
	}
}

func TestBusinessHoursAndOncall(t *testing.T) {
	set := build(t, script(t, "business_hours"), script(t, "oncall"))
	event := func(kind pipeline.Kind, unix int64, groups ...string) *pipeline.Event {
		return &pipeline.Event{Kind: kind, Time: pipeline.Time{Unix: unix}, User: pipeline.User{Groups: groups},
			Reaction: pipeline.Reaction{Target: "tool", Meaning: "approve"}}
	}
	for _, tt := range []struct {
		ev   *pipeline.Event
		want string
	}{
		{event(pipeline.KindPost, mondayMorning), "abstain"}, {event(pipeline.KindPost, mondayNight), "ask"},
		{event(pipeline.KindStart, mondayNight, "core", "oncall"), "abstain"}, {event(pipeline.KindStart, mondayNight, "core"), "ask"},
		{event(pipeline.KindReaction, mondayMorning), "abstain"}, {event(pipeline.KindReaction, mondayNight), "deny"},
		{event(pipeline.KindReaction, mondayNight, "oncall"), "abstain"},
	} {
		if r := run1(t, set, tt.ev); verdict(r) != tt.want || r.Err != nil && !strings.Contains(tt.want, "ask") {
			t.Errorf("%s %v: %s (%v), want %s", tt.ev.Kind, tt.ev.User.Groups, verdict(r), r.Err, tt.want)
		}
	}
}

func TestRateLimit(t *testing.T) {
	set := build(t, script(t, "rate_limit"))
	post := func(user string, unix int64) string {
		r := run1(t, set, &pipeline.Event{Kind: pipeline.KindPost, Time: pipeline.Time{Unix: unix}, User: pipeline.User{ID: pipeline.UserID(user)}})
		if err := r.Commit(); err != nil || r.Err != nil {
			t.Fatal(err, r.Err)
		}
		return verdict(r)
	}
	for i := range 10 {
		if got := post("ana", int64(100+i)); got != "abstain" {
			t.Fatalf("post %d: %s", i+1, got)
		}
	}
	if post("ana", 120) != "deny" || post("bo", 120) != "abstain" || post("ana", 160) != "abstain" {
		t.Error("the eleventh post, another person's, or one a minute later was judged wrong")
	}
}

func TestCommitTrailer(t *testing.T) {
	set := build(t, script(t, "commit_trailer"))
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"-m", "fix: x\n\nRefs: PAY-4"}, "abstain"}, {[]string{"-am", "fix", "-m", "Refs: PAY-4"}, "abstain"},
		{[]string{"--message=Refs: PAY-4"}, "abstain"}, {[]string{"-m", "fix"}, "deny"}, {[]string{"-mfix"}, "deny"},
		{[]string{"-F", "msg"}, "ask"}, {nil, "ask"}, {[]string{"-m"}, "ask"},
	} {
		r := run1(t, set, toolEvent(pipeline.Command{Prog: "git", Sub: "commit", Args: tt.args}))
		if verdict(r) != tt.want || r.Err != nil {
			t.Errorf("%q: %s (%v), want %s", tt.args, verdict(r), r.Err, tt.want)
		}
	}
}

func TestTestsBeforePush(t *testing.T) {
	set := build(t, script(t, "tests_before_push"))
	push := command("git push origin x")
	r := run1(t, set, bash(push.Text, push))
	if r.Err != nil || r.Input["command"] != "make test && git push origin x" {
		t.Fatalf("%+v", r)
	}
	for _, tt := range []struct {
		ev   *pipeline.Event
		want string
	}{
		{bash("make test && git push origin x", command("make test"), push), "abstain"},
		{bash("make test; git push origin x", command("make test"), push), "deny"},
		{bash("make test && true; git push origin x", command("make test"), command("true x"), push), "deny"},
		{bash("git status", command("git status")), "abstain"},
	} {
		if r := run1(t, set, tt.ev); verdict(r) != tt.want || r.Err != nil || r.Input != nil {
			t.Errorf("%v: %s (%v), want %s", tt.ev.Tool.Input, verdict(r), r.Err, tt.want)
		}
	}
}

func TestQuietThread(t *testing.T) {
	set := build(t, script(t, "quiet_thread"))
	for what, want := range map[string]string{"text": "", "thinking": "hidden", "tool": "line", "diff": "fold"} {
		r := run1(t, set, &pipeline.Event{Kind: pipeline.KindShow, Show: pipeline.Show{What: what, Lines: 30}})
		got := ""
		if r.Style != nil {
			got = r.Style.Style
		}
		if got != want || r.Err != nil {
			t.Errorf("%s: %q (%v), want %q", what, got, r.Err, want)
		}
	}
}

// The sixth subagent of a session within ten minutes is asked for, and each on
// the largest model; other sessions and other tools are not counted.
func TestFanOut(t *testing.T) {
	set := build(t, script(t, "fan_out"))
	call := func(tool, session, model string, unix int64) string {
		ev := at(unix, toolEvent())
		ev.Tool.Name, ev.Session.ID, ev.Tool.Input = tool, pipeline.SessionID(session), map[string]any{"prompt": "look"}
		if model != "" {
			ev.Tool.Input["model"] = model
		}
		r := run1(t, set, ev)
		if err := r.Commit(); err != nil || r.Err != nil {
			t.Fatal(err, r.Err)
		}
		return verdict(r)
	}
	for i := range 5 {
		if got := call("Agent", "s", "", int64(1000+i)); got != "abstain" {
			t.Fatalf("subagent %d: %s", i+1, got)
		}
	}
	for name, got := range map[string]string{"the sixth": call("Agent", "s", "", 1010), "the older name": call("Task", "s", "", 1011)} {
		if got != "ask" {
			t.Errorf("%s: %s", name, got)
		}
	}
	if a, b, c := call("Agent", "other", "", 1012), call("Bash", "s", "", 1013), call("Agent", "s", "", 1700); a+b+c != "abstainabstainabstain" {
		t.Errorf("another session %s, another tool %s, later %s", a, b, c)
	}
	if got := call("Agent", "other", "opus", 1014); got != "ask" {
		t.Errorf("the largest model: %s", got)
	}
}

// What people allow for a while runs without a card in that thread, until the
// time is over or somebody ends it; nothing hidden, outside or with another
// command goes along.
func TestAllowFor(t *testing.T) {
	set := build(t, script(t, "allow_for", pipeline.Allow))
	const now = 1000
	say := func(unix int64, args ...string) string {
		ev := at(unix, &pipeline.Event{Kind: pipeline.KindCommand, Thread: pipeline.Thread{ID: "t"},
			Command: pipeline.ChatCommand{Name: "allow-for", Args: args}})
		r := run1(t, set, ev)
		if err := r.Commit(); err != nil || r.Err != nil || len(r.Effects) != 1 {
			t.Fatal(err, r.Err, r.Effects)
		}
		return r.Effects[0].Text
	}
	call := func(unix int64, change func(*pipeline.Event), commands ...pipeline.Command) string {
		ev := at(unix, toolEvent(commands...))
		ev.Thread.ID, ev.Tool.Requesters = "t", []pipeline.User{{ID: "u", Allowed: true}}
		if change != nil {
			change(ev)
		}
		return verdict(run1(t, set, ev))
	}
	test, other := command("make test"), command("make install")
	if got := call(now, nil, test); got != "abstain" {
		t.Errorf("before: %s", got)
	}
	for _, args := range [][]string{{}, {"1h"}, {"9h", "make"}, {"1d", "make"}, {"-1m", "make"}, {"1h", "a", "b", "c"}, {"make", "test"}} {
		if got := say(now, args...); !strings.HasPrefix(got, "usage") {
			t.Errorf("%v: %s", args, got)
		}
	}
	if got := say(now, "30m", "make", "test"); got != "make test runs without a card for 30m" {
		t.Error(got)
	}
	env, wrapped := test, test
	env.Env, wrapped.Via = []string{"PATH"}, []string{"sudo"}
	for name, c := range map[string]struct {
		got, want string
	}{
		"as named":        {call(now+1, nil, test, test), "allow"},
		"another target":  {call(now+1, nil, test, other), "abstain"},
		"another thread":  {call(now+1, func(e *pipeline.Event) { e.Thread.ID = "u" }, test), "abstain"},
		"hidden":          {call(now+1, func(e *pipeline.Event) { e.Tool.Opaque = true }, test), "abstain"},
		"environment":     {call(now+1, nil, env), "abstain"},
		"wrapped":         {call(now+1, nil, wrapped), "abstain"},
		"outside":         {call(now+1, func(e *pipeline.Event) { e.Tool.Paths = []pipeline.Path{{Named: "/etc/x"}} }, test), "abstain"},
		"a stranger's":    {call(now+1, func(e *pipeline.Event) { e.Tool.Requesters[0].Allowed = false }, test), "abstain"},
		"nobody's":        {call(now+1, func(e *pipeline.Event) { e.Tool.Requesters = nil }, test), "abstain"},
		"too late":        {call(now+1800, nil, test), "abstain"},
		"nothing to run":  {call(now+1, nil), "abstain"},
		"another tool":    {call(now+1, func(e *pipeline.Event) { e.Tool.Name = "Read" }, test), "abstain"},
		"unknown command": {call(now+1, func(e *pipeline.Event) { e.Unknown = []string{"tool.commands"} }, test), "ask"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %s, want %s", name, c.got, c.want)
		}
	}
	say(now+2, "8h", "make")
	if got := call(now+3, nil, test, other); got != "allow" {
		t.Errorf("the whole program: %s", got)
	}
	say(now+4, "0", "make")
	if got := call(now+5, nil, other); got != "abstain" {
		t.Errorf("ended: %s", got)
	}
}
