package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func stage(name string, role Role, f func(*Run) error) Link {
	return Link{Name: name, Role: role, Produces: []string{"tool.commands"},
		Stage: StageFunc(func(_ context.Context, r *Run) error { return f(r) })}
}

func voter(votes ...Vote) Link {
	return stage("voter", Gate, func(r *Run) error {
		for _, v := range votes {
			r.Vote(v)
		}
		return nil
	})
}

func snapshotOf(k Kind, links ...Link) *Snapshot {
	return &Snapshot{Rev: "abc", Chains: map[Kind][]Link{k: links}, Default: map[Kind]Verdict{k: Allow}, OnError: map[Kind]Verdict{k: Ask}}
}

func judge(s *Snapshot, k Kind) *Run { return s.Judge(context.Background(), &Event{Kind: k}) }

var broken = map[string]func(*Run) error{
	"error": func(*Run) error { return errors.New("no disk") },
	"panic": func(*Run) error { panic("nil map") },
}

// P1, SEC-25, RACE-06: a failing gate votes on_error, and never allow.
func TestGateFails(t *testing.T) {
	for how, f := range broken {
		for want, onError := range map[Verdict]map[Kind]Verdict{
			Ask: {KindTool: Ask}, Deny: {KindTool: Allow}, // a snapshot that says allow denies
		} {
			s := snapshotOf(KindTool, voter(Vote{Verdict: Allow}), stage("broken", Gate, func(r *Run) error {
				r.Do(Reply{Text: "half done"})
				r.Settings.Style = "full"
				r.Rewrite(map[string]any{}, "other")
				return f(r)
			}))
			s.OnError = onError
			r := judge(s, KindTool)
			if v, top := r.Verdict(); v != want || top[0].By != "stage broken" || top[0].Err == "" {
				t.Errorf("%s: %v by %+v, want %v", how, v, top, want)
			}
			if len(r.Effects()) != 0 || r.Settings.Style != "" || r.Rewrote {
				t.Errorf("%s: what the broken stage did is still there", how)
			}
			if (r.Trace.Stack != "") != (how == "panic") {
				t.Errorf("%s: stack %q", how, r.Trace.Stack)
			}
		}
	}
	s := snapshotOf(KindTool, stage("broken", Gate, broken["error"]))
	s.OnError = nil
	if v, _ := judge(s, KindTool).Verdict(); v != Deny {
		t.Errorf("%v with no on_error", v)
	}
}

// A failing enrich stage leaves its facts unknown, once.
func TestEnrichFails(t *testing.T) {
	for how, f := range broken {
		s := snapshotOf(KindTool, stage("a", Enrich, f), stage("b", Enrich, f))
		r := judge(s, KindTool)
		if !slices.Equal(r.Event.Unknown, []string{"tool.commands"}) || r.Trace.Steps[0].Err == "" || r.Failed != nil {
			t.Errorf("%s: unknown %v", how, r.Event.Unknown)
		}
	}
}

// A failing shape stage leaves the text as it was, also where it had begun.
func TestShapeFails(t *testing.T) {
	for how, f := range broken {
		s := snapshotOf(KindShow,
			stage("first", Shape, func(r *Run) error { r.SetText("as it was"); return nil }),
			stage("broken", Shape, func(r *Run) error { r.SetText("half"); return f(r) }))
		if r := judge(s, KindShow); r.Text() != "as it was" || r.Trace.Steps[1].Err == "" || r.Failed != nil {
			t.Errorf("%s: text %q", how, r.Text())
		}
	}
}

// A failing act stage means that nothing is done, whoever asked for it.
func TestActFails(t *testing.T) {
	for how, f := range broken {
		s := snapshotOf(KindPost, stage("hooks", Gate, func(r *Run) error { r.Do(Reply{Text: "x"}); return nil }), stage("broken", Act, f))
		if r := judge(s, KindPost); r.Failed == nil || len(r.Effects()) != 0 {
			t.Errorf("%s: %v, effects %v", how, r.Failed, r.Effects())
		}
	}
}

// Only gates vote; what somebody else casts is a denial.
func TestVoteByNoGate(t *testing.T) {
	for _, role := range []Role{Enrich, Shape, Act} {
		s := snapshotOf(KindTool, stage("wired wrongly", role, func(r *Run) error { r.Vote(Vote{Verdict: Allow}); return nil }))
		if v, top := judge(s, KindTool).Verdict(); v != Deny || top[0].By != "stage wired wrongly" {
			t.Errorf("%v: %v %+v", role, v, top)
		}
	}
	r := judge(snapshotOf(KindTool), KindTool)
	r.Vote(Vote{Verdict: Allow})
	if v, _ := r.Verdict(); v != Deny {
		t.Errorf("a vote after the run: %v", v)
	}
}

func TestVotesAreVerdicts(t *testing.T) {
	if v, _ := judge(snapshotOf(KindTool, voter(Vote{Verdict: 7})), KindTool).Verdict(); v != Deny {
		t.Errorf("verdict 7 became %v", v)
	}
	if v, _ := judge(snapshotOf(KindTool, voter(Vote{Verdict: Allow, Err: "could not judge"})), KindTool).Verdict(); v != Ask {
		t.Errorf("allow with an error became %v", v)
	}
}

// Nothing voted: the default; without a default or a chain, deny.
func TestDefaults(t *testing.T) {
	s := snapshotOf(KindPost, voter(Vote{Verdict: Deny, Shadow: true}))
	if v, top := judge(s, KindPost).Verdict(); v != Allow || len(top) != 1 || top[0].Source != SourceDefault {
		t.Errorf("%v %+v", v, top)
	}
	s.Default = nil
	if v, _ := judge(s, KindPost).Verdict(); v != Deny {
		t.Errorf("%v without a default", v)
	}
	s.Default = map[Kind]Verdict{KindPost: Allow, KindTool: Allow}
	if v, _ := judge(s, KindTool).Verdict(); v != Deny {
		t.Errorf("%v without a chain", v)
	}
}

// The verdict does not depend on the order of gates, nor on a failing one.
func TestOrderOfGates(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var links []Link
		for range rapid.IntRange(0, 5).Draw(t, "gates") {
			l := voter(rapid.SliceOfN(genVote(), 0, 3).Draw(t, "votes")...)
			if rapid.Bool().Draw(t, "fails") {
				votes := l.Stage
				l.Stage = StageFunc(func(ctx context.Context, r *Run) error {
					return errors.Join(votes.Handle(ctx, r), errors.New("failed"))
				})
			}
			links = append(links, l)
		}
		one, _ := judge(snapshotOf(KindTool, links...), KindTool).Verdict()
		other, _ := judge(snapshotOf(KindTool, rapid.Permutation(links).Draw(t, "order")...), KindTool).Verdict()
		if one != other {
			t.Fatalf("%v or %v", one, other)
		}
	})
}

// What a hook puts in the place of the input passes every stage again.
func TestRewriteIsJudgedAgain(t *testing.T) {
	judged := []string{}
	s := snapshotOf(KindTool,
		stage("shell", Enrich, func(r *Run) error {
			if r.Event.Tool.Hash == "one" {
				return errors.New("cannot parse")
			}
			return nil
		}),
		stage("gate", Gate, func(r *Run) error {
			judged = append(judged, r.Event.Tool.Hash)
			if r.Event.Tool.Hash == "two" {
				r.Vote(Vote{Verdict: Deny, By: "sees the new one"})
			}
			return nil
		}),
		stage("hooks", Gate, func(r *Run) error {
			r.Do(Reply{Text: "rewrote"})
			r.Rewrite(map[string]any{"command": "ls"}, "two")
			return nil
		}),
		stage("settle", Act, func(r *Run) error { r.Do(AnswerTool{Input: r.Event.Tool.Input}); return nil }))
	ev := &Event{Kind: KindTool, Tool: Tool{Hash: "one", Input: map[string]any{"command": "rm"}}, Unknown: []string{"tool.requesters"}}
	r := s.Judge(context.Background(), ev)
	v, top := r.Verdict()
	if v != Deny || top[0].By != "sees the new one" || !slices.Equal(judged, []string{"one", "two"}) || !r.Rewrote {
		t.Errorf("%v %+v, judged %v", v, top, judged)
	}
	if !slices.Equal(r.Event.Unknown, []string{"tool.requesters"}) {
		t.Errorf("unknown %v: facts of the old input are none of the new one", r.Event.Unknown)
	}
	if len(r.Effects()) != 2 || r.Effects()[1].(AnswerTool).Input["command"] != "ls" {
		t.Errorf("effects %+v: once each, and with the new input", r.Effects())
	}
	if ev.Tool.Hash != "one" || ev.Tool.Input["command"] != "rm" {
		t.Error("the first event was changed; an abandoned hook may still read it")
	}
	if len(r.Trace.Steps) != 7 {
		t.Errorf("%d steps: the trace has both passes", len(r.Trace.Steps))
	}
}

// A second rewrite is an error, but the call is answered all the same.
func TestSecondRewrite(t *testing.T) {
	for name, hooks := range map[string]func(r *Run){
		"in the second pass": func(r *Run) { r.Rewrite(map[string]any{}, r.Event.Tool.Hash+"x") },
		"two hooks at once":  func(r *Run) { r.Rewrite(map[string]any{}, "a"); r.Rewrite(map[string]any{}, "b") },
	} {
		settled := 0
		s := snapshotOf(KindTool, voter(Vote{Verdict: Allow}), stage("hooks", Gate, func(r *Run) error { hooks(r); return nil }),
			stage("settle", Act, func(r *Run) error { settled++; return nil }))
		v, top := judge(s, KindTool).Verdict()
		if v != Ask || top[0].Err != "second rewrite" || settled != 1 {
			t.Errorf("%s: %v %+v, settled %d times", name, v, top, settled)
		}
	}
}

// A hook that gives the input that the call has already changes nothing.
func TestRewriteToTheSame(t *testing.T) {
	s := snapshotOf(KindTool, stage("hooks", Gate, func(r *Run) error { r.Rewrite(map[string]any{}, "h"); return nil }))
	r := s.Judge(context.Background(), &Event{Kind: KindTool, Tool: Tool{Hash: "h"}})
	if v, _ := r.Verdict(); v != Allow || r.Rewrote {
		t.Errorf("%v, rewrote %v", v, r.Rewrote)
	}
}

// Judging a record again takes its facts from it.
func TestRejudge(t *testing.T) {
	s := snapshotOf(KindTool, stage("shell", Enrich, func(r *Run) error { t.Error("looked at the world"); return nil }),
		stage("gate", Gate, func(r *Run) error {
			if !r.Recorded() {
				t.Error("not recorded")
			}
			return nil
		}))
	if r := s.Rejudge(context.Background(), &Event{Kind: KindTool}); r.Event.Rev != "abc" || len(r.Event.Unknown) != 0 {
		t.Errorf("rev %s, unknown %v", r.Event.Rev, r.Event.Unknown)
	}
	s.Chains[KindTool] = append(s.Chains[KindTool], stage("hooks", Gate, func(r *Run) error { r.Rewrite(nil, "new"); return nil }))
	if r := s.Rejudge(context.Background(), &Event{Kind: KindTool}); !slices.Equal(r.Event.Unknown, []string{"tool.commands"}) {
		t.Errorf("unknown %v: nobody looked at the new input", r.Event.Unknown)
	}
}

// What gates ask for may be bound to the verdict.
func TestDoIfAllowed(t *testing.T) {
	for _, v := range verdicts[1:] {
		s := snapshotOf(KindCommand, stage("hooks", Gate, func(r *Run) error {
			r.Do(Reply{Text: "always"})
			r.DoIfAllowed(Prompt{Text: "if allowed"})
			return nil
		}), voter(Vote{Verdict: v}))
		if got := len(judge(s, KindCommand).Effects()); got != map[bool]int{true: 2, false: 1}[v == Allow] {
			t.Errorf("%v: %d effects", v, got)
		}
	}
}

func TestText(t *testing.T) {
	ev := Event{Post: Post{Text: "post"}, Start: Start{Prompt: "start"}, Show: Show{Text: "show"}}
	for k, want := range map[Kind]string{KindPost: "post", KindStart: "start", KindShow: "show", KindCommand: "post"} {
		ev.Kind = k
		r := snapshotOf(k).Judge(context.Background(), &ev)
		if r.Text() != want {
			t.Errorf("%s: %q", k, r.Text())
		}
		if r.SetText(""); r.Text() != "" {
			t.Errorf("%s: an empty text is a text", k)
		}
	}
}

// The journal, replay and [[test]] read what was written.
func TestEventJSON(t *testing.T) {
	kinds := rapid.SampledFrom(Kinds)
	rapid.Check(t, func(t *rapid.T) {
		str := rapid.StringMatching(`[a-z<>&é]{0,5}`)
		ev := Event{ID: EventID(str.Draw(t, "id")), Kind: kinds.Draw(t, "kind"), Time: Time{Unix: rapid.Int64().Draw(t, "unix")},
			Session: Session{Mode: ModeAuto, Cost: rapid.Float64Range(0, 100).Draw(t, "cost"), Grants: []string{"g1"}},
			User:    User{ID: UserID(str.Draw(t, "user")), Groups: []string{str.Draw(t, "group")}, Active: rapid.Bool().Draw(t, "active")},
			Tool: Tool{Name: "Bash", Input: map[string]any{"command": str.Draw(t, "command"), "n": rapid.Float64Range(-9, 9).Draw(t, "n")},
				Commands: []Command{{Prog: str.Draw(t, "prog"), Args: []string{"-f"}, Git: Git{Push: Push{Force: "lease"}}}},
				Paths:    []Path{{Named: str.Draw(t, "path"), Write: true}}},
			Show: Show{Text: str.Draw(t, "text"), Final: true}, Unknown: []string{"tool.paths"}}
		raw, err := json.Marshal(ev)
		if err != nil {
			t.Fatal(err)
		}
		var back Event
		if err := json.Unmarshal(raw, &back); err != nil || !reflect.DeepEqual(ev, back) {
			t.Fatalf("%v\n%+v\n%+v", err, ev, back)
		}
	})
	raw, err := json.Marshal(Vote{Verdict: Ask, Terms: Terms{Quorum: 2, Requester: &no}})
	var v Vote
	if err != nil || json.Unmarshal(raw, &v) != nil || v.Verdict != Ask || v.Terms.Quorum != 2 || *v.Terms.Requester {
		t.Errorf("%s: %v", raw, err)
	}
	if raw, _ := json.Marshal(Vote{Verdict: Allow}); strings.Contains(string(raw), "terms") {
		t.Errorf("%s", raw)
	}
}

// Rules can call any exported method of what they see, so events have none,
// and no pointers (the design, 3).
func TestEventsAreValues(t *testing.T) {
	var walk func(reflect.Type, string)
	walk = func(ty reflect.Type, at string) {
		if ty.PkgPath() != "" && ty.NumMethod() > 0 && ty != reflect.TypeFor[Kind]() && ty != reflect.TypeFor[Mode]() {
			t.Errorf("%s has methods", at)
		}
		switch ty.Kind() {
		case reflect.Pointer, reflect.Func, reflect.Chan:
			t.Errorf("%s is a %s", at, ty.Kind())
		case reflect.Slice:
			walk(ty.Elem(), at+"[]")
		case reflect.Struct:
			for i := range ty.NumField() {
				f := ty.Field(i)
				if f.Tag.Get("json") == "" {
					t.Errorf("%s.%s has no name in the journal", at, f.Name)
				}
				walk(f.Type, at+"."+f.Name)
			}
		}
	}
	walk(reflect.TypeFor[Event](), "event")
}

// TestObserverPanicIsKept: who watches runs cannot keep one from its answer.
func TestObserverPanicIsKept(t *testing.T) {
	snap := &Snapshot{Chains: map[Kind][]Link{KindTool: {}}, Default: map[Kind]Verdict{KindTool: Ask}}
	e := NewEngine(snap, nil, func(*Run) { panic("disk on fire") })
	if v, _ := e.Judge(t.Context(), &Event{Kind: KindTool}).Verdict(); v != Ask {
		t.Errorf("verdict %v", v)
	}
}
