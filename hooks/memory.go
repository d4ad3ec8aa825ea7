package hooks

import (
	"fmt"
	"sync"
)

// maxKeys is how many keys one hook may hold in a Memory.
const maxKeys = 10000

// Memory is a Store in memory. With Written set, every change is also told to
// whoever keeps it for the next start.
type Memory struct {
	// Written is called after a commit, outside of the lock, with the values
	// the keys now have; a removed key has a nil Value. Set it before first use.
	Written func(hook string, values map[string]Value)

	mu    sync.Mutex
	hooks map[string]map[string]Value
}

// Load puts in what was kept, before first use.
func (m *Memory) Load(hook, key string, v Value) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.of(hook)[key] = v
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
	changed, err := m.commit(hook, now, writes)
	if err == nil && m.Written != nil && len(changed) > 0 {
		m.Written(hook, changed)
	}
	return err
}

func (m *Memory) commit(hook string, now int64, writes []Write) (map[string]Value, error) {
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
		return nil, fmt.Errorf("hook %s: more than %d keys in its store; give keys a ttl", hook, maxKeys)
	}
	for key, v := range changed {
		if v.Value == nil {
			delete(keep, key)
		} else {
			keep[key] = v
		}
	}
	return changed, nil
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
