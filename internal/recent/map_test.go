package recent

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestMap: the last keys that were used are remembered with the value that was
// put last, nothing else is ever answered, and it does not grow for ever.
func TestMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		most := rapid.IntRange(1, 5).Draw(t, "most")
		m := New[int, int](most)
		model, used := map[int]int{}, []int{}
		use := func(key int) {
			used = append(slices.DeleteFunc(used, func(k int) bool { return k == key }), key)
		}
		for i := range rapid.IntRange(0, 60).Draw(t, "steps") {
			key := rapid.IntRange(0, 12).Draw(t, "key")
			if rapid.Bool().Draw(t, "put") {
				m.Put(key, i)
				model[key] = i
				use(key)
			} else {
				got, ok := m.Get(key)
				want, ever := model[key]
				at := slices.Index(used, key)
				switch {
				case ok && (!ever || got != want):
					t.Fatalf("key %d is %d, want %d (%v)", key, got, want, ever)
				case !ok && at >= 0 && len(used)-at <= most:
					t.Fatalf("key %d is forgotten, though %d were used since", key, len(used)-at-1)
				case ok:
					use(key)
				}
			}
			if n := m.Len(); n > 2*most {
				t.Fatalf("%d keys of at most twice %d", n, most)
			}
		}
	})
}
