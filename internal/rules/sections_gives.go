package rules

import (
	"strconv"
	"strings"

	"ctpipe/internal/diag"
	"ctpipe/pipeline"
)

// giveKinds are the settings that a test may expect, each with the kind that
// has it; "" is every kind.
var giveKinds = []struct {
	key  string
	kind pipeline.Kind
}{
	{"style", pipeline.KindShow}, {"max_lines", pipeline.KindShow}, {"template", pipeline.KindShow},
	{"dir", pipeline.KindStart}, {"model", pipeline.KindStart}, {"mode", pipeline.KindStart},
	{"raise", pipeline.KindCommand}, {"reply", ""}, {"label", ""},
}

// gives reads what a test expects beside the verdict: settings that must be as
// written ("" for none), a reply that holds a text, a label KEY=VALUE.
func (d *decoder) gives(t *table, c *Test) {
	sub := t.sub("gives")
	for _, g := range giveKinds {
		var text string
		if g.key == "max_lines" {
			if n := sub.count(g.key, 1, 100000); n > 0 {
				text = strconv.Itoa(n)
			}
		} else {
			text = sub.str(g.key)
		}
		if _, given := sub.v[g.key]; !given {
			continue
		}
		if g.kind != "" && g.kind != c.Event.Kind {
			d.add(diag.Error, "misplaced-key", sub.at(g.key), "", "%s belongs to a test of a %s event", g.key, g.kind)
		}
		if g.key == "label" && !strings.Contains(text, "=") {
			sub.badValue(g.key, "", "is %q; want KEY=VALUE", clip(text))
		}
		if c.Gives == nil {
			c.Gives = map[string]string{}
		}
		c.Gives[g.key] = text
	}
	sub.done()
	if m, ok := t.v["gives"].(map[string]any); ok && len(m) == 0 {
		t.badValue("gives", "", "expects nothing")
	}
}

// testNotice reads a test of a session or policy event: notice = { what = "…" }
// with on = "session" or "policy". Notices get no verdict, so such a test wants
// what rules and hooks say of it.
func (d *decoder) testNotice(t *table, c *Test) {
	on := t.enum("on", string(pipeline.KindSession), string(pipeline.KindPolicy))
	switch {
	case t.v["notice"] == nil && t.v["on"] != nil:
		d.add(diag.Error, "misplaced-key", t.at("on"), "", "on belongs to a test of a notice; other events say by themselves what they are")
		return
	case t.v["notice"] == nil:
		return
	case t.v["on"] == nil:
		d.add(diag.Error, "missing-key", t.here(), "", `test %q wants on: session or policy, the kind of its notice`, c.Name)
	}
	c.Event.Kind = pipeline.Kind(on)
	if t.v["by"] != nil {
		d.add(diag.Error, "misplaced-key", t.at("by"), "", "a notice gets no votes; by has no meaning")
	}
	if t.v["want"] != nil {
		d.add(diag.Error, "misplaced-key", t.at("want"), "", "a notice gets no verdict; say with gives what is expected")
	} else if t.v["gives"] == nil {
		d.add(diag.Error, "missing-key", t.here(), "", `test %q wants gives, as in gives = { reply = "lost" }`, c.Name)
	}
}
