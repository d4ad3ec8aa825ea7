package rules

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"ctpipe/internal/diag"
	"ctpipe/pipeline"
)

func named(names ...string) []origin {
	out := make([]origin, len(names))
	for i, n := range names {
		out[i] = origin{name: n}
	}
	return out
}

// onOff are the flags -name and -no-name of a boolean key.
func onOff(name string) []origin {
	return []origin{{name, boolText}, {"no-" + name, func(s string) (string, error) {
		v, err := boolText(s)
		if err != nil {
			return "", err
		}
		return strconv.FormatBool(v != "true"), nil
	}}}
}

// settings is the one table of precedence; the flags of cmd/ctpipe, the
// documentation and the test of precedence are made from it.
var settings = []setting{
	{key: "claude.working_dir", flags: named("dir"), standard: ".",
		file: func(f *File) (string, bool) { return given(f.Claude.WorkingDir) },
		set:  func(c *Config, s string) error { c.WorkingDir = s; return notEmpty(s) }},
	{key: "claude.command", flags: named("claude"), env: named("CLAUDE_PATH"),
		file: func(f *File) (string, bool) { return given(f.Claude.Command) },
		set:  func(c *Config, s string) error { c.Command = s; return nil }},
	{key: "claude.model",
		file: func(f *File) (string, bool) { return given(f.Claude.Model) },
		set:  func(c *Config, s string) error { c.Model = s; return nil }},
	{key: "claude.permissions", flags: []origin{{"permissions", nil}, {"skip-permissions", skipMode(true)}, {"no-skip-permissions", skipMode(false)}},
		env: []origin{{"SKIP_PERMISSIONS", skipMode(true)}}, standard: "default", file: filePermissions,
		set: func(c *Config, s string) error {
			c.Permissions = pipeline.Mode(s)
			return oneOf(s, "default", "auto", "bypass")
		}},
	{key: "claude.chrome", flags: onOff("chrome"), standard: "false",
		file: func(f *File) (string, bool) { return givenBool(f.Claude.Chrome) },
		set:  func(c *Config, s string) error { return setBool(&c.Chrome, s) }},
	{key: "claude.file_hooks", standard: "false",
		file: func(f *File) (string, bool) { return givenBool(f.Claude.FileHooks) },
		set:  func(c *Config, s string) error { return setBool(&c.FileHooks, s) }},
	{key: "claude.worktree_mode", flags: named("worktree-mode"), env: named("WORKTREE_MODE"), standard: "prompt",
		file: func(f *File) (string, bool) { return given(f.Claude.WorktreeMode) },
		set:  func(c *Config, s string) error { c.WorktreeMode = s; return oneOf(s, "off", "prompt", "require") }},
	{key: "limits.max_sessions", flags: named("max-sessions"), env: named("MAX_SESSIONS"), standard: "5",
		file: func(f *File) (string, bool) { return givenInt(f.Limits.MaxSessions) },
		set:  func(c *Config, s string) error { return setInt(&c.Limits.MaxSessions, s, 1, 1000) }},
	{key: "limits.session_timeout", flags: named("session-timeout"), env: []origin{{"SESSION_TIMEOUT_MS", milliseconds}}, standard: "30m",
		file: func(f *File) (string, bool) { return givenOrNever(f.Limits.SessionTimeout) },
		set:  func(c *Config, s string) error { return setOrNever(&c.Limits.SessionTimeout, s) }},
	{key: "limits.posts_per_minute", standard: "30",
		file: func(f *File) (string, bool) { return givenInt(f.Limits.PostsPerMinute) },
		set:  func(c *Config, s string) error { return setInt(&c.Limits.PostsPerMinute, s, 1, 10000) }},
	{key: "limits.parked_posts", standard: "20",
		file: func(f *File) (string, bool) { return givenInt(f.Limits.ParkedPosts) },
		set:  func(c *Config, s string) error { return setInt(&c.Limits.ParkedPosts, s, 1, 10000) }},
	{key: "limits.open_cards", standard: "20",
		file: func(f *File) (string, bool) { return givenInt(f.Limits.OpenCards) },
		set:  func(c *Config, s string) error { return setInt(&c.Limits.OpenCards, s, 1, 1000) }},
	{key: "limits.max_file_mb", standard: "25",
		file: func(f *File) (string, bool) { return givenInt(f.Limits.MaxFileMB) },
		set:  func(c *Config, s string) error { return setInt(&c.Limits.MaxFileMB, s, 1, 1000) }},
	{key: "keep_alive", flags: onOff("keep-alive"), standard: "true",
		file: func(f *File) (string, bool) { return givenBool(f.KeepAlive) },
		set:  func(c *Config, s string) error { return setBool(&c.KeepAlive, s) }},
	{key: "sticky", standard: "true",
		file: func(f *File) (string, bool) { return givenBool(f.Sticky) },
		set:  func(c *Config, s string) error { return setBool(&c.Sticky, s) }},
	{key: "update.feed", env: []origin{{"NO_UPDATE_NOTIFIER", func(string) (string, error) { return "", nil }}},
		file: func(f *File) (string, bool) { return given(f.UpdateFeed) },
		set:  func(c *Config, s string) error { c.UpdateFeed = s; return nil }},
	{key: "log.level", flags: []origin{{"debug", debugLevel}}, env: []origin{{"DEBUG", debugLevel}}, standard: "info",
		file: func(f *File) (string, bool) { return given(f.LogLevel) },
		set:  func(c *Config, s string) error { c.LogLevel = s; return oneOf(s, "debug", "info", "warn", "error") }},
	{key: "state.dir", flags: named("state"), env: named("CTPIPE_STATE"),
		file: func(f *File) (string, bool) { return given(f.State.Dir) },
		set:  func(c *Config, s string) error { c.StateDir = s; return nil }},
	{key: "playground.listen", flags: named("listen"), standard: defaultListen,
		file: func(f *File) (string, bool) { return given(f.Playground.Listen) },
		set: func(c *Config, s string) error {
			if c.Playground.Listen = s; checkListen(s) != "" {
				return fmt.Errorf("is %q; it %s", clip(s), checkListen(s))
			}
			return nil
		}},
	{key: "playground.allowed_users", standard: "alice,bob",
		file: func(f *File) (string, bool) {
			return strings.Join(f.Playground.AllowedUsers, ","), f.Has("playground.allowed_users")
		},
		set: func(c *Config, s string) error { c.Playground.AllowedUsers = list(s); return nil }},
}

// platformSetting is a key of the one [[platform]] that a flag or variable can
// give.
type platformSetting struct {
	key   string
	flags []origin
	env   []origin
	set   func(*Platform, string) error
}

var platformSettings = []platformSetting{
	{"platform.url", named("url"), named("MATTERMOST_URL"), func(p *Platform, s string) error {
		if p.URL = s; checkURL(s) != "" {
			return fmt.Errorf("is %q; it %s", clip(s), checkURL(s))
		}
		return nil
	}},
	{"platform.token", named("token"), named("CTPIPE_TOKEN"), func(p *Platform, s string) error {
		p.Token, p.TokenEnv, p.TokenFile, p.TokenCmd = s, "", "", ""
		return notEmpty(s)
	}},
	{"platform.channel", named("channel"), nil, func(p *Platform, s string) error { p.Channel = s; return notEmpty(s) }},
	{"platform.bot_name", named("bot-name"), nil, func(p *Platform, s string) error { p.BotName = s; return notEmpty(s) }},
	{"platform.allowed_users", named("allowed-users"), nil, func(p *Platform, s string) error {
		if p.AllowedUsers = list(s); len(p.AllowedUsers) == 0 {
			return errors.New("names nobody; leave it out to let everyone in the channel in")
		}
		return nil
	}},
}

func filePermissions(f *File) (string, bool) {
	switch skip := f.Claude.SkipPermissions; {
	case f.Claude.Permissions != "":
		return string(f.Claude.Permissions), true
	case skip != nil && *skip:
		return string(pipeline.ModeBypass), true
	case skip != nil:
		return string(pipeline.ModeDefault), true
	}
	return "", false
}

func skipMode(on bool) func(string) (string, error) {
	return func(s string) (string, error) {
		v, err := boolText(s)
		if err != nil {
			return "", err
		}
		if (v == "true") == on {
			return string(pipeline.ModeBypass), nil
		}
		return string(pipeline.ModeDefault), nil
	}
}

func debugLevel(s string) (string, error) {
	v, err := boolText(s)
	if err != nil || v == "true" {
		return "debug", err
	}
	return "info", nil
}

func boolText(s string) (string, error) {
	switch strings.ToLower(s) {
	case "1", "true", "yes", "on":
		return "true", nil
	case "0", "false", "no", "off":
		return "false", nil
	}
	return "", fmt.Errorf("is %q; want true or false", clip(s))
}

func milliseconds(s string) (string, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n <= 0 || n > int64(100*365*24*time.Hour/time.Millisecond) {
		return "", fmt.Errorf("is %q; want a number of milliseconds, more than 0", clip(s))
	}
	return (time.Duration(n) * time.Millisecond).String(), nil
}

func list(s string) []string {
	var out []string
	for part := range strings.SplitSeq(s, ",") {
		if part = strings.TrimPrefix(strings.TrimSpace(part), "@"); part != "" && !slices.Contains(out, part) {
			out = append(out, part)
		}
	}
	return out
}

func given(s string) (string, bool) { return s, s != "" }

func givenBool(b *bool) (string, bool) {
	if b == nil {
		return "", false
	}
	return strconv.FormatBool(*b), true
}

func givenInt(n int) (string, bool) { return strconv.Itoa(n), n != 0 }

func givenDuration(d time.Duration) (string, bool) { return d.String(), d != 0 }

func notEmpty(s string) error {
	if strings.TrimSpace(s) == "" {
		return errors.New("is empty")
	}
	return nil
}

func oneOf(s string, allowed ...string) error {
	if slices.Contains(allowed, s) {
		return nil
	}
	err := fmt.Sprintf("is %q; want one of %s", clip(s), strings.Join(allowed, ", "))
	if near := diag.Suggest(s, allowed); near != "" {
		err += fmt.Sprintf(" (did you mean %q?)", near)
	}
	return errors.New(err)
}

func setBool(into *bool, s string) error {
	v, err := boolText(s)
	*into = v == "true"
	return err
}

func setInt(into *int, s string, low, high int) error {
	n, err := strconv.Atoi(s)
	if err != nil || n < low || n > high {
		return fmt.Errorf("is %q; want a whole number from %d to %d", clip(s), low, high)
	}
	*into = n
	return nil
}

func setDuration(into *time.Duration, s string) error {
	d, err := parseDuration(s)
	*into = d
	return err
}
