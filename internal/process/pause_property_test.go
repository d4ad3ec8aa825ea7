package process

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestPause covers FUN-05: nobody is warned twice of one time-out, nor where
// something happened meanwhile; a session is paused when nothing has happened for
// the whole limit, and never sooner. One that is saved at any moment goes on as
// one that never was.
func TestPause(t *testing.T) {
	random(t, 10_000, func(r *rapid.T) {
		now := epoch
		plain := Pause{Active: now}
		saved := plain
		limit := time.Duration(rapid.SampledFrom([]int{0, 10, 240, 1800, 7200}).Draw(r, "limit")) * time.Second
		warned := false
		for range rapid.IntRange(1, 40).Draw(r, "steps") {
			now = now.Add(time.Duration(rapid.SampledFrom([]int{0, 1, 7, 60, 299, 1500}).Draw(r, "pause")) * time.Second)
			switch rapid.SampledFrom([]string{"look", "look", "look", "touch", "save", "goes on"}).Draw(r, "step") {
			case "look":
				step := plain.Look(limit, now)
				if other := saved.Look(limit, now); other != step {
					r.Fatalf("%+v, the other %+v", step, other)
				}
				quiet := now.Sub(plain.Active)
				switch {
				case step.Over != (limit > 0 && quiet >= limit):
					r.Fatalf("quiet for %v of %v: %+v", quiet, limit, step)
				case step.Warn != "" && (warned || step.Over || limit == 0):
					r.Fatalf("warned again: %+v", step)
				case step.Over:
					return
				case step.Next <= 0 || limit > 0 && step.Next > limit:
					r.Fatalf("the next look is in %v", step.Next)
				}
				if warned = warned || step.Warn != ""; warned != plain.Warned {
					r.Fatalf("warned %v, noted %v", warned, plain.Warned)
				}
			case "touch":
				plain.Active, saved.Active, warned = now, now, false
				plain.Warned, saved.Warned = false, false
			case "save":
				saved = again(r, saved)
			case "goes on":
				begun := plain.Begun
				resumed, text, expected := plain.GoesOn("1", 2)
				if a, b, c := saved.GoesOn("1", 2); a != resumed || b != text || c != expected || resumed != begun || !plain.Begun || plain.Why != "" || plain.By != "" {
					r.Fatalf("%v %q %v: %+v", a, b, c, plain)
				}
				why, by := rapid.SampledFrom([]string{WhyIdle, WhyRestart, WhyExit, ""}).Draw(r, "why"), rapid.SampledFrom([]string{"", "alice"}).Draw(r, "by")
				plain.Why, saved.Why, plain.By, saved.By = why, why, by, by
			}
			if a, b := encoded(r, plain), encoded(r, saved); a != b {
				r.Fatalf("they differ:\n%s\n%s", a, b)
			}
		}
	})
}

// TestGoesOn: what people read when Claude runs again, and whether they need to.
func TestGoesOn(t *testing.T) {
	tests := []struct {
		name     string
		pause    Pause
		turns    int
		has      []string
		hasNot   string
		expected bool
	}{
		{name: "for the first time", has: []string{"Claude runs"}, expected: true},
		{name: "for a message", pause: Pause{Begun: true, Why: WhyExit}, has: []string{"Session resumed"}, expected: true},
		{name: "for a message, where its pause was said", pause: Pause{Begun: true, Why: WhyIdle, Key: "k"}, has: []string{"Session resumed"}},
		{name: "for a reaction", pause: Pause{Begun: true, Why: WhyIdle, By: "alice"}, has: []string{"Session resumed** by alice"}},
		{name: "after a restart", pause: Pause{Begun: true, Why: WhyRestart}, turns: 1, has: []string{"after bot restart (v7)", "Reconnected"}},
		{name: "after a restart, before any turn", pause: Pause{Begun: true, Why: WhyRestart}, has: []string{"after bot restart (v7)"}, hasNot: "Reconnected"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			resumed, text, expected := tt.pause.GoesOn("7", tt.turns)
			if resumed != strings.Contains(text, "resumed") || expected != tt.expected {
				t.Errorf("resumed %v, expected %v: %s", resumed, expected, text)
			}
			for _, want := range tt.has {
				if !strings.Contains(text, want) {
					t.Errorf("%q is not in %q", want, text)
				}
			}
			if tt.hasNot != "" && strings.Contains(text, tt.hasNot) {
				t.Errorf("%q is in %q", tt.hasNot, text)
			}
		})
	}
}
