package policy

import (
	"cmp"
	"path/filepath"
	"slices"
	"strings"

	"ctpipe/hooks"
	"ctpipe/internal/diag"
	"ctpipe/internal/rules"
	"ctpipe/pipeline"
	"ctpipe/stages"
)

// snapshot builds the chains of a policy.
func (l *Loader) snapshot(p *Policy) (*pipeline.Snapshot, []diag.Finding) {
	return l.chains(p, p.Hooks, l.Stage, map[string]pipeline.Link{})
}

// chains builds the chains of a policy from b, with these hooks. Stages that
// are built already are taken as they are.
func (l *Loader) chains(p *Policy, lua *hooks.Set, b stages.Build, built map[string]pipeline.Link) (*pipeline.Snapshot, []diag.Finding) {
	approval := pipeline.Terms{Approvers: p.File.Approval.Approvers, Quorum: 1, TTL: cmp.Or(p.File.Approval.TTL, defaultTTL)}
	if len(approval.Approvers) == 0 {
		approval.Approvers = []string{"allowed"}
	}
	b.Rules, b.Hooks, b.Approval = p.Rules, lua, approval
	b.Default, b.OnError, b.Opaque = p.File.Default.Kind, p.File.OnError.Kind, p.File.Default.Opaque
	b.Protected = l.protected(p)
	b.ReadsText = readsText(p)
	if p.File.Journal.Required == nil || !*p.File.Journal.Required {
		b.Journal = nil
	}
	snap := &pipeline.Snapshot{Rev: revision(p.Sources), Chains: map[pipeline.Kind][]pipeline.Link{},
		Default: b.Default, OnError: b.OnError, Approval: approval, Config: p}
	var out []diag.Finding
	for _, kind := range pipeline.Kinds {
		names, given := p.File.Pipeline[kind]
		if !given {
			names = stages.Chain(kind, p.File)
		}
		chain, err := links(&b, built, names)
		if err != nil {
			out = append(out, p.File.Finding(diag.Error, "stage", "pipeline."+string(kind), "%v", err))
			continue
		}
		snap.Chains[kind] = chain
	}
	return snap, out
}

// links builds the stages of one chain. The floor comes before every other
// gate, and behind the facts that it reads.
func links(b *stages.Build, built map[string]pipeline.Link, names []string) ([]pipeline.Link, error) {
	var chain []pipeline.Link
	for _, name := range names {
		link, err := linkOf(b, built, name)
		if err != nil {
			return nil, err
		}
		chain = append(chain, link)
	}
	floor, err := linkOf(b, built, "floor")
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(chain, func(l pipeline.Link) bool { return l.Role != pipeline.Enrich })
	if at < 0 {
		at = len(chain)
	}
	return slices.Insert(chain, at, floor), nil
}

func linkOf(b *stages.Build, built map[string]pipeline.Link, name string) (pipeline.Link, error) {
	if link, ok := built[name]; ok {
		return link, nil
	}
	spec, ok := stages.Find(name)
	if !ok {
		return pipeline.Link{}, &unknownStage{name}
	}
	stage, err := spec.New(b)
	if err != nil {
		return pipeline.Link{}, err
	}
	link := pipeline.Link{Name: name, Role: spec.Role, Produces: spec.Produces, Stage: stage}
	built[name] = link
	return link, nil
}

type unknownStage struct{ name string }

func (e *unknownStage) Error() string { return "unknown stage " + e.name }

// protected are the files that decide what Claude may do, with links followed,
// so that no other name of them is writable.
func (l *Loader) protected(p *Policy) []string {
	dir, err := filepath.Abs(filepath.Dir(l.Path))
	out := []string{filepath.Join(dir, "*"+testSuffix)} // one that Claude adds would be a test of the policy
	if real, rerr := filepath.EvalSymlinks(dir); err == nil && rerr == nil {
		out = append(out, filepath.Join(real, "*"+testSuffix))
	}
	for _, path := range append(l.files(p), l.Protected...) {
		if path == "" {
			continue
		}
		if abs, err := filepath.Abs(path); err == nil {
			out = append(out, abs)
			if real, err := filepath.EvalSymlinks(abs); err == nil && real != abs {
				out = append(out, real)
			}
		}
	}
	return out
}

// readsText reports that a show rule or hook reads text, which is then shown
// by whole lines. A definition that reads text counts as used by every rule.
func readsText(p *Policy) bool {
	if slices.Contains(p.Hooks.Kinds(), pipeline.KindShow) {
		return true
	}
	reads := func(e rules.Expr) bool {
		return strings.Contains(e.Text, "show.text") || strings.Contains(e.Text, "show.before")
	}
	defined := slices.ContainsFunc(p.File.Defines, func(d rules.Define) bool { return reads(d.Expr) })
	return slices.ContainsFunc(p.File.Rules, func(r rules.Rule) bool {
		return r.On == pipeline.KindShow && (defined || reads(r.When) || reads(r.Unless))
	})
}
