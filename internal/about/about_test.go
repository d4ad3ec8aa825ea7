package about

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"ctpipe/pipeline"

	"pgregory.net/rapid"
)

func encoded(t *rapid.T, v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return string(raw)
}

// TestAbout: who takes part is known in order and once, nobody stays who was
// taken out, labels are few and the latest of their names. What is saved at any
// moment goes on as what never was, and a clone stays what it was.
func TestAbout(t *testing.T) {
	rounds := 100 // of a hundred sequences each
	if testing.Short() {
		rounds = 5
	}
	for range rounds {
		if rapid.Check(t, someAbout); t.Failed() {
			return
		}
	}
}

func someAbout(r *rapid.T) {
	plain := About{Owner: "u0", Mode: pipeline.ModeAuto, Pending: &PendingWorkdir{Branch: "b"}}
	saved := plain.Clone()
	both := func(do func(a *About) any) {
		if x, y := encoded(r, do(&plain)), encoded(r, do(&saved)); x != y {
			r.Fatalf("the one that was never saved: %s\nthe other: %s", x, y)
		}
		if x, y := encoded(r, plain), encoded(r, saved); x != y {
			r.Fatalf("they differ:\n%s\n%s", x, y)
		}
	}
	type old struct {
		clone About
		was   string
	}
	var olds []old
	for range rapid.IntRange(1, 30).Draw(r, "steps") {
		user := rapid.SampledFrom([]pipeline.UserID{"u0", "u1", "u2", "u3"}).Draw(r, "user")
		switch rapid.SampledFrom([]string{"part", "part", "invite", "uninvite", "label", "label", "mode", "save"}).Draw(r, "step") {
		case "part":
			both(func(a *About) any { a.TookPart(user); a.TookPart(""); return a.People })
			if !slices.Contains(plain.People, user) {
				r.Fatalf("%s took part: %v", user, plain.People)
			}
		case "invite":
			both(func(a *About) any {
				a.Invite(user)
				owner, invited := a.Standing(user)
				return []any{owner, invited}
			})
			if owner, invited := plain.Standing(user); !invited || owner != (user == "u0") {
				r.Fatalf("%s: owner %v, invited %v", user, owner, invited)
			}
		case "uninvite":
			both(func(a *About) any { a.Uninvite(user); return nil })
			if _, invited := plain.Standing(user); invited || slices.Contains(plain.People, user) || slices.Contains(plain.Others(), user) {
				r.Fatalf("%s stays: %+v", user, plain)
			}
		case "label":
			l := Label{Key: fmt.Sprint("k", rapid.IntRange(0, 8).Draw(r, "key")), Value: rapid.SampledFrom([]string{"a", "b"}).Draw(r, "value")}
			news := !slices.Contains(plain.Labels, l)
			both(func(a *About) any { return a.PutLabel(l) })
			if n := len(plain.Labels); n > labelsMost || news && plain.Labels[n-1] != l {
				r.Fatalf("%v: %v", l, plain.Labels)
			}
		case "mode":
			plain.Raised = rapid.Bool().Draw(r, "raised")
			saved.Raised = plain.Raised
			most := rapid.SampledFrom([]pipeline.Mode{pipeline.ModeDefault, pipeline.ModeAuto, pipeline.ModeBypass}).Draw(r, "most")
			both(func(a *About) any { return a.ModeUnder(most) })
			if got := plain.ModeUnder(most); got.Rank() > plain.Mode.Rank() || !plain.Raised && got.Rank() > most.Rank() || plain.Raised && got != plain.Mode {
				r.Fatalf("%s under %s (raised %v) is %s", plain.Mode, most, plain.Raised, got)
			}
		case "save":
			olds = append(olds, old{plain.Clone(), encoded(r, plain)})
			var back About
			if err := json.Unmarshal([]byte(encoded(r, saved)), &back); err != nil {
				r.Fatalf("%v", err)
			}
			saved = back
		}
		others := map[pipeline.UserID]bool{}
		for _, id := range plain.Others() {
			if others[id] || id == plain.Owner {
				r.Fatalf("%s comes twice, or owns it: %v", id, plain.Others())
			}
			others[id] = true
		}
		keys := map[string]bool{}
		for _, l := range plain.Labels {
			if keys[l.Key] {
				r.Fatalf("two labels %s: %v", l.Key, plain.Labels)
			}
			keys[l.Key] = true
		}
	}
	plain.Pending.Branch = "other"
	for _, o := range olds {
		if now := encoded(r, o.clone); now != o.was {
			r.Fatalf("a clone changed:\n%s\n%s", o.was, now)
		}
	}
}
