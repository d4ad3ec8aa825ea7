package rules

import "sync"

// cache keeps what is made of a text. Rules and hooks use few texts, so it is
// emptied when it has grown beyond what files can name; long ones, which come
// from events, are not kept. It is safe for concurrent use.
type cache[V any] struct {
	mu   sync.RWMutex
	m    map[string]V
	make func(string) (V, error)
}

func newCache[V any](of func(string) (V, error)) *cache[V] {
	return &cache[V]{m: map[string]V{}, make: of}
}

func (c *cache[V]) get(text string) (V, error) {
	c.mu.RLock()
	v, ok := c.m[text]
	c.mu.RUnlock()
	if ok {
		return v, nil
	}
	v, err := c.make(text)
	if err != nil || len(text) > 1024 {
		return v, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.m) >= 4096 {
		clear(c.m)
	}
	c.m[text] = v
	return v, nil
}
