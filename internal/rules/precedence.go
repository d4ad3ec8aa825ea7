package rules

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
