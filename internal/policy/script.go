package policy

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"

	"ctpipe/hooks"
	"ctpipe/internal/command"
	"ctpipe/internal/diag"
	"ctpipe/internal/rules"
	"ctpipe/pipeline"
)

// hookSource is a [[hook]] with its script, as the host takes it.
func hookSource(file *rules.File, h rules.Hook, src []byte) hooks.Source {
	return hooks.Source{Name: h.Script, Bytes: src, Timeout: h.Timeout, OnError: hookOnError(file, h),
		May: verdicts(h.May), At: fmt.Sprintf("%s:%d:%d", file.Name, h.Pos.Line, h.Pos.Col)}
}

func hookOnError(file *rules.File, h rules.Hook) map[pipeline.Kind]pipeline.Verdict {
	out := maps.Clone(file.OnError.Kind)
	if h.OnError != pipeline.Abstain {
		for k := range out {
			out[k] = h.OnError
		}
	}
	return out
}

func verdicts(names []string) []pipeline.Verdict {
	var out []pipeline.Verdict
	for _, n := range names {
		if v, err := pipeline.ParseVerdict(n); err == nil {
			out = append(out, v)
		}
	}
	return out
}

// Script is one script, built alone, for its author to try.
type Script struct {
	Hooks    *hooks.Set  // nil if a finding is an error
	Listed   bool        // rules.toml lists it; otherwise it has the defaults of a [[hook]]
	MCP      []rules.MCP // what rules.toml declares of MCP tools
	Sources  map[string][]byte
	Findings []diag.Finding
}

// Script builds the script of this name, relative to rules.toml's folder, by
// what its [[hook]] says. There need be neither a [[hook]] nor a rules.toml.
func (l *Loader) Script(name string) (Script, error) {
	name = filepath.ToSlash(filepath.Clean(name))
	s := Script{Sources: map[string][]byte{}}
	if err := l.readScript(s.Sources, name); err != nil {
		return s, err
	}
	base := filepath.Base(l.Path)
	policy, err := l.read(base)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return s, err
	}
	maps.Copy(s.Sources, policy)
	file, findings := rules.Parse(base, policy[base])
	if policy != nil && diag.HasErrors(findings) {
		s.Findings = findings
		return s, nil
	}
	s.MCP = file.MCP
	hook := rules.Hook{Script: name}
	for _, h := range file.Hooks {
		if filepath.ToSlash(filepath.Clean(h.Script)) == name {
			hook, s.Listed = h, true
		}
	}
	src := hookSource(file, hook, s.Sources[name])
	if !s.Listed {
		src.At = ""
	}
	s.Hooks, s.Findings = hooks.Build([]hooks.Source{src},
		hooks.Options{Modules: s.Sources, Store: l.Store, Reserved: command.Names()})
	return s, nil
}
