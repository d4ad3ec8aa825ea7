package rules

import (
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"ctpipe/internal/diag"
	"ctpipe/pipeline"
)

// Platform is one [[platform]]: a Mattermost server and the channel to serve.
// The token itself never stands in the file; exactly one source names it.
type Platform struct {
	ID, URL, Channel, BotName     string
	TokenEnv, TokenFile, TokenCmd string
	AllowedUsers                  []string // names
	SkipPermissions               *bool    // true: another way to say permissions = "bypass"
	Token                         string   // from a flag or the environment only; never printed
	Pos                           Pos
}

// Claude is [claude]: what a session is started with.
type Claude struct {
	// Roots are where !cd may go; none: the working directory and its worktrees.
	Roots []string

	WorkingDir, Command, Model string
	Permissions                pipeline.Mode // "": default
	SkipPermissions            *bool         // true: bypass
	Chrome, FileHooks          *bool
	WorktreeMode               string // off, prompt, require; "": prompt
}

// Limits is [limits]; 0 means the default.
type Limits struct {
	MaxSessions    int
	SessionTimeout time.Duration
	PostsPerMinute int // of one user
	ParkedPosts    int // strangers' posts waiting for an owner
	OpenCards      int // of one session
	MaxFileMB      int // of one attachment, in MiB
}

// Approval is [approval]: what holds for every ask that does not say more.
type Approval struct {
	Approvers []string // owner, invited, allowed, or a group; nil: allowed
	TTL       time.Duration
}

// State is [state].
type State struct{ Dir string }

// Playground is [playground].
type Playground struct {
	Listen       string
	AllowedUsers []string
}

// Journal is [journal].
type Journal struct {
	Keep     time.Duration
	Required *bool
}

// Reload is [reload].
type Reload struct {
	Announce, Confirm string
	Owners            []string // allowed, or a group: who may put a held save in force; nil: allowed
}

func defaultVerdicts() Verdicts {
	return Verdicts{Kind: map[pipeline.Kind]pipeline.Verdict{
		pipeline.KindPost: pipeline.Deny, pipeline.KindStart: pipeline.Deny, pipeline.KindCommand: pipeline.Deny,
		pipeline.KindReaction: pipeline.Deny, pipeline.KindTool: pipeline.Ask, pipeline.KindShow: pipeline.Allow,
	}, Opaque: pipeline.Ask}
}

func onErrorVerdicts() Verdicts {
	v := defaultVerdicts()
	v.Kind[pipeline.KindShow] = pipeline.Deny
	return v
}

// judgedKinds are the kinds that get a verdict.
func judgedKinds() []pipeline.Kind {
	return slices.DeleteFunc(slices.Clone(pipeline.Kinds), func(k pipeline.Kind) bool { return !k.Judged() })
}

func (d *decoder) file(f *File, t *table) {
	d.verdicts(t.sub("default"), &f.Default, true)
	d.verdicts(t.sub("on_error"), &f.OnError, false)
	f.KeepAlive = t.boolean("keep_alive")
	f.Sticky = t.boolean("sticky")
	d.platforms(f, t.tables("platform"))
	d.claude(f, t.sub("claude"))
	d.limits(f, t.sub("limits"))
	d.approval(f, t.sub("approval"))
	d.pipeline(f, t.sub("pipeline"))
	d.groups(f, t.sub("groups"))
	d.defines(f, t.sub("define"))
	d.rules(f, t.tables("rule"))
	d.hooks(f, t.tables("hook"))
	d.mcps(f, t.tables("mcp"))
	d.tests(f, t.tables("test"))
	d.small(f, t)
	d.stages(f, t.sub("stage"))
	t.done()
}

func (d *decoder) verdicts(t *table, v *Verdicts, opaque bool) {
	allowed := []string{"allow", "ask", "deny"}
	if !opaque {
		allowed = allowed[1:]
	}
	read := func(key string) (pipeline.Verdict, bool) {
		if t.v[key] == "allow" && !opaque {
			t.has(key, strings.Join(allowed, " | "))
			d.add(diag.Error, "on-error-allow", t.valueAt(key), "",
				`%s may not be "allow": what could not be judged is never let through; want ask or deny`, t.full(key))
			return 0, false
		}
		got, err := pipeline.ParseVerdict(t.enum(key, allowed...))
		return got, err == nil
	}
	for _, k := range judgedKinds() {
		if got, ok := read(string(k)); ok {
			v.Kind[k] = got
		}
	}
	if opaque {
		if got, ok := read("opaque"); ok {
			v.Opaque = got
		}
	}
	t.done()
}

func (d *decoder) platforms(f *File, ts []*table) {
	first := map[string]bool{}
	for _, t := range ts {
		p := Platform{ID: t.text("id"), URL: t.text("url"), Channel: t.text("channel"), BotName: t.text("bot_name"),
			TokenEnv: t.text("token_env"), TokenFile: t.text("token_file"), TokenCmd: t.text("token_cmd"),
			AllowedUsers: t.strs("allowed_users"), SkipPermissions: t.boolean("skip_permissions"), Pos: t.here()}
		if msg := checkURL(p.URL); p.URL != "" && msg != "" {
			t.badValue("url", "", "%s", msg)
		}
		sources := 0
		for _, s := range []string{p.TokenEnv, p.TokenFile, p.TokenCmd} {
			if s != "" {
				sources++
			}
		}
		if sources > 1 {
			d.add(diag.Error, "platform-token", p.Pos, "", "[[platform]] names %d token sources; want one of token_env, token_file, token_cmd", sources)
		}
		if p.ID == "" && len(ts) > 1 {
			d.add(diag.Error, "missing-key", p.Pos, "", "each [[platform]] wants an id when there are several")
		}
		if p.ID != "" && first[p.ID] {
			d.add(diag.Error, "duplicate-id", t.valueAt("id"), "", "platform id %q is taken", p.ID)
		}
		first[p.ID] = true
		if p.ID == "" {
			p.ID = "main"
		}
		t.also = map[string]string{"token": "a token does not belong in rules.toml (it is read, copied and shown in diffs): put it in a file or variable and name that with token_file or token_env"}
		t.done()
		f.Platforms = append(f.Platforms, p)
	}
}

func checkURL(s string) string {
	rest, ok := strings.CutPrefix(s, "https://")
	if !ok {
		rest, ok = strings.CutPrefix(s, "http://")
	}
	host, _, _ := strings.Cut(rest, "/")
	switch {
	case !ok:
		return "wants a whole address like https://chat.example.org"
	case host == "" || strings.ContainsAny(rest, " \t?#@"):
		return "wants an address like https://chat.example.org, without user, query or fragment"
	}
	return ""
}

func (d *decoder) claude(f *File, t *table) {
	f.Claude = Claude{
		Roots: t.strs("roots"), WorkingDir: t.text("working_dir"), Command: t.text("command"), Model: t.text("model"),
		Permissions:     pipeline.Mode(t.enum("permissions", "default", "auto", "bypass")),
		SkipPermissions: t.boolean("skip_permissions"), Chrome: t.boolean("chrome"), FileHooks: t.boolean("file_hooks"),
		WorktreeMode: t.enum("worktree_mode", "off", "prompt", "require"),
	}
	skip, mode := f.Claude.SkipPermissions, f.Claude.Permissions
	if skip != nil && mode != "" && *skip != (mode == pipeline.ModeBypass) {
		d.add(diag.Error, "conflict", t.valueAt("skip_permissions"), "", "claude.skip_permissions = %t contradicts permissions = %q; keep one of them", *skip, mode)
	}
	t.done()
}

func (d *decoder) limits(f *File, t *table) {
	f.Limits = Limits{
		MaxSessions: t.count("max_sessions", 1, 1000), SessionTimeout: t.orNever("session_timeout"),
		PostsPerMinute: t.count("posts_per_minute", 1, 10000), ParkedPosts: t.count("parked_posts", 1, 10000),
		OpenCards: t.count("open_cards", 1, 1000), MaxFileMB: t.count("max_file_mb", 1, 1000),
	}
	t.done()
}

func (d *decoder) approval(f *File, t *table) {
	f.Approval = Approval{Approvers: t.strs("approvers"), TTL: t.duration("ttl")}
	if list, ok := t.v["approvers"].([]any); ok && len(list) == 0 {
		t.badValue("approvers", "", "names nobody, so no card could be answered")
	}
	t.done()
}

func (d *decoder) pipeline(f *File, t *table) {
	for _, k := range pipeline.Kinds {
		names := t.strs(string(k))
		if t.v[string(k)] == nil {
			continue
		}
		if f.Pipeline == nil {
			f.Pipeline = map[pipeline.Kind][]string{}
		}
		f.Pipeline[k] = names
	}
	t.done()
}

// reservedGroups are the approver words that are no groups.
var reservedGroups = []string{"owner", "invited", "allowed"}

func (d *decoder) groups(f *File, t *table) {
	f.Groups = map[string][]string{}
	for _, name := range t.keys() {
		f.Groups[name] = t.strs(name)
		if slices.Contains(reservedGroups, name) {
			d.add(diag.Error, "reserved-name", t.at(name), "", "a group cannot be called %q: approvers already means something by it", name)
		}
	}
}

func (d *decoder) small(f *File, t *table) {
	s := t.sub("state")
	f.State.Dir = s.text("dir")
	s.done()
	p := t.sub("playground")
	f.Playground = Playground{Listen: p.text("listen"), AllowedUsers: p.strs("allowed_users")}
	if msg := checkListen(f.Playground.Listen); f.Playground.Listen != "" && msg != "" {
		p.badValue("listen", "", "%s", msg)
	}
	p.done()
	j := t.sub("journal")
	f.Journal = Journal{Keep: j.duration("keep"), Required: j.boolean("required")}
	j.done()
	r := t.sub("reload")
	f.Reload = Reload{Announce: r.text("announce"), Confirm: r.enum("confirm", "loosening", "never"), Owners: r.strs("owners")}
	r.done()
	l := t.sub("log")
	f.LogLevel = l.enum("level", "debug", "info", "warn", "error")
	l.done()
	u := t.sub("update")
	f.UpdateFeed = u.text("feed")
	u.done()
}

// checkListen says what is wrong with host:port, or "".
func checkListen(s string) string {
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		return `wants an address like "127.0.0.1:8765"`
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return "has no port from 0 to 65535"
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return "must be an address of this machine only (127.0.0.1): the page can drive Claude"
	}
	return ""
}
