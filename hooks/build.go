package hooks

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"ctpipe/internal/diag"
	"ctpipe/internal/rules"
	"ctpipe/pipeline"
)

// Source is one [[hook]] of rules.toml with its script.
type Source struct {
	Name    string        // path as listed: "scripts/deploy_window.lua"
	Bytes   []byte        // the script, read once with the policy
	Timeout time.Duration // per call; 0: 50 ms
	// OnError is the vote of a failed call, per kind: ask or deny. A kind that
	// is missing, or has another verdict, is denied.
	OnError map[pipeline.Kind]pipeline.Verdict
	May     []pipeline.Verdict // added to ask and deny, which a hook always may
	At      string             // file:line:col of the [[hook]]
}

// Options are what all hooks of a set share.
type Options struct {
	// Modules are the files that scripts require, by path as Requires names
	// them.
	Modules map[string][]byte
	// Store is the hooks' memory; nil: a new Memory, which forgets with the set.
	Store Store
	// Reserved are the names of built-in commands, which no hook may take.
	Reserved []string
	// Previous is the set being replaced: a script that is unchanged keeps what
	// was compiled, and its circuit.
	Previous *Set
	// Now is the clock of the circuits; nil: time.Now.
	Now func() time.Time
}

// defaultTimeout is that of a Source without one. What is given must be within
// the limits that rules.toml has.
const defaultTimeout = 50 * time.Millisecond

const idleStates = 8 // kept per hook

// Build compiles the scripts and checks, by running each file once, that it
// returns a table of functions by event kind. The set is nil if a finding is an
// error. Hooks keep the order of sources.
func Build(sources []Source, o Options) (*Set, []diag.Finding) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Store == nil {
		o.Store = &Memory{}
	}
	b := &builder{o: o, set: &Set{commands: map[string]*hook{}, now: o.Now}, units: map[string]*unit{}, names: map[string]string{}}
	for _, src := range sources {
		b.add(src)
	}
	diag.Sort(b.findings)
	if diag.HasErrors(b.findings) {
		return nil, b.findings
	}
	slices.SortFunc(b.set.help, func(x, y Command) int { return strings.Compare(x.Name, y.Name) })
	return b.set, b.findings
}

type builder struct {
	o        Options
	set      *Set
	findings []diag.Finding
	units    map[string]*unit  // modules, by path; nil: has findings
	names    map[string]string // hook name → path
}

// fault reports what is wrong with a [[hook]], where that stands.
func (b *builder) fault(id string, src Source, format string, args ...any) {
	f := diag.Finding{ID: id, Level: diag.Error, File: src.Name, Text: fmt.Sprintf(format, args...)}
	var line, col int
	if file, at, ok := strings.Cut(src.At, ":"); ok {
		if n, err := fmt.Sscanf(at, "%d:%d", &line, &col); n == 2 && err == nil {
			f.File, f.Line, f.Col = file, line, col
		}
	}
	b.findings = append(b.findings, f)
}

func (b *builder) add(src Source) {
	if src.Timeout == 0 {
		src.Timeout = defaultTimeout
	}
	if src.Timeout < rules.MinHookTimeout || src.Timeout > rules.MaxHookTimeout {
		b.fault("bad-value", src, "timeout %s: want %s to %s", src.Timeout, rules.MinHookTimeout, rules.MaxHookTimeout)
		return
	}
	name := strings.TrimSuffix(path.Base(src.Name), ".lua")
	if other, taken := b.names[name]; taken {
		b.fault("hook-duplicate", src, "hook %q is already the name of %s; a hook is named after its file", name, other)
		return
	}
	b.names[name] = src.Name
	h := b.reuse(src)
	if h == nil {
		if h = b.compile(src); h == nil {
			return
		}
		h.name = name
		if !b.inspect(h) {
			return
		}
	}
	h.source, h.store = src, b.o.Store
	b.mayNot(h)
	b.set.hooks = append(b.set.hooks, h)
	b.addCommands(h)
}

func (b *builder) addCommands(h *hook) {
	for _, c := range h.commands {
		if slices.Contains(b.o.Reserved, c.Name) {
			b.badCommand(h, c, "is built in; choose another name")
			continue
		}
		if other := b.set.commands[c.Name]; other != nil {
			b.badCommand(h, c, "is already brought by "+other.source.Name)
			continue
		}
		b.set.commands[c.Name] = h
		b.set.help = append(b.set.help, c)
	}
}

// mayNot warns of a hook that says ct.allow and may not: each such call fails.
func (b *builder) mayNot(h *hook) {
	if h.unit.allows == 0 || slices.Contains(h.source.May, pipeline.Allow) {
		return
	}
	f := diag.Finding{ID: "hook-may", Level: diag.Warning, File: h.source.Name,
		Text: `ct.allow is an error here: the [[hook]] of this script has no may = ["allow"]`}
	f.Line, f.Col, f.Len = newLint(f.File, h.source.Bytes).place(h.unit.allows, "allow")
	b.findings = append(b.findings, f)
}

func (b *builder) badCommand(h *hook, c Command, text string) {
	f := diag.Finding{ID: "hook-command", Level: diag.Error, File: h.source.Name, Text: fmt.Sprintf("command %q %s", c.Name, text)}
	f.Line, f.Col, f.Len = newLint(f.File, h.source.Bytes).find(c.Name)
	b.findings = append(b.findings, f)
}

// reuse takes over a hook of the previous set whose files are the same. Its
// states are bound to the old set's hook, so the new one begins without any.
func (b *builder) reuse(src Source) *hook {
	if b.o.Previous == nil {
		return nil
	}
	for _, old := range b.o.Previous.hooks {
		if old.source.Name != src.Name || !bytes.Equal(old.source.Bytes, src.Bytes) {
			continue
		}
		for file, u := range old.modules {
			if !bytes.Equal(u.src, b.o.Modules[file]) {
				return nil
			}
		}
		h := *old
		h.idle = make(chan *state, idleStates)
		return &h
	}
	return nil
}

func (b *builder) compile(src Source) *hook {
	u, findings := compile(src.Name, src.Bytes)
	b.findings = append(b.findings, findings...)
	if u == nil {
		return nil
	}
	h := &hook{source: src, unit: u, modules: map[string]*unit{}, kinds: map[pipeline.Kind]bool{},
		idle: make(chan *state, idleStates), circuit: &breaker{}, patterns: &patterns{}, store: b.o.Store}
	if !b.link(h, src.Name, u) {
		return nil
	}
	return h
}

// link compiles the modules that a file requires, and theirs.
func (b *builder) link(h *hook, file string, u *unit) bool {
	for _, need := range u.requires {
		if _, done := h.modules[need.file]; done {
			continue
		}
		m, seen := b.units[need.file]
		if !seen {
			src, ok := b.o.Modules[need.file]
			if !ok {
				l := newLint(file, u.src)
				l.add("lua-require", need.line, need.name, fmt.Sprintf("module %s does not exist", need.file), "")
				b.findings = append(b.findings, l.findings...)
				return false
			}
			var findings []diag.Finding
			m, findings = compile(need.file, src)
			b.findings = append(b.findings, findings...)
			b.units[need.file] = m
		}
		if m == nil {
			return false
		}
		h.modules[need.file] = m
		if !b.link(h, need.file, m) {
			return false
		}
	}
	return true
}
