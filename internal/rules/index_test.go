package rules

import (
	"testing"

	"ctpipe/pipeline"
)

// TestIndexKeysHaveValues: every index key reads its fact from the event; one
// that read nothing would hide rules that match.
func TestIndexKeysHaveValues(t *testing.T) {
	const v = "v"
	for key := range keyRank {
		ev := &pipeline.Event{}
		ev.Session.State, ev.Session.Mode, ev.Session.Trigger = v, v, v
		ev.Thread.Platform, ev.Thread.Channel, ev.Thread.ChannelName = v, v, v
		ev.User.Name, ev.User.ID, ev.Command.Name = v, v, v
		ev.Reaction.Target, ev.Reaction.Meaning, ev.Reaction.Emoji = v, v, v
		ev.Show.What, ev.Show.Tool = v, v
		ev.Tool = pipeline.Tool{Name: v, Hosts: []string{v}, MCP: pipeline.MCP{Server: v, Tool: v}, Paths: []pipeline.Path{{Base: v}},
			Commands: []pipeline.Command{{Prog: v, Sub: v, Class: v, Git: pipeline.Git{Class: v}, Kube: pipeline.Kube{Verb: v, Resource: v},
				TF: pipeline.TF{Verb: v}, SQL: pipeline.SQL{Class: v}, Pkg: pipeline.Pkg{Manager: v}}}}
		x := &ruleIndex{byAtom: map[atom]bitset{{key, v}: {1}}}
		todo := newBitset(1)
		if x.values(ev, key, todo); todo[0] != 1 {
			t.Errorf("%s has no value", key)
		}
	}
}
