package policy

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"time"

	"ctpipe/hooks"
	"ctpipe/internal/command"
	"ctpipe/internal/diag"
	"ctpipe/internal/rules"
	"ctpipe/pipeline"
	"ctpipe/stages"
)

// defaultTTL is how long an ask waits where neither rule nor [approval] says.
const defaultTTL = 30 * time.Minute

// Policy is one version of rules.toml and its scripts, built and checked. It
// is immutable.
type Policy struct {
	Snapshot *pipeline.Snapshot
	File     *rules.File
	Config   rules.Config
	Rules    *rules.Set
	Hooks    *hooks.Set
	Cases    []Case            // the tests of rules.toml and of the *_test.toml beside it
	Sources  map[string][]byte // what it was built from, by name relative to rules.toml's folder
	Findings []diag.Finding    // warnings; errors keep a policy from being made
}

// Of gives the policy that a snapshot belongs to.
func Of(s *pipeline.Snapshot) *Policy {
	p, _ := s.Config.(*Policy)
	return p
}

// Loader reads and builds policies. Its fields are set once.
type Loader struct {
	Path   string // of rules.toml
	Flags  rules.Flags
	Getenv func(string) (string, bool)
	Store  hooks.Store  // the hooks' memory, kept over reloads
	Stage  stages.Build // what stages get beside rules and hooks: Seen, Secrets, Journal
	// Protected are further paths that Claude may never write, beside
	// rules.toml and the folder of its scripts.
	Protected []string
}

// files is where rules.toml and everything it lists are: what to watch, and
// what Claude may not write.
func (l *Loader) files(p *Policy) []string {
	dir := filepath.Dir(l.Path)
	files := append([]string{l.Path, filepath.Join(dir, "scripts")}, l.testFiles()...)
	if p != nil {
		for name := range p.Sources {
			if path := filepath.Join(dir, name); !slices.Contains(files, path) {
				files = append(files, path)
			}
		}
	}
	return files
}

// Read reads rules.toml, the scripts it lists and the test files beside it,
// each once. Names are relative to rules.toml's folder, so that a revision does
// not depend on where that is.
func (l *Loader) Read() (map[string][]byte, []diag.Finding) {
	name := filepath.Base(l.Path)
	sources, err := l.read(name)
	if err != nil {
		return nil, []diag.Finding{{ID: "unreadable", Level: diag.Error, File: l.Path, Text: reason(err).Error()}}
	}
	file, findings := rules.Parse(name, sources[name])
	for _, h := range file.Hooks {
		if err := l.readScript(sources, h.Script); err != nil {
			findings = append(findings, diag.Finding{ID: "unreadable", Level: diag.Error, File: name,
				Line: h.Pos.Line, Col: h.Pos.Col, Len: h.Pos.Len, Text: fmt.Sprintf("hook %s: %v", h.Script, reason(err))})
		}
	}
	findings = append(findings, l.readRota(file, sources)...)
	return sources, append(findings, l.readTests(sources)...)
}

// readScript reads a script and, once each, the modules it requires.
func (l *Loader) readScript(sources map[string][]byte, name string) error {
	name = filepath.Clean(name)
	if _, done := sources[name]; done {
		return nil
	}
	if !filepath.IsLocal(name) {
		return fmt.Errorf("a script must be in the folder of %s or below it", filepath.Base(l.Path))
	}
	got, err := l.read(name)
	if err != nil {
		return err
	}
	maps.Copy(sources, got)
	for _, module := range hooks.Requires(name, sources[name]) {
		_ = l.readScript(sources, module) // a module that is missing is the hook host's finding, with its line
	}
	return nil
}

func (l *Loader) read(name string) (map[string][]byte, error) {
	path := filepath.Join(filepath.Dir(l.Path), name)
	got, err := readAll([]string{path})
	if err != nil {
		return nil, err
	}
	return map[string][]byte{name: got[path]}, nil
}

// Build makes a policy of what was read. All findings are collected; with an
// error among them there is no policy. Previous, which may be nil, lends what
// has not changed.
func (l *Loader) Build(sources map[string][]byte, previous *Policy) (*Policy, []diag.Finding) {
	name := filepath.Base(l.Path)
	if sources == nil {
		return nil, nil // Read has said why
	}
	file, findings := rules.Parse(name, sources[name])
	findings = append(findings, notBlank(name, sources[name])...)
	findings = append(findings, takeRota(file, sources)...)
	set, more := rules.Compile(file, rules.Options{Stages: ruleStages()})
	findings = append(findings, more...)
	config, more := rules.Resolve(file, l.Flags, l.Getenv)
	findings = append(append(findings, more...), openLists(file, config)...)
	lua, more := l.hooks(file, sources, previous, l.Store)
	findings = append(findings, more...)
	cases, more := cases(file, sources)
	findings = append(findings, more...)
	if diag.HasErrors(findings) {
		diag.Sort(findings)
		return nil, findings
	}
	p := &Policy{File: file, Config: config, Rules: set, Hooks: lua, Cases: cases, Sources: sources, Findings: findings}
	snap, more := l.snapshot(p)
	findings = append(findings, more...)
	diag.Sort(findings)
	if diag.HasErrors(findings) {
		return nil, findings
	}
	p.Snapshot, p.Findings = snap, findings
	return p, findings
}

// Rechain builds a policy's chains anew, after l.Stage or l.Protected changed.
func (l *Loader) Rechain(p *Policy) (*Policy, error) {
	next := *p
	snap, findings := l.snapshot(&next)
	if diag.HasErrors(findings) {
		return nil, fmt.Errorf("building the chains: %s", firstError(findings))
	}
	snap.Config, next.Snapshot = &next, snap
	return &next, nil
}

// notBlank refuses a file that says nothing: that is what a file looks like
// while it is being written, and never what somebody wants in force.
func notBlank(name string, src []byte) []diag.Finding {
	for line := range bytes.Lines(src) {
		if line = bytes.TrimSpace(line); len(line) > 0 && line[0] != '#' {
			return nil
		}
	}
	return []diag.Finding{{ID: "empty-file", Level: diag.Error, File: name, Text: "it says nothing; a policy has at least one rule or [default]"}}
}

func (l *Loader) hooks(file *rules.File, sources map[string][]byte, previous *Policy, store hooks.Store) (*hooks.Set, []diag.Finding) {
	var list []hooks.Source
	for _, h := range file.Hooks {
		src, read := sources[filepath.Clean(h.Script)]
		if !read {
			continue // reported by Read
		}
		list = append(list, hookSource(file, h, src))
	}
	o := hooks.Options{Modules: sources, Store: store, Reserved: command.Names()}
	if previous != nil {
		o.Previous = previous.Hooks
	}
	return hooks.Build(list, o)
}

func ruleStages() []rules.Stage {
	var out []rules.Stage
	for _, s := range stages.All {
		out = append(out, rules.Stage{Name: s.Name, Role: s.Role, On: s.On, Options: s.Options})
	}
	return out
}

// Load reads, builds and tests what is on disk. Sources are for printing
// findings.
func (l *Loader) Load() (p *Policy, sources map[string][]byte, findings []diag.Finding) {
	return l.LoadFrom(l.Read())
}

// LoadFrom is Load of what Read gave: a policy whose tests fail is none.
func (l *Loader) LoadFrom(sources map[string][]byte, findings []diag.Finding) (*Policy, map[string][]byte, []diag.Finding) {
	p, findings := l.build(sources, findings, nil)
	if p == nil {
		return nil, sources, findings
	}
	if failed := l.Test(context.Background(), p, nil).findings(); len(failed) > 0 {
		return nil, sources, merge(findings, failed)
	}
	return p, sources, findings
}

// LoadUntested reads and builds what is on disk, for those who run tests or
// explain.
func (l *Loader) LoadUntested() (*Policy, map[string][]byte, []diag.Finding) {
	sources, findings := l.Read()
	p, findings := l.build(sources, findings, nil)
	return p, sources, findings
}

// build is Build after Read: what Read found counts too.
func (l *Loader) build(sources map[string][]byte, read []diag.Finding, previous *Policy) (*Policy, []diag.Finding) {
	p, more := l.Build(sources, previous)
	if diag.HasErrors(read) {
		return nil, merge(read, more)
	}
	return p, more
}

// merge adds the findings of more that are not in findings yet.
func merge(findings, more []diag.Finding) []diag.Finding {
	seen := map[diag.Finding]bool{}
	for _, f := range findings {
		seen[f] = true
	}
	for _, f := range more {
		if !seen[f] {
			findings = append(findings, f)
		}
	}
	diag.Sort(findings)
	return findings
}
