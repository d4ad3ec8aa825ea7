package rules

import (
	"slices"
	"strings"
	"time"

	"ctpipe/internal/diag"
)

// RotaOptions are the options of [stage.rota].
type RotaOptions struct {
	File string `toml:"file" doc:"a TOML file beside rules.toml that says who is on duty when"`
}

// Rota is who is on duty when, as a file of its own says. It is immutable.
type Rota struct {
	File  string
	Lists []RotaList
}

// RotaList is one [[rota]]: a group whose members change by the clock.
type RotaList struct {
	Name      string
	Otherwise []string // who it is where no shift is; nil: unknown
	Shifts    []Shift
	Pos       Pos
}

// Shift is one [[rota.shift]]. Where it gives both, both must hold.
type Shift struct {
	From, To int64  // seconds since 1970; 0: open
	Weekly   string // as within reads it; "": always
	Zone     string
	Names    []string // in lower case
}

// covers reports whether the shift lasts at an instant; From is part of it,
// To is not.
func (s Shift) covers(at int64) bool {
	if s.From != 0 && at < s.From || s.To != 0 && at >= s.To {
		return false
	}
	if s.Weekly == "" {
		return true
	}
	in, err := Within(time.Unix(at, 0), s.Weekly, s.Zone)
	return err == nil && in
}

// standing is the group that says that somebody stands in a rota under a name,
// on duty or not. It is resolved to an id like any group, so that a name that
// changed hands is on duty nowhere.
func standing(list, name string) string { return list + ":" + strings.ToLower(name) }

// groups are the groups that say who stands in which rota.
func (r *Rota) groups() map[string][]string {
	out := map[string][]string{}
	for _, l := range r.Lists {
		for _, name := range l.names() {
			out[standing(l.Name, name)] = []string{name}
		}
	}
	return out
}

func (l RotaList) names() []string {
	out := slices.Clone(l.Otherwise)
	for _, s := range l.Shifts {
		out = append(out, s.Names...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// at gives who is on duty at an instant; known is false where no shift is and
// the file does not say who it is otherwise.
func (l RotaList) at(unix int64) (names []string, known bool) {
	for _, s := range l.Shifts {
		if s.covers(unix) {
			names, known = append(names, s.Names...), true
		}
	}
	if known {
		return names, true
	}
	return l.Otherwise, l.Otherwise != nil
}

// OnDuty adds to a person's groups the rotas in which they are on duty at an
// instant. Known is false where nobody can say for a rota, which then is added
// for nobody. A nil Rota adds nothing. The groups given are not changed.
func (r *Rota) OnDuty(groups []string, unix int64) (out []string, known bool) {
	if r == nil {
		return groups, true
	}
	out, known = slices.Clone(groups), true
	for _, l := range r.Lists {
		names, sure := l.at(unix)
		known = known && sure
		duty := slices.ContainsFunc(names, func(n string) bool { return slices.Contains(groups, standing(l.Name, n)) })
		if duty && !slices.Contains(out, l.Name) {
			out = append(out, l.Name)
		}
	}
	slices.Sort(out)
	return out, known
}

// RotaFile is the file that [stage.rota] names, relative to rules.toml; "" for
// none.
func (f *File) RotaFile() string {
	raw := f.Stages["rota"]
	if raw == nil {
		return ""
	}
	name, _ := raw.v["file"].(string)
	return name
}

// TakeRota reads the rota that [stage.rota] names from the bytes of its file.
// It belongs to making the File: call it before the first Compile.
func (f *File) TakeRota(src []byte) []diag.Finding {
	rota, out := parseRota(f.RotaFile(), src)
	for _, l := range rota.Lists {
		if _, taken := f.Groups[l.Name]; taken {
			out = append(out, diag.Finding{ID: "reserved-name", Level: diag.Error, File: rota.File, Line: l.Pos.Line, Col: l.Pos.Col, Len: l.Pos.Len,
				Text: "rota " + quoted(l.Name) + " has the name of a group in [groups]"})
		}
	}
	f.Rota = rota
	return out
}

// rotaMissing reports a rota that could not be read: whether a group exists
// cannot be said, and that it is missing was.
func (f *File) rotaMissing() bool { return f.RotaFile() != "" && f.Rota == nil }

// AllGroups are [groups] and the groups that say who stands in a rota.
func (f *File) AllGroups() map[string][]string {
	if f.Rota == nil {
		return f.Groups
	}
	out := f.Rota.groups()
	for name, members := range f.Groups {
		out[name] = members
	}
	return out
}

// groupNames are the groups that rules may name: [groups] and the rotas.
func (f *File) groupNames() []string {
	var out []string
	for name := range f.Groups {
		out = append(out, name)
	}
	if f.Rota != nil {
		for _, l := range f.Rota.Lists {
			out = append(out, l.Name)
		}
	}
	return out
}

// Rota is who is on duty when; nil where [stage.rota] is not set.
func (s *Set) Rota() *Rota {
	if s == nil {
		return nil
	}
	return s.file.Rota
}
