package hooks

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"ctpipe/pipeline"
)

// label runs body in a tool hook and gives the label "out" that it leaves.
func label(t *testing.T, ev *pipeline.Event, body string) string {
	t.Helper()
	r := run1(t, build(t, toolHook(body)), ev)
	if r.Err != nil || len(r.Effects) != 1 {
		t.Fatalf("%s: err %v, effects %v", body, r.Err, r.Effects)
	}
	return r.Effects[0].Text
}

func TestHelpers(t *testing.T) {
	for _, tt := range []struct{ expr, want string }{
		{`ct.glob("src/**/*.go", "src/a/b/c.go")`, "true"},
		{`ct.glob("src/**/*.go", "src/c.go")`, "true"},
		{`ct.glob("*.go", "a/c.go")`, "false"},
		{`ct.glob(".github/**", ".github/workflows/x.yml")`, "true"},
		{`ct.glob("a?c.{md,txt}", "abc.txt")`, "true"},
		{`ct.glob("[!a]b", "ab")`, "false"},
		{`ct.glob("né*", "nées")`, "true"},
		{`ct.glob("a.c", "abc")`, "false"},
		{`ct.match("(\\w+)@(\\w+)", "bo@example")`, "bo"},
		{`ct.match("^x", "ax")`, "nil"},
		{`ct.match("b+", "abbc")`, "bb"},
		{`ct.gsub("a-b-c", "-", "+")`, "a+b+c"},
		{`select(2, ct.gsub("a-b-c", "-", "+"))`, "2"},
		{`ct.gsub("k=v", "(\\w)=(?P<v>\\w)", "${v}=$1")`, "v=k"},
		{`ct.within(ev.time, "Mon-Fri 09:00-17:00", "Europe/Berlin")`, "true"},
		{`ct.within(ev.time, "Tue-Sun 09:00-17:00", "UTC")`, "false"},
		{`ct.within(ev.time.unix, "Mon", "UTC")`, "true"},
		{`ct.json.encode({ a = { 1, true, "x" } })`, `{"a":[1,true,"x"]}`},
		{`ct.json.encode(ev.tool.input)`, `{"command":"ls","timeout":5}`},
		{`ct.json.encode(ev.tool.commands[1].args)`, `["push","-f"]`},
		{`ct.json.decode('{"a":[1,{"b":null}],"c":"d"}').a[1]`, "1"},
		{`ct.copy(ev.tool.input).command`, "ls"},
		{`ev.tool.input.nothing`, "nil"},
		{`ev.session.cost`, "0"},
		{`ev.kind`, "tool"},
		{`rawget(ev, "kind")`, "tool"},
	} {
		if got := label(t, toolEvent(pipelineGit), `ct.label("out", tostring((`+tt.expr+`)))`); got != tt.want {
			t.Errorf("%s = %s, want %s", tt.expr, got, tt.want)
		}
	}
}

func TestHelperErrors(t *testing.T) {
	for _, tt := range []struct{ expr, want string }{
		{`ct.glob("{a", "x")`, "not a glob pattern"},
		{`ct.glob(("a"):rep(2000), "x")`, "at most 1024"},
		{`ct.match("(", "x")`, "missing closing )"},
		{`ct.within(ev.time, "Mun 09:00-10:00", "UTC")`, `ct.within: "Mun`},
		{`ct.within(ev.time, "9-10", "UTC")`, `ct.within: "9-10`},
		{`ct.within(ev.time, "Mon 09:00-10:00")`, "string expected"},
		{`ct.within(ev.time, "Mon 09:00-10:00", "Mars/Base")`, "ct.within: no time zone"},
		{`ct.json.decode("{")`, "unexpected end"},
		{`ct.json.encode(print2)`, ""},
		{`ct.react("not an emoji")`, "want an emoji's name"},
		{`ct.input("x")`, "names as keys"},
		{`("x"):match(("%b") .. "()")`, "use ct.match"}, // written out, the check finds it
		{`next(ev)`, "use pairs"},
		{`string.format("%y", 1)`, "unknown conversion"},
	} {
		src := toolHook("local x = " + tt.expr)
		set, findings := Build([]Source{src}, Options{})
		if set == nil {
			if tt.want != "" {
				t.Errorf("%s: %v", tt.expr, findings)
			}
			continue
		}
		if r := run1(t, set, toolEvent()); r.Err == nil || !strings.Contains(r.Err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.expr, r.Err, tt.want)
		}
	}
}

// The event reads the same in Lua as in JSON, field by field.
func TestEventFields(t *testing.T) {
	ev := toolEvent(pipelineGit)
	ev.Tool.Paths = []pipeline.Path{{Named: "a", Real: "/x/a", Inside: true}}
	ev.User.Groups = []string{"core"}
	ev.Unknown = []string{"user.name2"}
	body := `local function walk(v)
		if type(v) ~= "table" then return v end
		if #v > 0 then
			local list = {}
			for i, item in ipairs(v) do list[i] = walk(item) end
			return list
		end
		local t = {}
		for k, item in pairs(v) do t[k] = walk(item) end
		return t
	end
	return ct.reply(ct.json.encode(walk(ev)))`
	r := run1(t, build(t, toolHook(body)), ev)
	if r.Err != nil {
		t.Fatal(r.Err)
	}
	var got, want any
	if err := json.Unmarshal([]byte(r.Effects[0].Text), &got); err != nil {
		t.Fatal(err)
	}
	whole, err := json.Marshal(ev)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(whole, &want); err != nil {
		t.Fatal(err)
	}
	if got, want := flat("", got), flat("", want); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// flat lists the scalars of a JSON value by path. Empty lists, objects and null
// look alike to Lua; they and what is zero, which JSON leaves out, are left out.
func flat(path string, v any) map[string]any {
	out := map[string]any{}
	add := func(key string, v any) {
		for k, item := range flat(path+"/"+key, v) {
			out[k] = item
		}
	}
	switch v := v.(type) {
	case map[string]any:
		for k, item := range v {
			add(k, item)
		}
	case []any:
		for i, item := range v {
			add(string(rune('0'+i)), item)
		}
	case nil:
	default:
		if v == "" || v == false || v == 0.0 {
			return out
		}
		out[path] = v
	}
	return out
}

func TestShowHooks(t *testing.T) {
	set := build(t, source("x", `return { show = function(ev)
		if ev.show.what == "diff" then return ct.style("fold", { max_lines = 20, template = "t" }) end
		if ev.show.lines > 10 then return ct.style("line", { text = "long" }) end
		return ct.text(ev.show.text:upper())
	end }`))
	show := func(s pipeline.Show) Result {
		return run1(t, set, &pipeline.Event{Kind: pipeline.KindShow, Show: s})
	}
	if r := show(pipeline.Show{What: "diff"}); r.Style == nil || *r.Style != (Style{"fold", 20, "t"}) || r.Vote != nil || r.Text != nil {
		t.Errorf("%+v", r)
	}
	if r := show(pipeline.Show{Lines: 11}); r.Style == nil || r.Style.Style != "line" || r.Text == nil || *r.Text != "long" {
		t.Errorf("%+v", r)
	}
	if r := show(pipeline.Show{Text: "abc"}); r.Text == nil || *r.Text != "ABC" {
		t.Errorf("%+v", r)
	}
}

func TestStartSessionAndInput(t *testing.T) {
	set := build(t, source("x", `return {
		start = function(ev) return ct.set{ dir = "~/" .. ev.thread.channel_name, model = "opus", mode = "default" } end,
		session = function(ev) if ev.notice.what == "idle" then return ct.reply("still there?") end end,
		tool = function(ev)
			local input = ct.copy(ev.tool.input)
			input.command = input.command .. " -l"
			return ct.input(input)
		end,
	}`))
	r := run1(t, set, &pipeline.Event{Kind: pipeline.KindStart, Thread: pipeline.Thread{ChannelName: "web"}})
	if want := map[string]string{"dir": "~/web", "model": "opus", "mode": "default"}; !reflect.DeepEqual(r.Set, want) {
		t.Errorf("set %v (%v)", r.Set, r.Err)
	}
	r = run1(t, set, &pipeline.Event{Kind: pipeline.KindSession, Notice: pipeline.Notice{What: "idle"}})
	if !reflect.DeepEqual(r.Effects, []Effect{{Kind: EffectReply, Text: "still there?"}}) || r.Vote != nil {
		t.Errorf("%+v", r)
	}
	ev := toolEvent()
	r = run1(t, set, ev)
	if want := map[string]any{"command": "ls -l", "timeout": 5.0}; !reflect.DeepEqual(r.Input, want) || ev.Tool.Input["command"] != "ls" {
		t.Errorf("input %v (%v)", r.Input, r.Err)
	}
}

func TestCustomCommands(t *testing.T) {
	set := build(t, script(t, "review"), source("judge", `return { command = function(ev) return ct.deny("no " .. ev.command.name) end }`))
	if got := set.Commands(); !reflect.DeepEqual(got, []Command{{Name: "review", Help: "!review <pr> - review a pull request", Hook: "review"}}) {
		t.Errorf("commands %v", got)
	}
	if results := set.Run(background, commandEvent("stop")); len(results) != 1 || results[0].Hook != "judge" {
		t.Errorf("%+v", results)
	}
	if results := set.Run(background, commandEvent("review", "1")); len(results) != 2 {
		t.Errorf("%+v", results)
	}
	for _, o := range []Options{{Reserved: []string{"review"}}, {}} {
		sources := []Source{script(t, "review"), source("other", `return { command = { review = function(ev) end } }`)}
		if _, findings := Build(sources, o); len(findings) == 0 {
			t.Error("a taken command name was accepted")
		}
	}
}

func commandEvent(name string, args ...string) *pipeline.Event {
	return &pipeline.Event{Kind: pipeline.KindCommand, Time: toolEvent().Time, Command: pipeline.ChatCommand{Name: name, Args: args}}
}
