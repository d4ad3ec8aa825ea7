package rules

import (
	"fmt"
	"reflect"
	"slices"

	"ctpipe/internal/diag"
	"ctpipe/pipeline"
)

// lintPipeline checks [pipeline] and [stage.X] against the built-in stages.
func (c *compiler) lintPipeline() {
	if c.opts.Stages == nil {
		return
	}
	var names []string
	byName := map[string]Stage{}
	for _, s := range c.opts.Stages {
		names = append(names, s.Name)
		byName[s.Name] = s
	}
	for name, raw := range c.file.Stages {
		stage, ok := byName[name]
		switch {
		case !ok:
			c.add(diag.Error, "unknown-stage", raw.Pos, diag.Suggest(name, names), "[stage.%s]: there is no such stage", name)
		case stage.Options == nil:
			c.add(diag.Error, "no-effect", raw.Pos, "", "[stage.%s]: this stage has no options", name)
		default:
			c.out = append(c.out, raw.Decode(reflect.New(reflect.TypeOf(stage.Options)).Interface())...)
		}
	}
	c.lintRota(byName)
	for _, kind := range pipeline.Kinds {
		chain, ok := c.file.Pipeline[kind]
		if !ok {
			continue
		}
		path := "pipeline." + string(kind)
		whole, _ := c.file.valueAt(path)
		for _, name := range chain {
			stage, known := byName[name]
			at := c.file.elemPos(path, name, whole)
			switch {
			case !known:
				c.add(diag.Error, "unknown-stage", at, diag.Suggest(name, names), "%s: there is no stage %q", path, clip(name))
			case name == "settle" && kind == pipeline.KindShow:
				c.add(diag.Warning, "idle-stage", at, "", "%s: settle does nothing there, since deliver shows or withholds a block; leave it out", path)
			case len(stage.On) > 0 && !slices.Contains(stage.On, kind):
				c.add(diag.Error, "stage-kind", at, "", "%s: the stage %q does not handle %s events", path, name, kind)
			}
		}
		c.lintOrder(kind, chain, byName, path, whole)
	}
}

// lintOrder checks what must come before what.
func (c *compiler) lintOrder(kind pipeline.Kind, chain []string, byName map[string]Stage, path string, whole Pos) {
	at := func(name string) int { return slices.Index(chain, name) }
	before := func(first, then, why string) {
		if at(then) >= 0 && (at(first) < 0 || at(first) > at(then)) {
			c.add(diag.Error, "stage-order", c.file.elemPos(path, then, whole), "", "%s: %s must come before %s: %s", path, first, then, why)
		}
	}
	before("redact", "deliver", "what is posted must have lost its secrets")
	for _, act := range []string{"settle", "prompt", "launch", "answer", "approve", "deliver"} {
		end := at(act)
		for i, name := range chain {
			if end >= 0 && i > end && byName[name].Role == pipeline.Gate && name != "settle" {
				c.add(diag.Error, "stage-order", c.file.elemPos(path, name, whole), "", "%s: the gate %s comes after %s, which acts on the verdict", path, name, act)
			}
		}
	}
	if kind == pipeline.KindTool {
		c.lintFacts(chain, byName, path, whole)
	}
	if kind.Judged() && c.set.kinds[kind] != nil && at("rules") < 0 {
		c.add(diag.Error, "stage-order", whole, "", "%s leaves out rules, but the file has rules on %s", path, kind)
	}
}

// lintFacts: a chain for tool calls gathers the facts before the floor, which is
// the first to judge: without them nothing would be opaque or protected.
func (c *compiler) lintFacts(chain []string, byName map[string]Stage, path string, whole Pos) {
	gate := len(chain)
	for i, name := range chain {
		stage, known := byName[name]
		if !known {
			return // reported, and perhaps one of the two
		}
		if stage.Role != pipeline.Enrich {
			gate = min(gate, i)
		}
	}
	for _, need := range []struct{ fact, stage string }{{"tool.commands", "shell"}, {"tool.paths", "paths"}} {
		at := slices.Index(chain, need.stage)
		if at >= 0 && at < gate {
			continue
		}
		why := "the floor judges " + need.fact
		if id := c.ruleReading(pipeline.KindTool, need.fact); id != "" {
			why = fmt.Sprintf("rule %q reads %s", id, need.fact)
		}
		if gate == len(chain) {
			c.add(diag.Error, "stage-order", whole, "", "%s leaves out %s: %s", path, need.stage, why)
			continue
		}
		c.add(diag.Error, "stage-order", c.file.elemPos(path, chain[gate], whole), "", "%s: %s must come before %s: %s", path, need.stage, chain[gate], why)
	}
	if shell, paths := slices.Index(chain, "shell"), slices.Index(chain, "paths"); paths >= 0 && shell > paths {
		c.add(diag.Error, "stage-order", c.file.elemPos(path, "paths", whole), "", "%s: shell must come before paths, which puts right what it says of a command", path)
	}
}

func (c *compiler) ruleReading(kind pipeline.Kind, fact string) string {
	if k := c.set.kinds[kind]; k != nil {
		for _, r := range k.rules {
			if slices.ContainsFunc(r.facts(), func(f string) bool { return covers(fact, f) }) {
				return r.ID
			}
		}
	}
	return ""
}
