package app

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"ctpipe/internal/policy"
)

// The card of a held save says what is asked, and of whom; what it does not
// know it leaves out, and what does not fit it counts.
func TestHeldText(t *testing.T) {
	q := &policy.Question{Old: "aaaaaaaaaaaa", New: "bbbbbbbbbbbb", Loosens: []string{"rule `x` changed"}, Owners: []string{"core", "allowed"}}
	got := heldText(q, "rules.toml")
	for _, want := range []string{"A save of `rules.toml` lets more through", "rev aaaaaa → **bbbbbb**", "- ``rule `x` changed``",
		"**Who may answer:** core or allowed", "`ctpipe rules accept bbbbbbbbbbbb`"} {
		if !strings.Contains(got, want) {
			t.Errorf("lacks %q:\n%s", want, got)
		}
	}
	for _, lack := range []string{"saved", "On recorded events", "more, which"} {
		if strings.Contains(got, lack) {
			t.Errorf("has %q:\n%s", lack, got)
		}
	}
	q.Modified, q.Changes, q.Loosens = time.Unix(1700000000, 0), "2 ask→allow", nil
	for i := range cardReasons + 3 {
		q.Loosens = append(q.Loosens, fmt.Sprint("rule ", i))
	}
	got = heldText(q, "rules.toml")
	for _, want := range []string{"saved 2023-11-14 22:13:20 UTC", "**On recorded events:** 2 ask→allow", "… and 3 more, which the log names"} {
		if !strings.Contains(got, want) {
			t.Errorf("lacks %q:\n%s", want, got)
		}
	}
	if n := strings.Count(got, "\n- "); n != cardReasons+1 {
		t.Errorf("%d lines of reasons", n)
	}
}
