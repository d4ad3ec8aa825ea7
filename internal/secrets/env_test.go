package secrets

import (
	"slices"
	"testing"
)

// T1, T2: what was taken is found as if it still stood in the environment, and
// goes before what stands there.
func TestEnvLookup(t *testing.T) {
	t.Setenv("CTPIPE_TEST_KEPT", "kept")
	t.Setenv("CTPIPE_TEST_TAKEN", "later")
	e := &Env{taken: map[string]string{"CTPIPE_TEST_TAKEN": "secret", flagToken: "tok"}}
	for name, want := range map[string]string{"CTPIPE_TEST_KEPT": "kept", "CTPIPE_TEST_TAKEN": "secret"} {
		if got, ok := e.Lookup(name); got != want || !ok {
			t.Errorf("%s: %q, %v", name, got, ok)
		}
	}
	if _, ok := e.Lookup("CTPIPE_TEST_NOWHERE"); ok {
		t.Error("a variable that nobody set")
	}
	values := e.Values()
	if slices.Sort(values); !slices.Equal(values, []string{"secret", "tok"}) || e.FlagToken() != "tok" {
		t.Errorf("%q, %q", values, e.FlagToken())
	}
	if none := (&Env{}); none.FlagToken() != "" || len(none.Values()) != 0 {
		t.Error("secrets out of nothing")
	}
}
