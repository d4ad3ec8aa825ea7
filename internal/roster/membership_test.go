package roster

import (
	"slices"
	"strings"
	"testing"

	"ctpipe/internal/mattermost"

	"pgregory.net/rapid"
)

// TestResolve covers I3: an account has exactly the groups whose lists name it,
// is allowed exactly if it is listed, and each name that is nobody's is told.
func TestResolve(t *testing.T) {
	names := []string{"ann", "Ann", "bob", "CAT", "dan"}
	rapid.Check(t, func(t *rapid.T) {
		list := func(what string) []string { return rapid.SliceOfN(rapid.SampledFrom(names), 0, 4).Draw(t, what) }
		p := Policy{Allowed: list("allowed"), Groups: map[string][]string{"x": list("x"), "y": list("y")}}
		ids := map[string]string{}
		for _, name := range []string{"ann", "bob", "cat"} {
			if rapid.Bool().Draw(t, name) {
				ids[name] = "id-" + name
			}
		}
		m := resolve(p, ids)
		has := func(list []string, name string) bool {
			return slices.ContainsFunc(list, func(n string) bool { return strings.EqualFold(n, name) })
		}
		for _, name := range []string{"ann", "bob", "cat", "dan"} {
			id, known := ids[name]
			if !known {
				id = "id-" + name
			}
			u := mattermost.User{ID: id, Username: name}
			if want := len(p.Allowed) == 0 || known && has(p.Allowed, name); m.allows(u) != want {
				t.Fatalf("%s is allowed: %v", name, !want)
			}
			for group, members := range p.Groups {
				if want := known && has(members, name); slices.Contains(m.groups[id], group) != want {
					t.Fatalf("%s is in %s: %v", name, group, !want)
				}
			}
			named := has(p.Allowed, name) || has(p.Groups["x"], name) || has(p.Groups["y"], name)
			if has(m.missing, name) != (named && !known) {
				t.Fatalf("%s is missing: %v in %v", name, named && !known, m.missing)
			}
		}
	})
}
