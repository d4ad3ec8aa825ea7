package hooks

import (
	"fmt"
	"sync"
)

// maxKeys is how many keys one hook may hold in a Memory.
const maxKeys = 10000

// Memory is a Store in memory. With Changed set, Drain gives what has to be
// kept for the next start.
type Memory struct {
	// Changed is called after a commit that changed something, and must not
	// block. Set it before first use.
	Changed func()

	mu    sync.Mutex
	hooks map[string]map[string]Value
	dirty map[Place]bool
}

// Place is where a value is kept.
type Place struct{ Hook, Key string }

// Load puts in what was kept, before first use.
func (m *Memory) Load(at Place, v Value) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.of(at.Hook)[at.Key] = v
}

// Drain gives what was changed since it was last called, as it is now; a
// removed key has a nil Value.
func (m *Memory) Drain() map[Place]Value {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := make(map[Place]Value, len(m.dirty))
	for at := range m.dirty {
		out[at] = m.hooks[at.Hook][at.Key]
	}
	m.dirty = nil
	return out
}

func (m *Memory) of(hook string) map[string]Value {
	if m.hooks == nil {
		m.hooks = map[string]map[string]Value{}
	}
	if m.hooks[hook] == nil {
		m.hooks[hook] = map[string]Value{}
	}
	return m.hooks[hook]
}

// Get implements Store.
func (m *Memory) Get(hook, key string, now int64) (Value, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	v, ok := m.hooks[hook][key]
	if !ok || v.expired(now) {
		return Value{}, false
	}
	return v, true
}

func (v Value) expired(now int64) bool { return v.Expires != 0 && v.Expires <= now }

// Commit implements Store. It fails if the hook would hold more than 10 000
// keys, and then changes nothing.
func (m *Memory) Commit(hook string, now int64, writes []Write) error {
	err := m.commit(hook, now, writes)
	if err == nil && m.Changed != nil && len(writes) > 0 {
		m.Changed()
	}
	return err
}

func (m *Memory) commit(hook string, now int64, writes []Write) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	keep := m.of(hook)
	changed := map[string]Value{}
	fresh := 0
	for _, w := range writes {
		old, ok := changed[w.Key]
		if !ok {
			if old, ok = keep[w.Key]; !ok {
				fresh++
			}
		}
		changed[w.Key] = w.apply(old, now)
	}
	if len(keep)+fresh > maxKeys {
		sweep(keep, now)
	}
	if len(keep)+fresh > maxKeys {
		return fmt.Errorf("hook %s: more than %d keys in its store; give keys a ttl", hook, maxKeys)
	}
	for key, v := range changed {
		if v.Value == nil {
			delete(keep, key)
		} else {
			keep[key] = v
		}
		m.mark(Place{hook, key})
	}
	return nil
}

func (m *Memory) mark(at Place) {
	if m.Changed == nil {
		return
	}
	if m.dirty == nil {
		m.dirty = map[Place]bool{}
	}
	m.dirty[at] = true
}

func (w Write) apply(old Value, now int64) Value {
	if !w.Incr {
		return Value{Value: w.Value, Expires: w.Expires}
	}
	n, ok := old.Value.(float64)
	if !ok || old.expired(now) {
		return Value{Value: w.Add, Expires: w.Expires}
	}
	return Value{Value: n + w.Add, Expires: old.Expires}
}

func sweep(m map[string]Value, now int64) {
	for key, v := range m {
		if v.expired(now) {
			delete(m, key)
		}
	}
}
