package rules

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"ctpipe/internal/diag"
)

const rotaSrc = `
zone = "Europe/Berlin"
[[rota]]
name = "oncall"
[[rota.shift]]
from  = "2026-03-23 09:00"
to    = "2026-03-30 09:00"   # summer time begins on the 29th
names = ["Ana", "bo"]
[[rota.shift]]
from   = "2026-03-30 09:00"
to     = "2026-04-06 09:00"
weekly = "Mon-Fri 08:00-18:00"
names  = ["cleo"]
[[rota]]
name      = "backup"
otherwise = ["dmitri"]
[[rota.shift]]
weekly = "Sat,Sun"
names  = []
`

func TestRota(t *testing.T) {
	r, fs := parseRota("oncall.toml", []byte(rotaSrc))
	if len(fs) > 0 {
		t.Fatal(fs)
	}
	for _, c := range []struct {
		at, who, want string
		known         bool
	}{
		{"2026-03-23T07:59:59Z", "ana", "", false}, // before the first shift
		{"2026-03-23T08:00:00Z", "ana", "oncall", true},
		{"2026-03-30T06:59:59Z", "bo", "oncall", true},
		{"2026-03-30T07:00:00Z", "bo", "", true}, // 9 o'clock is 7 UTC by then
		{"2026-03-30T07:00:00Z", "cleo", "oncall", true},
		{"2026-03-30T17:00:00Z", "cleo", "", false}, // after hours: nobody can say
		{"2026-03-31T10:00:00Z", "dmitri", "backup", true},
		{"2026-04-04T10:00:00Z", "dmitri", "", false}, // backup is nobody at weekends, on-call unknown
		{"2026-03-25T10:00:00Z", "mallory", "", true},
	} {
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		groups := []string{"team"}
		for _, l := range r.Lists {
			if slices.Contains(l.names(), c.who) {
				groups = append(groups, l.Name+":"+c.who)
			}
		}
		before := slices.Clone(groups)
		got, known := r.OnDuty(groups, at.Unix())
		duty := slices.DeleteFunc(slices.Clone(got), func(g string) bool { return slices.Contains(before, g) })
		if strings.Join(duty, " ") != c.want || known != c.known || !slices.Equal(groups, before) {
			t.Errorf("%s %s: %v, known %t", c.at, c.who, got, known)
		}
		// A name alone gives nothing: it is the id behind it that counts.
		if plain, _ := r.OnDuty([]string{c.who}, at.Unix()); len(plain) != 1 {
			t.Errorf("%s: %v", c.at, plain)
		}
	}
	if got, known := (*Rota)(nil).OnDuty([]string{"a"}, 0); len(got) != 1 || !known {
		t.Error(got, known)
	}
}

func TestRotaErrors(t *testing.T) {
	const good = "zone = \"UTC\"\n[[rota]]\nname = \"oncall\"\n[[rota.shift]]\nweekly = \"Mon\"\nnames = [\"ana\"]\n"
	for _, c := range []struct{ from, to, want string }{
		{"", "", ""},
		{`zone = "UTC"`, ``, "missing-key: oncall.toml: the file wants zone"},
		{`"UTC"`, `"Europe/Berln"`, `bad-value: oncall.toml:1:8: zone is "Europe/Berln"`},
		{`zone`, `zon`, `unknown key "zon" at the top of the file (did you mean "zone"?)`},
		{`name = "oncall"`, ``, "oncall.toml:2:1: [[rota]] wants a name"},
		{`"oncall"`, `"on call"`, "a name has no blanks"},
		{`"oncall"`, `"owner"`, "reserved-name"},
		{`"oncall"`, `"team"`, "has the name of a group"},
		{`weekly = "Mon"`, `weekly = "Mnd"`, `oncall.toml:5:10: [[rota]] shift[0].weekly`},
		{`weekly = "Mon"`, ``, "a shift wants from and to, or weekly"},
		{`weekly = "Mon"`, `from = "2026-01-01 09:00"`, "wants the other too"},
		{`weekly = "Mon"`, `from = "2026-01-01 09:00"` + "\n" + `to = "2026-01-01 08:00"`, "is not after from"},
		{`weekly = "Mon"`, `from = "tomorrow"` + "\n" + `to = "2026-01-01 08:00"`, `is "tomorrow"; want a time like "2026-03-01 09:00"`},
		{`weekly = "Mon"`, `from = 2026-01-01T09:00:00` + "\n" + `to = "2026-01-01 08:00"`, "wants a string, not a date or time"},
		{`weekly =`, `weakly =`, `unknown key "weakly" in [[rota.shift]] (did you mean "weekly"?)`},
		{`names = ["ana"]`, ``, "a shift wants names"},
		{`["ana"]`, `["@ana"]`, `"@ana" is no user name (did you mean "ana"?)`},
		{`["ana"]`, `"ana"`, "wants a list of strings"},
		{"[[rota.shift]]", "[[rota]]\nname = \"oncall\"\n[[rota.shift]]", "duplicate-id"},
		{`"UTC"`, `"UTC`, "syntax"},
		{good, "zone = \"UTC\"\n", "no [[rota]]"},
		{"[[rota.shift]]\nweekly = \"Mon\"\nnames = [\"ana\"]\n", "", "has no [[rota.shift]]"},
	} {
		f, _ := Parse("rules.toml", []byte("[groups]\nteam = [\"ana\"]\n[stage.rota]\nfile = \"oncall.toml\"\n"))
		fs := f.TakeRota([]byte(strings.Replace(good, c.from, c.to, 1)))
		var text []string
		for _, x := range fs {
			text = append(text, x.ID+": "+fmt.Sprint(x))
			if doc, ok := lintByID(x.ID); !ok || doc.Level != x.Level {
				t.Errorf("finding %q is not documented", x.ID)
			}
		}
		if all := strings.Join(text, "\n"); c.want == "" && all != "" || !strings.Contains(all, c.want) || c.want != "" && !diag.HasErrors(fs) {
			t.Errorf("%s → %s:\n%s", c.from, c.to, all)
		}
	}
}

// A rota's name is a group like others where rules name one.
func TestRotaNames(t *testing.T) {
	src := "[stage.rota]\nfile = \"oncall.toml\"\n[[rule]]\nid=\"r\"\non=\"post\"\nwhen='\"oncal\" in user.groups'\nthen=\"ask\"\napprovers=[\"oncall\"]\n"
	for _, c := range []struct{ name, want string }{{"oncal", `did you mean "oncall"`}, {"oncall", ""}} {
		f, _ := Parse("rules.toml", []byte(strings.Replace(src, "\"oncal\"", "\""+c.name+"\"", 1)))
		if fs := f.TakeRota([]byte(rotaSrc)); len(fs) > 0 {
			t.Fatal(fs)
		}
		_, fs := Compile(f, Options{Stages: testStages})
		if got := fmt.Sprint(fs); c.want == "" && len(fs) > 0 || !strings.Contains(got, c.want) {
			t.Errorf("%s: %s", c.name, got)
		}
	}
	old, _ := Parse("rules.toml", []byte(src))
	next, _ := Parse("rules.toml", []byte(src))
	old.TakeRota([]byte(rotaSrc))
	if next.TakeRota([]byte(rotaSrc + "\n# a remark\n")); len(Loosens(old, next)) > 0 {
		t.Error(Loosens(old, next))
	}
	if next.TakeRota([]byte(strings.Replace(rotaSrc, "cleo", "mallory", 1))); !slices.Contains(Loosens(old, next), "the rota changed") {
		t.Error(Loosens(old, next))
	}
}
