package pipeline

import (
	"context"
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

// SEC-16, design 7: what people have answered passes; a denial wins, and asks
// that they have not answered hold.
func TestReconsider(t *testing.T) {
	ask, deny, allow := Vote{Verdict: Ask, By: "a"}, Vote{Verdict: Deny}, Vote{Verdict: Allow}
	for _, c := range []struct {
		votes   []Vote
		met     bool
		verdict Verdict
		allowed bool
	}{
		{[]Vote{ask}, true, Ask, true}, {[]Vote{ask}, false, Ask, false},
		{[]Vote{ask, deny}, true, Deny, false}, {[]Vote{allow}, false, Allow, true}, {[]Vote{ask, allow}, true, Ask, true},
	} {
		act := stage("act", Act, func(r *Run) error {
			r.DoIfAllowed(Reply{Text: "done"})
			return nil
		})
		e := NewEngine(snapshotOf(KindPost, voter(c.votes...), act), nil, nil)
		r := e.Reconsider(context.Background(), &Event{Kind: KindPost}, func(_ *Run, asks []Vote) bool {
			if !reflect.DeepEqual(asks, []Vote{ask}) {
				t.Errorf("%+v: asked about %+v", c.votes, asks)
			}
			return c.met
		})
		if v, _ := r.Verdict(); v != c.verdict || r.Allowed() != c.allowed || (len(r.Effects()) == 1) != c.allowed || !r.Again() {
			t.Errorf("%+v, met %v: %v, allowed %v, %d effects", c.votes, c.met, v, r.Allowed(), len(r.Effects()))
		}
	}
	if r := judge(snapshotOf(KindPost, voter(ask)), KindPost); r.Allowed() || r.Again() {
		t.Error("nobody has answered")
	}
}

// A13: what a hook makes of the input when people have answered is judged with
// their answer too.
func TestReconsiderRewritten(t *testing.T) {
	rewrite := stage("hook", Gate, func(r *Run) error {
		if r.Event.Tool.Hash == "" {
			r.Rewrite(map[string]any{"command": "y"}, "h2")
			return nil
		}
		r.Vote(Vote{Verdict: Ask, By: "hook"})
		return nil
	})
	e := NewEngine(snapshotOf(KindTool, rewrite), nil, nil)
	r := e.Reconsider(context.Background(), &Event{Kind: KindTool}, func(r *Run, _ []Vote) bool { return r.Event.Tool.Hash == "h2" })
	if !r.Allowed() || !r.Rewrote || !r.Again() {
		t.Errorf("allowed %v, rewrote %v", r.Allowed(), r.Rewrote)
	}
}

// Whatever the votes are: people's answers change no verdict, and let nothing
// pass that is denied.
func TestReconsiderNeverLowersADenial(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		votes := rapid.SliceOf(rapid.Custom(func(t *rapid.T) Vote {
			return Vote{Verdict: Verdict(rapid.IntRange(int(Abstain), int(Deny)).Draw(t, "verdict")), Shadow: rapid.Bool().Draw(t, "shadow")}
		})).Draw(t, "votes")
		s := snapshotOf(KindPost, voter(votes...))
		plain, _ := s.Judge(context.Background(), &Event{Kind: KindPost}).Verdict()
		r := s.judge(context.Background(), &Event{Kind: KindPost}, passage{met: func(*Run, []Vote) bool { return true }})
		if v, _ := r.Verdict(); v != plain || r.Allowed() != (plain < Deny) {
			t.Fatalf("%v before, %v with everybody's yes, allowed %v", plain, v, r.Allowed())
		}
	})
}
