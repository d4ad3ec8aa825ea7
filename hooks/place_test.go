package hooks

import (
	"testing"

	"ctpipe/pipeline"
)

// Findings stand where the fault is, in characters.
func TestFindingPlaces(t *testing.T) {
	for text, want := range map[string]string{
		"return {\n  tool = function(ev) if ev the return end\n}":                    "x.lua:2:29",
		"return {\n  tool = function(ev)\n    local e = = 3\n  end }":                "x.lua:3:15",
		"return {\n  tool = function(ev)\n    local s = 'é' = 3\n  end }":            "x.lua:3:19",
		"return {\n  tol = function(ev) end\n}":                                      "x.lua:2:3",
		"return {\n  tool = function(ev) end,\n  show = 3\n}":                        "x.lua:3:3",
		"return {\n  tool = function(ev)\n\n":                                        "x.lua:2:22",
		"return {\n  tool = function(ev) local s = 'ab \n end }":                     "x.lua:2:34",
		"return {\n  tool = function(ev) goto out end }":                             "x.lua:2:28",
		"local n = 1\nreturn 3":                                                      "x.lua:2:1",
		"local n = 1\n":                                                              "x.lua:1:1",
		"return { function(ev) return nil end,\n}":                                   "x.lua:1:1",
		"local t = {}\nreturn t":                                                     "x.lua:2:1",
		"local a = 1\nlocal b = require 'lib.b'\nreturn { tool = function(ev) end }": "x.lua:2:20",
		"return { command = {\n  review = { hlep = 'x' } } }":                        "x.lua:2:14",
		"return { command = {\n  review = { help = 'x' } } }":                        "x.lua:2:3",
		"return { command = {\n  review = 3 } }":                                     "x.lua:2:3",
		"return { command = {\n  help = { run = function(ev) end } } }":              "x.lua:2:3",
	} {
		_, findings := Build([]Source{source("x", text)}, Options{Reserved: []string{"help"}})
		if len(findings) == 0 || findings[0].Where() != "scripts/"+want {
			t.Errorf("%q: %v, want %s", text, findings, want)
		}
	}
}

// A hook that says ct.allow and may not would fail each time: the check says so
// beforehand, also when only rules.toml has changed.
func TestAllowWithoutMay(t *testing.T) {
	src := source("x", "return {\n  tool = function(ev) return ct.allow('y') end\n}")
	src.May = []pipeline.Verdict{pipeline.Allow}
	set, findings := Build([]Source{src}, Options{})
	if set == nil || len(findings) > 0 {
		t.Fatalf("with may: %v", findings)
	}
	src.May = nil
	set, findings = Build([]Source{src}, Options{Previous: set})
	if set == nil || len(findings) != 1 || findings[0].ID != "hook-may" || findings[0].Where() != "scripts/x.lua:2:33" {
		t.Errorf("without: %v", findings)
	}
}
