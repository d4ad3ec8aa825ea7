// Package memory has what is remembered within bounds.
package memory

// Recent remembers what was added last, by key: whatever is beyond the newest n
// additions is forgotten. Every method takes the same time however much is
// remembered, and room is taken only as it is needed. It is not safe for
// concurrent use.
type Recent[K comparable, V any] struct {
	most  int
	at    map[K]int // place of each key in slots
	slots []slot[K, V]
	next  int // the slot of the oldest addition, once slots are full
}

type slot[K comparable, V any] struct {
	key   K
	value V
	taken bool // false: it was forgotten, and its room is free when its turn comes
}

// NewRecent makes a memory of the newest n additions, at least one.
func NewRecent[K comparable, V any](n int) *Recent[K, V] {
	return &Recent[K, V]{most: max(n, 1), at: map[K]int{}}
}

// Get gives what is remembered of a key.
func (r *Recent[K, V]) Get(key K) (value V, known bool) {
	i, known := r.at[key]
	if known {
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
	s := slot[K, V]{key: key, value: value, taken: true}
	if len(r.slots) < r.most {
		r.at[key] = len(r.slots)
		r.slots = append(r.slots, s)
		return true
	}
	if old := r.slots[r.next]; old.taken {
		delete(r.at, old.key)
	}
	r.slots[r.next], r.at[key] = s, r.next
	r.next = (r.next + 1) % r.most
	return true
}

// Put remembers a value for a key. One that is known gets the new value and
// stays as old as it is.
func (r *Recent[K, V]) Put(key K, value V) {
	if !r.Add(key, value) {
		r.slots[r.at[key]].value = value
	}
}

// Forget drops a key. Its addition still counts as one of the newest.
func (r *Recent[K, V]) Forget(key K) {
	if i, known := r.at[key]; known {
		delete(r.at, key)
		r.slots[i] = slot[K, V]{}
	}
}
