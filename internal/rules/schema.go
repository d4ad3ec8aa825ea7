package rules

import (
	"strings"

	"ctpipe/pipeline"
)

// Schema lists every key that rules.toml accepts, in the order in which the
// file is read, for documentation. [groups], [define] and [stage.NAME] have
// names of their own for keys and are not in it.
func Schema() []SchemaKey {
	var out []SchemaKey
	parse("schema", []byte("[[platform]]\n[[rule]]\nset = {}\n[[hook]]\n[[mcp]]\nargs = {}\n[[test]]\ntool = { name = 'x', input = {} }\nuser = {}\n"), &out)
	seen := map[SchemaKey]bool{}
	unique := out[:0]
	for _, k := range out {
		if !seen[k] && !strings.HasPrefix(k.Table, "[[test]].") {
			seen[k] = true
			unique = append(unique, k)
		}
	}
	return unique
}

// Precedence is one row of the table of settings that a flag or a variable can
// give instead of rules.toml.
type Precedence struct {
	Key     string
	Flags   []string // without the dash
	Env     []string
	Default string
}

// PrecedenceTable is the whole table.
func PrecedenceTable() []Precedence {
	names := func(os []origin) []string {
		var out []string
		for _, o := range os {
			out = append(out, o.name)
		}
		return out
	}
	var out []Precedence
	for _, s := range platformSettings {
		out = append(out, Precedence{Key: s.key, Flags: names(s.flags), Env: names(s.env)})
	}
	for _, s := range settings {
		out = append(out, Precedence{Key: s.key, Flags: names(s.flags), Env: names(s.env), Default: s.standard})
	}
	return out
}

// KeysOf lists the keys that a rule on a kind may have; those of ask hold only
// where then = "ask".
func KeysOf(kind pipeline.Kind) (keys, ask []string) {
	keys = append(append([]string{}, commonKeys...), kindKeys[kind]...)
	if containsKind(askKinds, kind) {
		ask = append(ask, askKeys...)
	}
	return keys, ask
}
