package memory

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// pair is one entry of the naive model.
type pair struct{ key, value int }

// model is a Recent that looks at everything each time: the entries, the oldest
// first.
type model struct {
	most    int
	entries []pair
}

func (m *model) find(key int) int {
	return slices.IndexFunc(m.entries, func(p pair) bool { return p.key == key })
}

// put makes a key the newest, and forgets what there is no room for.
func (m *model) put(key, value int) {
	m.forget(key)
	m.entries = append(m.entries, pair{key, value})
	m.entries = m.entries[max(len(m.entries)-m.most, 0):]
}

func (m *model) forget(key int) {
	m.entries = slices.DeleteFunc(m.entries, func(p pair) bool { return p.key == key })
}

// all is what a Recent holds, the oldest first.
func all(r *Recent[int, int]) []pair {
	var out []pair
	for k, v := range r.All() {
		out = append(out, pair{k, v})
	}
	return out
}

// TestRecent covers item 8 of the house: whatever is added, put, used and
// forgotten, saved and restored, a Recent knows what the naive model knows, and
// takes no more room than it may.
func TestRecent(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		n := rapid.IntRange(-1, 6).Draw(r, "n")
		got, want := NewRecent[int, int](n), &model{most: max(n, 1)}
		key := rapid.IntRange(0, 9)
		r.Repeat(map[string]func(*rapid.T){
			"add": func(r *rapid.T) {
				k, v := key.Draw(r, "key"), rapid.Int().Draw(r, "value")
				known := want.find(k) >= 0
				if !known {
					want.put(k, v)
				}
				if first := got.Add(k, v); first == known {
					r.Fatalf("Add(%d) says first: %v", k, first)
				}
			},
			"put": func(r *rapid.T) {
				k, v := key.Draw(r, "key"), rapid.Int().Draw(r, "value")
				want.put(k, v)
				got.Put(k, v)
			},
			"use": func(r *rapid.T) {
				k := key.Draw(r, "key")
				v, known := got.Use(k)
				i := want.find(k)
				if known != (i >= 0) || known && v != want.entries[i].value {
					r.Fatalf("Use(%d) = %v, %v; want %+v", k, v, known, want.entries)
				}
				if known {
					want.put(k, v)
				}
			},
			"forget": func(r *rapid.T) {
				k := key.Draw(r, "key")
				want.forget(k)
				got.Forget(k)
			},
			"save and restore": func(r *rapid.T) {
				raw, err := json.Marshal(got)
				if err != nil {
					r.Fatal(err)
				}
				// A memory of less keeps the newest, and the bound is its own.
				if rapid.Bool().Draw(r, "less") {
					want.most = rapid.IntRange(1, want.most).Draw(r, "most")
					want.entries = want.entries[max(len(want.entries)-want.most, 0):]
				}
				got = NewRecent[int, int](want.most)
				if err := json.Unmarshal(raw, got); err != nil {
					r.Fatal(err)
				}
			},
			"": func(r *rapid.T) {
				if have := all(got); !slices.Equal(have, want.entries) {
					r.Fatalf("%+v; want %+v", have, want.entries)
				}
				for k := range 10 {
					v, known := got.Get(k)
					i := want.find(k)
					if known != (i >= 0) || known && v != want.entries[i].value {
						r.Fatalf("key %d: %v, %v; want %+v", k, v, known, want.entries)
					}
				}
				if got.Len() != len(want.entries) || len(got.slots) > max(n, 1)+1 {
					r.Fatalf("%d keys in %d slots; want %d of at most %d", got.Len(), len(got.slots), len(want.entries), want.most)
				}
			},
		})
	})
}

// TestUnboundReads: a Recent that nobody has made takes the bound that was
// saved, and damage is an error.
func TestUnboundReads(t *testing.T) {
	made := NewRecent[string, struct{}](2)
	made.Add("a", struct{}{})
	made.Add("b", struct{}{})
	raw, err := json.Marshal(made)
	if err != nil {
		t.Fatal(err)
	}
	if got := string(raw); got != `{"most":2,"entries":[{"key":"a"},{"key":"b"}]}` {
		t.Errorf("saved as %s", got)
	}
	var read Recent[string, struct{}]
	if err := json.Unmarshal(raw, &read); err != nil {
		t.Fatal(err)
	}
	read.Add("c", struct{}{})
	if _, known := read.Get("a"); known || read.Len() != 2 {
		t.Errorf("a memory of two holds %d, the oldest among them: %v", read.Len(), known)
	}
	if err := json.Unmarshal([]byte(`{"most":"x"}`), &read); err == nil || read.Len() != 2 {
		t.Errorf("damage: %v, %d entries", err, read.Len())
	}
}

// BenchmarkRecent: an addition takes the same time however much is remembered,
// and no room once the memory is full.
func BenchmarkRecent(b *testing.B) {
	for _, n := range []int{16, 65536} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			r := NewRecent[int, int](n)
			b.ReportAllocs()
			for i := range b.N {
				r.Put(i, i)
			}
		})
	}
}
