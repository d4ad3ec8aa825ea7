// Package memory has what is remembered within bounds.
package memory

import (
	"encoding/json"
	"fmt"
	"iter"
)

// Recent remembers values by key, and of all keys the newest n: where there is
// no room for another, the oldest is forgotten. A key is as old as its last Put
// or Use. Every method takes the same time however much is remembered, and room
// is taken only as it is needed. It is not safe for concurrent use, but Get and
// Len change nothing.
//
// As JSON it is its bound and its entries, the oldest first. What is read keeps
// the bound of the Recent that reads it, and of more entries the newest.
type Recent[K comparable, V any] struct {
	most  int
	at    map[K]int // place of each key in slots
	slots []slot[K, V]
	free  []int // places that nothing is in
}

// slot is one entry. They make a ring, in which the slot at place 0 is no entry
// but stands between the newest and the oldest.
type slot[K comparable, V any] struct {
	key          K
	value        V
	older, newer int
}

// NewRecent makes a memory of the newest n keys, at least one.
func NewRecent[K comparable, V any](n int) *Recent[K, V] {
	return &Recent[K, V]{most: max(n, 1), at: map[K]int{}, slots: make([]slot[K, V], 1)}
}

// Len is how many keys are remembered.
func (r *Recent[K, V]) Len() int { return len(r.at) }

// Get gives what is remembered of a key. The key stays as old as it is.
func (r *Recent[K, V]) Get(key K) (value V, known bool) {
	i, known := r.at[key]
	if known {
		value = r.slots[i].value
	}
	return value, known
}

// Use gives what is remembered of a key, and makes the key the newest.
func (r *Recent[K, V]) Use(key K) (value V, known bool) {
	i, known := r.at[key]
	if known {
		r.part(i)
		r.join(i)
		value = r.slots[i].value
	}
	return value, known
}

// Add remembers a key that is not known yet, and reports whether it was not. A
// known one stays as it is, and as old as it is.
func (r *Recent[K, V]) Add(key K, value V) (first bool) {
	if _, known := r.at[key]; known {
		return false
	}
	if len(r.at) >= r.most {
		r.Forget(r.slots[r.slots[0].newer].key)
	}
	i := len(r.slots)
	if last := len(r.free) - 1; last >= 0 {
		i, r.free = r.free[last], r.free[:last]
	} else {
		r.slots = append(r.slots, slot[K, V]{})
	}
	r.slots[i].key, r.slots[i].value, r.at[key] = key, value, i
	r.join(i)
	return true
}

// Put remembers a value for a key, in the place of what was there, and makes the
// key the newest.
func (r *Recent[K, V]) Put(key K, value V) {
	if _, known := r.Use(key); known {
		r.slots[r.at[key]].value = value
		return
	}
	r.Add(key, value)
}

// Forget drops a key.
func (r *Recent[K, V]) Forget(key K) {
	if i, known := r.at[key]; known {
		r.part(i)
		r.slots[i], r.free = slot[K, V]{}, append(r.free, i)
		delete(r.at, key)
	}
}

// All gives what is remembered, the oldest first. Nothing may be added, used or
// forgotten meanwhile.
func (r *Recent[K, V]) All() iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		for i := r.slots[0].newer; i != 0; i = r.slots[i].newer {
			if !yield(r.slots[i].key, r.slots[i].value) {
				return
			}
		}
	}
}

// part takes a slot out of the ring.
func (r *Recent[K, V]) part(i int) {
	s := r.slots[i]
	r.slots[s.older].newer, r.slots[s.newer].older = s.newer, s.older
}

// join puts a slot into the ring as the newest.
func (r *Recent[K, V]) join(i int) {
	last := r.slots[0].older
	r.slots[i].older, r.slots[i].newer = last, 0
	r.slots[last].newer, r.slots[0].older = i, i
}

// saved is a Recent as it is kept.
type saved[K comparable, V any] struct {
	Most    int           `json:"most"`
	Entries []entry[K, V] `json:"entries,omitempty"`
}

type entry[K comparable, V any] struct {
	Key   K `json:"key"`
	Value V `json:"value,omitzero"`
}

// MarshalJSON keeps what is remembered, and how old it is.
func (r *Recent[K, V]) MarshalJSON() ([]byte, error) {
	v := saved[K, V]{Most: r.most}
	for key, value := range r.All() {
		v.Entries = append(v.Entries, entry[K, V]{key, value})
	}
	return json.Marshal(v)
}

// UnmarshalJSON puts what was kept in the place of what is remembered.
func (r *Recent[K, V]) UnmarshalJSON(data []byte) error {
	var v saved[K, V]
	if err := json.Unmarshal(data, &v); err != nil {
		return fmt.Errorf("reading what was remembered: %w", err)
	}
	if r.most > 0 {
		v.Most = r.most
	}
	*r = *NewRecent[K, V](v.Most)
	for _, e := range v.Entries {
		r.Put(e.Key, e.Value)
	}
	return nil
}
