package rules

import (
	"fmt"
	"strings"
	"testing"

	"ctpipe/internal/diag"
)

// value reads a key of a Config back as text.
func value(c Config, key string) string {
	var p Platform
	if len(c.Platforms) > 0 {
		p = c.Platforms[0]
	}
	return fmt.Sprint(map[string]any{
		"claude.working_dir": c.WorkingDir, "claude.command": c.Command, "claude.model": c.Model, "claude.permissions": c.Permissions,
		"claude.chrome": c.Chrome, "claude.file_hooks": c.FileHooks, "claude.worktree_mode": c.WorktreeMode,
		"limits.max_sessions": c.Limits.MaxSessions, "limits.session_timeout": c.Limits.SessionTimeout, "limits.posts_per_minute": c.Limits.PostsPerMinute,
		"limits.parked_posts": c.Limits.ParkedPosts, "limits.open_cards": c.Limits.OpenCards, "limits.max_file_mb": c.Limits.MaxFileMB, "keep_alive": c.KeepAlive, "sticky": c.Sticky,
		"update.feed": c.UpdateFeed, "log.level": c.LogLevel, "state.dir": c.StateDir, "playground.listen": c.Playground.Listen,
		"playground.allowed_users": strings.Join(c.Playground.AllowedUsers, ","),
		"platform.url":             p.URL, "platform.token": p.Token, "platform.channel": p.Channel, "platform.bot_name": p.BotName,
		"platform.allowed_users": strings.Join(p.AllowedUsers, ","),
	}[key])
}

// sources gives, for each key, what each source says and what comes of it.
var sources = map[string]struct{ file, flag, flagGives, env, envGives string }{
	"claude.working_dir":       {file: "[claude]\nworking_dir = \"/f\"", flag: "dir=/x", flagGives: "/x"},
	"claude.command":           {file: "[claude]\ncommand = \"/f\"", flag: "claude=/x", flagGives: "/x", env: "CLAUDE_PATH=/e", envGives: "/e"},
	"claude.model":             {file: "[claude]\nmodel = \"f\""},
	"claude.permissions":       {file: "[claude]\npermissions = \"auto\"", flag: "no-skip-permissions=true", flagGives: "default", env: "SKIP_PERMISSIONS=true", envGives: "bypass"},
	"claude.chrome":            {file: "[claude]\nchrome = true", flag: "no-chrome=true", flagGives: "false"},
	"claude.file_hooks":        {file: "[claude]\nfile_hooks = true"},
	"claude.worktree_mode":     {file: "[claude]\nworktree_mode = \"off\"", flag: "worktree-mode=require", flagGives: "require", env: "WORKTREE_MODE=prompt", envGives: "prompt"},
	"limits.max_sessions":      {file: "[limits]\nmax_sessions = 2", flag: "max-sessions=3", flagGives: "3", env: "MAX_SESSIONS=4", envGives: "4"},
	"limits.session_timeout":   {file: "[limits]\nsession_timeout = \"1m\"", flag: "session-timeout=2m", flagGives: "2m0s", env: "SESSION_TIMEOUT_MS=1800000", envGives: "30m0s"},
	"limits.posts_per_minute":  {file: "[limits]\nposts_per_minute = 2"},
	"limits.parked_posts":      {file: "[limits]\nparked_posts = 2"},
	"limits.open_cards":        {file: "[limits]\nopen_cards = 2"},
	"limits.max_file_mb":       {file: "[limits]\nmax_file_mb = 2"},
	"keep_alive":               {file: "keep_alive = false", flag: "keep-alive=true", flagGives: "true"},
	"sticky":                   {file: "sticky = false"},
	"update.feed":              {file: "[update]\nfeed = \"https://u.example/f\"", env: "NO_UPDATE_NOTIFIER=1", envGives: ""},
	"log.level":                {file: "[log]\nlevel = \"error\"", flag: "debug=true", flagGives: "debug", env: "DEBUG=0", envGives: "info"},
	"state.dir":                {file: "[state]\ndir = \"/f\"", flag: "state=/x", flagGives: "/x", env: "CTPIPE_STATE=/e", envGives: "/e"},
	"playground.listen":        {file: "[playground]\nlisten = \"127.0.0.1:1\"", flag: "listen=[::1]:2", flagGives: "[::1]:2"},
	"playground.allowed_users": {file: "[playground]\nallowed_users = [\"f\"]"},
	"platform.url":             {file: "url = \"https://f.example\"", flag: "url=https://x.example", flagGives: "https://x.example", env: "MATTERMOST_URL=https://e.example", envGives: "https://e.example"},
	"platform.token":           {flag: "token=x", flagGives: "x", env: "CTPIPE_TOKEN=e", envGives: "e"},
	"platform.channel":         {file: "channel = \"t/f\"", flag: "channel=t/x", flagGives: "t/x"},
	"platform.bot_name":        {file: "bot_name = \"f\"", flag: "bot-name=x", flagGives: "x"},
	"platform.allowed_users":   {file: "allowed_users = [\"f\"]", flag: "allowed-users=x, @y", flagGives: "x,y"},
}

func pair(s string) (string, string) { k, v, _ := strings.Cut(s, "="); return k, v }

// TestPrecedence walks design's table: every key, every source that it has,
// and which of two wins.
func TestPrecedence(t *testing.T) {
	for _, row := range PrecedenceTable() {
		s, ok := sources[row.Key]
		if !ok {
			t.Fatalf("%s is not tested", row.Key)
		}
		if (s.flag != "") != (len(row.Flags) > 0) || (s.env != "") != (len(row.Env) > 0) {
			t.Errorf("%s: the table has flags %v and variables %v", row.Key, row.Flags, row.Env)
		}
		resolve := func(withFile, withFlag, withEnv bool) string {
			src := ""
			if strings.HasPrefix(row.Key, "platform.") {
				src = "[[platform]]\n"
			}
			if withFile {
				src += s.file
			}
			f, fs := Parse("rules.toml", []byte(src))
			if len(fs) > 0 {
				t.Fatalf("%s: %v", row.Key, fs)
			}
			flags := Flags{}
			if withFlag {
				k, v := pair(s.flag)
				flags[k] = v
			}
			c, _ := Resolve(f, flags, func(name string) (string, bool) {
				k, v := pair(s.env)
				return v, withEnv && k == name
			})
			return value(c, row.Key)
		}
		standard := resolve(false, false, false)
		fromFile := resolve(true, false, false)
		if s.file != "" && fromFile == standard {
			t.Errorf("%s: rules.toml does not win over the default %q", row.Key, standard)
		}
		if s.env != "" {
			if got := resolve(true, false, true); got != s.envGives {
				t.Errorf("%s: environment over rules.toml gives %q", row.Key, got)
			}
		}
		if s.flag != "" {
			if got := resolve(true, true, s.env != ""); got != s.flagGives {
				t.Errorf("%s: flag over environment and rules.toml gives %q", row.Key, got)
			}
		}
	}
}

// TestFUN13 : a bad value is refused by name, whatever its source.
func TestFUN13(t *testing.T) {
	for _, c := range []struct {
		flags     Flags
		env, want string
	}{
		{env: "MAX_SESSIONS=abc", want: `MAX_SESSIONS: limits.max_sessions is "abc"; want a whole number from 1 to 1000`},
		{env: "MAX_SESSIONS=0", want: "MAX_SESSIONS: limits.max_sessions"}, {env: "MAX_SESSIONS=-3", want: "MAX_SESSIONS"},
		{env: "SESSION_TIMEOUT_MS=NaN", want: "SESSION_TIMEOUT_MS"}, {env: "SESSION_TIMEOUT_MS=0", want: "SESSION_TIMEOUT_MS"}, {env: "SESSION_TIMEOUT_MS=99999999999999999", want: "SESSION_TIMEOUT_MS"},
		{env: "WORKTREE_MODE=promt", want: `did you mean "prompt"`}, {env: "SKIP_PERMISSIONS=maybe", want: "SKIP_PERMISSIONS"},
		{flags: Flags{"max-sessions": "1e3"}, want: "flag -max-sessions"}, {flags: Flags{"permissions": "bypas"}, want: `did you mean "bypass"`},
		{flags: Flags{"session-timeout": "-5m"}, want: "flag -session-timeout"}, {flags: Flags{"listen": "0.0.0.0:80"}, want: "flag -listen"},
		{flags: Flags{"permissions": "default", "skip-permissions": "true"}, want: "contradicts"}, {flags: Flags{"url": "chat"}, want: "flag -url"},
		{flags: Flags{"chrome": "true", "no-chrome": "true"}, want: "contradicts"},
	} {
		f, _ := Parse("rules.toml", nil)
		_, fs := Resolve(f, c.flags, func(name string) (string, bool) { k, v := pair(c.env); return v, k == name })
		if !diag.HasErrors(fs) || !strings.Contains(fmt.Sprint(fs), c.want) {
			t.Errorf("%v %s: %v", c.flags, c.env, fs)
		}
	}
}

// TestFUN14: no platform is the playground; a platform that cannot be reached
// is an error; a token alone makes none.
func TestFUN14(t *testing.T) {
	f, _ := Parse("rules.toml", nil)
	c, fs := Resolve(f, nil, func(n string) (string, bool) { return "secret", n == "CTPIPE_TOKEN" })
	if len(fs) != 0 || len(c.Platforms) != 0 {
		t.Errorf("%v %+v", fs, c.Platforms)
	}
	c, fs = Resolve(f, Flags{"url": "https://c.example", "channel": "a/b", "token": "t"}, noEnv)
	if len(fs) != 0 || len(c.Platforms) != 1 || c.Platforms[0].ID != "main" || c.Platforms[0].BotName != "claude-code" {
		t.Errorf("%v %+v", fs, c.Platforms)
	}
	if _, fs = Resolve(f, Flags{"url": "https://c.example"}, noEnv); !diag.HasErrors(fs) {
		t.Error("a platform without channel and token was accepted")
	}
	two, _ := Parse("rules.toml", []byte("[[platform]]\nid=\"a\"\nurl=\"https://a.example\"\nchannel=\"x/y\"\ntoken_env=\"A\"\n[[platform]]\nid=\"b\"\nurl=\"https://b.example\"\nchannel=\"x/y\"\ntoken_env=\"B\"\n"))
	if _, fs = Resolve(two, Flags{"url": "https://c.example"}, noEnv); !diag.HasErrors(fs) {
		t.Error("-url was taken for one of two platforms")
	}
}
