package rules

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"ctpipe/internal/diag"
)

// rotaTime is how a shift writes when it begins and ends, in the file's zone.
const rotaTime = "2006-01-02 15:04"

// parseRota reads a rota file as strictly as rules.toml. The Rota is never nil;
// it may be put in force only if none of the findings is an error.
func parseRota(name string, src []byte) (*Rota, []diag.Finding) {
	text := strings.TrimPrefix(string(src), "\ufeff")
	d := &decoder{name: name, lines: newLines(text), places: map[string]Pos{}, values: map[string]Pos{}}
	r := &Rota{File: name}
	v, ok := d.decode(text)
	if !ok {
		return r, d.out
	}
	idx, ok := indexKeys(text)
	if !ok {
		d.add(diag.Error, "internal", Pos{}, "", "cannot find the places of the keys; please report this file")
		return r, d.out
	}
	t := &table{d: d, v: v, n: idx.root}
	zone := t.text("zone")
	loc := d.rotaZone(t, zone)
	for _, sub := range t.tables("rota") {
		r.Lists = append(r.Lists, d.rotaList(sub, r, zone, loc))
	}
	if len(r.Lists) == 0 {
		d.add(diag.Error, "missing-key", Pos{}, "", "the file has no [[rota]]")
	}
	t.done()
	diag.Sort(d.out)
	return r, d.out
}

func (d *decoder) rotaZone(t *table, zone string) *time.Location {
	loc, err := loadZone(zone)
	switch {
	case t.v["zone"] == nil:
		d.add(diag.Error, "missing-key", Pos{}, "", `the file wants zone, as in zone = "Europe/Berlin"`)
	case zone != "" && err != nil:
		t.badValue("zone", "", `is %q; want a name like "Europe/Berlin" or "UTC"`, clip(zone))
	}
	if loc == nil {
		return time.UTC
	}
	return loc
}

func (d *decoder) rotaList(t *table, r *Rota, zone string, loc *time.Location) RotaList {
	l := RotaList{Name: t.text("name"), Pos: t.here()}
	if t.v["name"] != nil {
		l.Pos = t.valueAt("name")
	}
	switch {
	case t.v["name"] == nil:
		d.add(diag.Error, "missing-key", l.Pos, "", "[[rota]] wants a name, which rules use like that of a group")
	case strings.ContainsAny(l.Name, ": \t@"):
		t.badValue("name", "", "is %q; a name has no blanks, : or @", clip(l.Name))
	case slices.Contains(reservedGroups, l.Name):
		d.add(diag.Error, "reserved-name", l.Pos, "", "a rota cannot be called %q: approvers already means something by it", l.Name)
	case slices.ContainsFunc(r.Lists, func(o RotaList) bool { return o.Name == l.Name }):
		d.add(diag.Error, "duplicate-id", l.Pos, "", "rota %q is taken", l.Name)
	}
	l.Otherwise = t.rotaNames("otherwise")
	shifts := t.tables("shift")
	for _, sub := range shifts {
		l.Shifts = append(l.Shifts, d.rotaShift(sub, zone, loc))
	}
	if len(shifts) == 0 {
		d.add(diag.Error, "missing-key", l.Pos, "", "rota %q has no [[rota.shift]]", l.Name)
	}
	t.done()
	return l
}

func (d *decoder) rotaShift(t *table, zone string, loc *time.Location) Shift {
	s := Shift{From: t.rotaInstant("from", loc), To: t.rotaInstant("to", loc), Weekly: t.text("weekly"), Zone: zone, Names: t.rotaNames("names")}
	if s.Weekly != "" {
		if _, err := windows(s.Weekly); err != nil {
			t.badValue("weekly", "", "%s", strings.TrimPrefix(err.Error(), "within: "))
			s.Weekly = ""
		}
	}
	switch {
	case t.v["from"] == nil && t.v["weekly"] == nil:
		d.add(diag.Error, "missing-key", t.here(), "", `a shift wants from and to, or weekly = "Mon-Fri 08:00-18:00"`)
	case (t.v["from"] == nil) != (t.v["to"] == nil):
		d.add(diag.Error, "missing-key", t.here(), "", "a shift that has one of from and to wants the other too")
	case s.From != 0 && s.To != 0 && s.To <= s.From:
		t.badValue("to", "", "is not after from")
	}
	if t.v["names"] == nil {
		d.add(diag.Error, "missing-key", t.here(), "", "a shift wants names (names = [] is nobody)")
	}
	t.done()
	return s
}

func (t *table) rotaInstant(key string, loc *time.Location) int64 {
	s := t.strOf(key, "time")
	if s == "" {
		if _, isText := t.v[key].(string); isText {
			t.badValue(key, "", "is empty")
		}
		return 0
	}
	at, err := time.ParseInLocation(rotaTime, s, loc)
	if err != nil {
		t.badValue(key, "", `is %q; want a time like "2026-03-01 09:00"`, clip(s))
		return 0
	}
	return at.Unix()
}

// rotaNames are user names in lower case; nil only where the key is missing.
func (t *table) rotaNames(key string) []string {
	names := t.strs(key)
	for i, name := range names {
		if strings.ContainsAny(name, " \t@:,") {
			t.d.add(diag.Error, "bad-value", t.elemAt(key, i), strings.TrimPrefix(name, "@"), "%s", fmt.Sprintf("%s: %q is no user name", t.label(key), clip(name)))
		}
		names[i] = strings.ToLower(name)
	}
	return names
}
