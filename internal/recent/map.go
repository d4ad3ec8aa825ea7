// Package recent remembers a bounded number of things by key: the newest stay,
// the oldest go.
package recent

// Map remembers values by key. It holds between Most and twice as many of the
// keys that were put or got last; older ones are forgotten in one go, so that
// both cost a map's access. It is not safe for concurrent use.
type Map[K comparable, V any] struct {
	most     int
	now, old map[K]V
}

// New makes a Map that remembers at least the last most keys, and at most twice
// as many. most is at least 1.
func New[K comparable, V any](most int) *Map[K, V] {
	return &Map[K, V]{most: most, now: map[K]V{}}
}

// Get is what was put under a key, if it is still remembered. It counts as a
// use: the key stays as long as one that was put now.
func (m *Map[K, V]) Get(key K) (V, bool) {
	if v, ok := m.now[key]; ok {
		return v, true
	}
	v, ok := m.old[key]
	if ok {
		m.Put(key, v)
	}
	return v, ok
}

// Put remembers a value, in the place of what was there.
func (m *Map[K, V]) Put(key K, v V) {
	if _, known := m.now[key]; !known && len(m.now) >= m.most {
		m.now, m.old = map[K]V{}, m.now
	}
	delete(m.old, key)
	m.now[key] = v
}

// Len is how many keys are remembered.
func (m *Map[K, V]) Len() int { return len(m.now) + len(m.old) }
