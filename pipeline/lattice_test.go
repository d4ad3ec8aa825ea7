package pipeline

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var verdicts = []Verdict{Abstain, Allow, Ask, Deny}

func genVote() *rapid.Generator[Vote] {
	return rapid.Custom(func(t *rapid.T) Vote {
		return Vote{Verdict: rapid.SampledFrom(verdicts).Draw(t, "verdict"), Shadow: rapid.Bool().Draw(t, "shadow"),
			By: rapid.StringMatching(`[a-c]`).Draw(t, "by"), Source: SourceRule}
	})
}

// The order of rules, hooks and stages never changes a verdict.
func TestMaxIsALattice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := rapid.SliceOf(genVote()).Draw(t, "a"), rapid.SliceOf(genVote()).Draw(t, "b"), rapid.SliceOf(genVote()).Draw(t, "c")
		join := func(votes ...[]Vote) Verdict { return Max(slices.Concat(votes...)) }
		if join(a, b) != join(b, a) || join(a, b, c) != join(c, b, a) {
			t.Fatal("not commutative")
		}
		if max(join(a, b), Max(c)) != max(Max(a), join(b, c)) {
			t.Fatal("not associative")
		}
		if join(a, a) != Max(a) || join(a, nil) != Max(a) {
			t.Fatal("not idempotent")
		}
		if join(a, b) < Max(a) {
			t.Fatal("more votes made it laxer")
		}
	})
}

func TestShadowVotesAreLeftOut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		votes := rapid.SliceOf(genVote()).Draw(t, "votes")
		real := slices.DeleteFunc(slices.Clone(votes), func(v Vote) bool { return v.Shadow })
		verdict, top := Top(votes)
		if verdict != Max(real) {
			t.Fatalf("%v with shadows, %v without", verdict, Max(real))
		}
		for _, v := range top {
			if v.Shadow || v.Verdict != verdict {
				t.Fatalf("%+v is no reason for %v", v, verdict)
			}
		}
		if (len(top) == 0) != (verdict == Abstain) {
			t.Fatalf("%v has %d reasons", verdict, len(top))
		}
	})
}

func TestVerdictText(t *testing.T) {
	for _, v := range verdicts {
		text, _ := v.MarshalText()
		var back Verdict
		if err := back.UnmarshalText(text); err != nil || back != v {
			t.Errorf("%v came back as %v, %v", v, back, err)
		}
	}
	var v Verdict
	if err := v.UnmarshalText([]byte("maybe")); err == nil || v != Deny {
		t.Errorf("an unknown verdict became %v, %v", v, err)
	}
	if Verdict(9).String() != "verdict(9)" || Max([]Vote{{Verdict: Deny}}) != Deny {
		t.Error("names")
	}
}

func TestKinds(t *testing.T) {
	for _, k := range Kinds {
		if !k.Valid() || k.Judged() == (k == KindSession || k == KindPolicy) {
			t.Errorf("%s: valid %v, judged %v", k, k.Valid(), k.Judged())
		}
	}
	if Kind("typing").Valid() || Kind("").Valid() {
		t.Error("the set of kinds is closed")
	}
}

func genSettings() *rapid.Generator[Settings] {
	return rapid.Custom(func(t *rapid.T) Settings {
		word := rapid.SampledFrom([]string{"", "", "a", "b"})
		mode := rapid.SampledFrom([]Mode{"", ModeDefault, ModeAuto, ModeBypass})
		return Settings{Style: word.Draw(t, "style"), MaxLines: rapid.IntRange(0, 2).Draw(t, "lines"), Template: word.Draw(t, "template"),
			Raise: mode.Draw(t, "raise"), Set: StartSet{Dir: word.Draw(t, "dir"), Model: word.Draw(t, "model"),
				Mode: mode.Draw(t, "mode")}}
	})
}

// Each key comes from the first that gives it; the mode is the most careful
// of all, whatever the order.
func TestSettingsMerge(t *testing.T) {
	merged := func(all ...Settings) (out Settings) {
		for _, s := range all {
			out.Merge(s)
		}
		return out
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := genSettings().Draw(t, "a"), genSettings().Draw(t, "b"), genSettings().Draw(t, "c")
		if merged(a) != a || merged(a, a) != a || merged(a, Settings{}) != a {
			t.Fatal("merging nothing new changed something")
		}
		if merged(merged(a, b), c) != merged(a, merged(b, c)) {
			t.Fatal("not associative")
		}
		ab, ba := merged(a, b), merged(b, a)
		if ab.Set.Mode != ba.Set.Mode || ab.Raise != ba.Raise {
			t.Fatal("the mode depends on the order")
		}
		for _, s := range []Settings{a, b} {
			if s.Set.Mode != "" && ab.Set.Mode.Rank() > s.Set.Mode.Rank() || s.Raise != "" && ab.Raise.Rank() > s.Raise.Rank() {
				t.Fatal("laxer than one of the two")
			}
		}
		if a.Style != "" && ab.Style != a.Style || a.Set.Dir != "" && ab.Set.Dir != a.Set.Dir {
			t.Fatal("the first does not win")
		}
	})
}

func TestTermsWith(t *testing.T) {
	no := false
	base := Terms{Approvers: []string{"allowed"}, Quorum: 2, TTL: time.Hour, Requester: &no}
	got := Terms{}.With(base)
	if got.Quorum != 2 || got.TTL != time.Hour || got.Approvers[0] != "allowed" || got.Requester != nil {
		t.Errorf("%+v", got)
	}
	got = Terms{Approvers: []string{"owner"}, Quorum: 1, TTL: time.Minute}.With(base)
	if got.Quorum != 1 || got.TTL != time.Minute || got.Approvers[0] != "owner" {
		t.Errorf("%+v", got)
	}
	if q := (Terms{}).With(Terms{}).Quorum; q != 1 {
		t.Errorf("quorum %d with nothing said", q)
	}
}
