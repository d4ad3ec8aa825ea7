package rules

import (
	"sync"

	"ctpipe/internal/memory"
)

// cachedTexts bounds a cache.
const cachedTexts = 4096

// cache keeps what is made of a text: of the newest ones, more than files can
// name. Long ones, which come from events, are not kept. It is safe for
// concurrent use.
type cache[V any] struct {
	mu   sync.RWMutex
	made *memory.Recent[string, V]
	make func(string) (V, error)
}

func newCache[V any](of func(string) (V, error)) *cache[V] {
	return &cache[V]{made: memory.NewRecent[string, V](cachedTexts), make: of}
}

func (c *cache[V]) get(text string) (V, error) {
	c.mu.RLock()
	v, ok := c.made.Get(text)
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
	c.made.Put(text, v)
	return v, nil
}
