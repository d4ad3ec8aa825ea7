package hooks

import "testing"

// Findings stand where the fault is, in characters.
func TestFindingPlaces(t *testing.T) {
	for text, want := range map[string]string{
		"return {\n  tool = function(ev) if ev the return end\n}":         "x.lua:2:29",
		"return {\n  tool = function(ev)\n    local e = = 3\n  end }":     "x.lua:3:15",
		"return {\n  tool = function(ev)\n    local s = 'é' = 3\n  end }": "x.lua:3:19",
		"return {\n  tol = function(ev) end\n}":                           "x.lua:2:3",
		"return {\n  tool = function(ev) end,\n  show = 3\n}":             "x.lua:3:3",
		"return {\n  tool = function(ev)":                                 "x.lua:2",
	} {
		_, findings := Build([]Source{source("x", text)}, Options{})
		if len(findings) == 0 || findings[0].Where() != "scripts/"+want {
			t.Errorf("%q: %v, want %s", text, findings, want)
		}
	}
}
