package rules

import (
	"math/bits"
	"strings"
	"sync"

	"ctpipe/pipeline"
)

// ruleIndex finds the rules of a kind that could match an event without
// evaluating them. A rule is filed under every atom of which it requires one
// (require.go), or among those that are always judged. Rules that read a fact
// which is unknown for an event are judged whatever they require.
type ruleIndex struct {
	rules  []*rule
	always bitset
	byAtom map[atom]bitset
	keys   []string       // the index keys in use
	byPath map[int]bitset // interned fact path → the rules whose when reads it
	spare  sync.Pool      // *bitset
}

// bitset has one bit per rule of the kind.
type bitset []uint64

func newBitset(n int) bitset { return make(bitset, (n+63)/64) }

func (b bitset) set(i int) { b[i/64] |= 1 << (i % 64) }

func (b bitset) or(o bitset) {
	for i := range o {
		b[i] |= o[i]
	}
}

func newRuleIndex(rules []*rule) *ruleIndex {
	x := &ruleIndex{rules: rules, always: newBitset(len(rules)), byAtom: map[atom]bitset{}, byPath: map[int]bitset{}}
	n := len(rules)
	x.spare.New = func() any { b := newBitset(n); return &b }
	seen := map[string]bool{}
	for i, r := range rules {
		if r.Mode == "off" {
			continue
		}
		for _, p := range r.when.reads {
			enroll(x.byPath, p, n, i)
		}
		req := require(r.when.ast.root, "")
		if !req.ok {
			x.always.set(i)
			continue
		}
		for _, a := range req.atoms {
			enroll(x.byAtom, a, n, i)
			if !seen[a.key] {
				seen[a.key] = true
				x.keys = append(x.keys, a.key)
			}
		}
	}
	return x
}

func enroll[K comparable](m map[K]bitset, key K, n, i int) {
	if m[key] == nil {
		m[key] = newBitset(n)
	}
	m[key].set(i)
}

// each calls f, in file order, for the rules that could match.
func (x *ruleIndex) each(ev *pipeline.Event, unknown *reached, f func(*rule)) {
	pooled := x.spare.Get().(*bitset)
	defer x.spare.Put(pooled)
	todo := *pooled
	copy(todo, x.always)
	for _, key := range x.keys {
		x.values(ev, key, todo)
	}
	if unknown != nil {
		for path, rules := range x.byPath {
			if unknown.at[path] != nil {
				todo.or(rules)
			}
		}
	}
	for w, word := range todo {
		for ; word != 0; word &= word - 1 {
			f(x.rules[w*64+bits.TrailingZeros64(word)])
		}
	}
}

// values marks the rules filed under the event's values of a key.
func (x *ruleIndex) values(ev *pipeline.Event, key string, todo bitset) {
	switch {
	case key == "tool.hosts":
		for _, host := range ev.Tool.Hosts {
			todo.or(x.byAtom[atom{key, host}])
		}
	case key == "tool.paths.base":
		for i := range ev.Tool.Paths {
			todo.or(x.byAtom[atom{key, ev.Tool.Paths[i].Base}])
		}
	case strings.HasPrefix(key, "tool.commands."):
		for i := range ev.Tool.Commands {
			todo.or(x.byAtom[atom{key, commandValue(&ev.Tool.Commands[i], key)}])
		}
	default:
		todo.or(x.byAtom[atom{key, indexValue(ev, key)}])
	}
}

// commandValue is one command's value of an index key.
func commandValue(c *pipeline.Command, key string) string {
	switch key {
	case "tool.commands.prog":
		return c.Prog
	case "tool.commands.sub":
		return c.Sub
	case "tool.commands.class":
		return string(c.Class)
	case "tool.commands.git.class":
		return c.Git.Class
	case "tool.commands.kube.verb":
		return c.Kube.Verb
	case "tool.commands.kube.resource":
		return c.Kube.Resource
	case "tool.commands.tf.verb":
		return c.TF.Verb
	case "tool.commands.sql.class":
		return c.SQL.Class
	case "tool.commands.pkg.manager":
		return c.Pkg.Manager
	}
	return ""
}

// indexValue is an event's value of an index key that has one.
func indexValue(ev *pipeline.Event, key string) string {
	switch key {
	case "tool.name":
		return ev.Tool.Name
	case "tool.mcp.server":
		return ev.Tool.MCP.Server
	case "tool.mcp.tool":
		return ev.Tool.MCP.Tool
	case "command.name":
		return ev.Command.Name
	case "reaction.target":
		return ev.Reaction.Target
	case "reaction.meaning":
		return ev.Reaction.Meaning
	case "reaction.emoji":
		return ev.Reaction.Emoji
	case "show.what":
		return ev.Show.What
	case "show.tool":
		return ev.Show.Tool
	case "user.name":
		return ev.User.Name
	case "user.id":
		return string(ev.User.ID)
	}
	return indexContext(ev, key)
}

func indexContext(ev *pipeline.Event, key string) string {
	switch key {
	case "session.state":
		return ev.Session.State
	case "session.mode":
		return string(ev.Session.Mode)
	case "session.trigger":
		return ev.Session.Trigger
	case "thread.platform":
		return string(ev.Thread.Platform)
	case "thread.channel":
		return string(ev.Thread.Channel)
	case "thread.channel_name":
		return ev.Thread.ChannelName
	}
	return ""
}
