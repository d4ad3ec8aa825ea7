package facts

import "sync"

// memo is a World that looks each name up once. The paths of one call share
// most of their parents, and what they are must not change between two of them.
// It is for one goroutine, and for one call after the other.
type memo struct {
	World
	stats map[string]looked
}

type looked struct {
	stat FileStat
	err  error
}

var memos = sync.Pool{New: func() any { return &memo{stats: map[string]looked{}} }}

// remembering gives a memo over w; forget gives it back.
func remembering(w World) *memo {
	m := memos.Get().(*memo)
	m.World = w
	return m
}

func (m *memo) forget() {
	if m.World = nil; len(m.stats) > 4096 {
		return // a map keeps the room it once needed
	}
	clear(m.stats)
	memos.Put(m)
}

// Lstat is the World's, once for each name.
func (m *memo) Lstat(name string) (FileStat, error) {
	if have, ok := m.stats[name]; ok {
		return have.stat, have.err
	}
	stat, err := m.World.Lstat(name)
	m.stats[name] = looked{stat, err}
	return stat, err
}
