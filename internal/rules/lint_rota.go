package rules

import (
	"slices"
	"strings"

	"ctpipe/internal/diag"
	"ctpipe/pipeline"
)

// lintRota: who is on duty must be known before anything judges by it.
func (c *compiler) lintRota(byName map[string]Stage) {
	raw := c.file.Stages["rota"]
	if raw == nil {
		// nothing to find
	} else if name, isText := raw.v["file"].(string); raw.v["file"] == nil || isText && strings.TrimSpace(name) == "" {
		c.add(diag.Error, "missing-key", raw.Pos, "", "[stage.rota] wants file, as in file = \"oncall.toml\"")
	}
	for _, kind := range pipeline.Kinds {
		chain, given := c.file.Pipeline[kind]
		if !given || !slices.Contains(byName["rota"].On, kind) {
			continue
		}
		path := "pipeline." + string(kind)
		whole, _ := c.file.valueAt(path)
		at := slices.Index(chain, "rota")
		gate := slices.IndexFunc(chain, func(name string) bool { return byName[name].Role != pipeline.Enrich })
		switch {
		case raw == nil && at >= 0:
			c.add(diag.Error, "no-effect", c.file.elemPos(path, "rota", whole), "", "%s: the stage rota knows nobody without [stage.rota] file", path)
		case raw != nil && at < 0:
			c.add(diag.Error, "stage-order", whole, "", "%s leaves out rota, but [stage.rota] is set", path)
		case raw != nil && gate >= 0 && gate < at:
			c.add(diag.Error, "stage-order", c.file.elemPos(path, chain[gate], whole), "", "%s: rota must come before %s, which judges by the groups of people", path, chain[gate])
		}
	}
}
