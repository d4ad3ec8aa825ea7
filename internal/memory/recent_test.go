package memory

import (
	"testing"

	"pgregory.net/rapid"
)

// addition is one entry of the naive model: every addition that ever was.
type addition struct {
	key, value int
	forgotten  bool
}

// model is a Recent that looks at everything each time.
type model struct {
	most int
	all  []addition
}

func (m *model) find(key int) *addition {
	for i := max(len(m.all)-m.most, 0); i < len(m.all); i++ {
		if a := &m.all[i]; a.key == key && !a.forgotten {
			return a
		}
	}
	return nil
}

// TestRecent covers item 8 of the house: whatever is added, put and forgotten,
// a Recent knows what the naive model knows, and takes no more room than it may.
func TestRecent(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		n := rapid.IntRange(-1, 6).Draw(r, "n")
		got, want := NewRecent[int, int](n), &model{most: max(n, 1)}
		key := rapid.IntRange(0, 9)
		r.Repeat(map[string]func(*rapid.T){
			"add": func(r *rapid.T) {
				k, v := key.Draw(r, "key"), rapid.Int().Draw(r, "value")
				known := want.find(k) != nil
				if !known {
					want.all = append(want.all, addition{key: k, value: v})
				}
				if first := got.Add(k, v); first == known {
					r.Fatalf("Add(%d) says first: %v", k, first)
				}
			},
			"put": func(r *rapid.T) {
				k, v := key.Draw(r, "key"), rapid.Int().Draw(r, "value")
				if a := want.find(k); a != nil {
					a.value = v
				} else {
					want.all = append(want.all, addition{key: k, value: v})
				}
				got.Put(k, v)
			},
			"forget": func(r *rapid.T) {
				k := key.Draw(r, "key")
				if a := want.find(k); a != nil {
					a.forgotten = true
				}
				got.Forget(k)
			},
			"": func(r *rapid.T) {
				for k := range 10 {
					v, known := got.Get(k)
					a := want.find(k)
					if known != (a != nil) || a != nil && a.value != v {
						r.Fatalf("key %d: %v, %v; want %+v", k, v, known, a)
					}
				}
				if len(got.slots) > want.most || len(got.at) > want.most {
					r.Fatalf("%d slots, %d keys in a memory of %d", len(got.slots), len(got.at), want.most)
				}
			},
		})
	})
}

// BenchmarkRecent: an addition takes the same time however much is remembered,
// and no room once the memory is full.
func BenchmarkRecent(b *testing.B) {
	for name, n := range map[string]int{"small": 16, "large": 65536} {
		b.Run(name, func(b *testing.B) {
			r := NewRecent[int, int](n)
			b.ReportAllocs()
			for i := range b.N {
				r.Put(i, i)
			}
		})
	}
}
