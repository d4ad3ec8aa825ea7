package rules

import (
	"fmt"
	"strings"

	"ctpipe/internal/diag"
	"ctpipe/pipeline"
)

// Config is what ctpipe runs with after flags, environment and rules.toml are
// combined and defaults are filled in.
type Config struct {
	Platforms    []Platform // none: the built-in playground
	WorkingDir   string     // as given; ~ is not expanded
	Command      string     // "": claude on PATH
	Model        string     // "": Claude's own default
	Permissions  pipeline.Mode
	Chrome       bool
	FileHooks    bool
	WorktreeMode string // off, prompt, require
	Limits       Limits // filled in
	KeepAlive    bool
	Sticky       bool   // each channel has a post that lists its sessions
	UpdateFeed   string // "": no look for updates
	LogLevel     string
	StateDir     string // "": $XDG_STATE_HOME/ctpipe
	Playground   Playground
	From         map[string]string // key → where its value came from: "flag -dir", "DEBUG", "rules.toml", "default"
}

// Flags are the flags that were given on the command line, by name without the
// dash, with their values ("true" for boolean ones): what flag.Visit finds.
type Flags map[string]string

// origin is a flag or variable and how its text becomes the key's.
type origin struct {
	name  string
	value func(string) (string, error) // nil: as it is
}

// setting is one key of the table of precedence: flags before environment before
// rules.toml before the default.
type setting struct {
	key      string // as File.At knows it; platform keys are "platform.url"
	flags    []origin
	env      []origin
	standard string // the default, in the same words as the file
	file     func(*File) (string, bool)
	set      func(*Config, string) error
}

// Resolve combines the sources. getenv is os.LookupEnv in life. A value is
// checked the same way whatever its source, and a finding names the flag,
// variable or key it came by.
func Resolve(f *File, flags Flags, getenv func(string) (string, bool)) (Config, []diag.Finding) {
	c := Config{From: map[string]string{}}
	r := &resolver{file: f, flags: flags, getenv: getenv, config: &c}
	for _, s := range settings {
		r.resolve(s)
	}
	r.platforms()
	diag.Sort(r.out)
	return c, r.out
}

type resolver struct {
	file   *File
	flags  Flags
	getenv func(string) (string, bool)
	config *Config
	out    []diag.Finding
}

// candidate is a value with its source.
type candidate struct{ value, from, label string }

func (r *resolver) fail(label, format string, args ...any) {
	r.out = append(r.out, diag.Finding{ID: "bad-setting", Level: diag.Error, File: label, Text: fmt.Sprintf(format, args...)})
}

// outside looks for a value among flags, then in the environment.
func (r *resolver) outside(s setting) (candidate, bool) {
	var found []candidate
	for _, o := range s.flags {
		if raw, ok := r.flags[o.name]; ok {
			found = r.read(found, o, raw, "flag -"+o.name)
		}
	}
	if len(found) > 1 && found[0].value != found[1].value {
		r.fail(found[0].label, "contradicts -%s; give one of them", strings.TrimPrefix(found[1].label, "flag -"))
	}
	for _, o := range s.env {
		if raw, ok := r.getenv(o.name); ok && raw != "" && len(found) == 0 {
			found = r.read(found, o, raw, o.name)
		}
	}
	if len(found) == 0 {
		return candidate{}, false
	}
	return found[0], true
}

func (r *resolver) read(found []candidate, o origin, raw, label string) []candidate {
	if o.value != nil {
		v, err := o.value(raw)
		if err != nil {
			r.fail(label, "%v", err)
			return found
		}
		raw = v
	}
	return append(found, candidate{raw, label, label})
}

func (r *resolver) resolve(s setting) {
	c, ok := r.outside(s)
	if !ok {
		if v, given := s.file(r.file); given {
			c = candidate{v, "rules.toml", r.file.Name}
		} else {
			c = candidate{s.standard, "default", "default"}
		}
	}
	if err := s.set(r.config, c.value); err != nil && c.from == "rules.toml" {
		return // Parse has said so, with the place
	} else if err != nil {
		r.fail(c.label, "%s %v", s.key, err)
		return
	}
	r.config.From[s.key] = c.from
}

// platforms applies what flags and environment say of the one platform, and
// refuses a platform that could not be reached.
func (r *resolver) platforms() {
	ps := append([]Platform{}, r.file.Platforms...)
	type change struct {
		s platformSetting
		c candidate
	}
	var changes []change
	for _, s := range platformSettings {
		if c, ok := r.outside(setting{key: s.key, flags: s.flags, env: s.env}); ok {
			if len(ps) == 0 && s.key == "platform.token" && !strings.HasPrefix(c.from, "flag") {
				continue // a token alone makes no platform
			}
			if len(ps) > 1 && s.key == "platform.token" && !strings.HasPrefix(c.from, "flag") {
				continue // each platform names its own
			}
			changes = append(changes, change{s, c})
		}
	}
	if len(changes) > 0 && len(ps) > 1 {
		r.fail(changes[0].c.label, "is for a single [[platform]]; rules.toml has %d", len(ps))
		changes = nil
	}
	if len(changes) > 0 && len(ps) == 0 {
		ps = []Platform{{ID: "main"}}
	}
	for _, ch := range changes {
		if err := ch.s.set(&ps[0], ch.c.value); err != nil {
			r.fail(ch.c.label, "%s %v", ch.s.key, err)
			continue
		}
		r.config.From[ch.s.key] = ch.c.from
	}
	for i := range ps {
		r.complete(&ps[i])
	}
	r.config.Platforms = ps
}

func (r *resolver) complete(p *Platform) {
	if p.BotName == "" {
		p.BotName = "claude-code"
	}
	var missing []string
	if p.URL == "" {
		missing = append(missing, "url")
	}
	if p.Channel == "" {
		missing = append(missing, "channel")
	}
	if p.Token+p.TokenEnv+p.TokenFile+p.TokenCmd == "" {
		missing = append(missing, "token source (token_env, token_file or token_cmd)")
	}
	if len(missing) > 0 {
		r.out = append(r.out, diag.Finding{ID: "platform-incomplete", Level: diag.Error, File: r.file.Name, Line: p.Pos.Line, Col: p.Pos.Col,
			Len: p.Pos.Len, Text: fmt.Sprintf("[[platform]] %q has no %s", p.ID, strings.Join(missing, ", no "))})
	}
	if p.SkipPermissions != nil && *p.SkipPermissions && r.config.From["claude.permissions"] == "default" {
		r.config.Permissions, r.config.From["claude.permissions"] = pipeline.ModeBypass, "rules.toml"
	}
}

// defaultListen is where the playground's page is served.
const defaultListen = "127.0.0.1:8765"
