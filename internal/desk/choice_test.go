package desk

import (
	"slices"
	"testing"
)

// TestContextOptions covers FUN-11: never more than three, each within n, the
// largest first reached by "all".
func TestContextOptions(t *testing.T) {
	for n := 2; n < 40; n++ {
		got := contextOptions(n)
		if len(got) == 0 || len(got) > 3 || !slices.IsSorted(got) || got[len(got)-1] > n || n < 10 && got[len(got)-1] != n {
			t.Errorf("%d: %v", n, got)
		}
	}
}
