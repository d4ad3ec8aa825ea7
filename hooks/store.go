package hooks

import (
	"fmt"
	"math"
	"strings"
	"time"

	lua "github.com/yuin/gopher-lua"

	"ctpipe/pipeline"
)

// Store is the memory of hooks. It is shared by all snapshots and safe for
// concurrent use. Each hook has its keys to itself; times are Unix seconds of
// the events, so that a replay sees what the run saw.
type Store interface {
	// Get gives the value of a key that is not expired at now.
	Get(hook, key string, now int64) (Value, bool)
	// Commit applies the writes of one call, in order, all or none.
	Commit(hook string, now int64, writes []Write) error
}

// Value is what a key holds: bool, float64, string, []any or map[string]any.
type Value struct {
	Value   any   `json:"value"`
	Expires int64 `json:"expires,omitempty"` // Unix seconds; 0: never
}

// Write is one change of a hook's memory.
type Write struct {
	Key     string  `json:"key"`
	Value   any     `json:"value,omitempty"` // of a set; nil removes the key
	Add     float64 `json:"add,omitempty"`   // of an incr
	Incr    bool    `json:"incr,omitempty"`
	Expires int64   `json:"expires,omitempty"` // of a set, or of the key an incr makes
}

// Read is one value that a call took from its memory; a replay gives it again.
type Read = pipeline.Read

const (
	maxKey    = 256      // bytes
	maxStored = 64 << 10 // bytes of one value, roughly
	maxWrites = 256      // per call
)

var storeOwn = map[string]function{"get": storeGet, "set": storeSet, "incr": storeIncr}

func (s *state) storeKey(L *lua.LState) string {
	if s.call.loading {
		L.RaiseError("ct.store while the file is loaded; use it in a function of the returned table")
	}
	key := L.CheckString(1)
	if key == "" || len(key) > maxKey {
		L.RaiseError("ct.store: a key of %d bytes; want 1 to %d", len(key), maxKey)
	}
	return strings.ToValidUTF8(key, "\uFFFD") // it is kept and journalled as JSON
}

// fetch gives what a key holds for this call: its own writes first.
func (c *call) fetch(key string) (any, bool) {
	if v, ok := c.overlay[key]; ok {
		return v, v != nil
	}
	for _, r := range c.reads {
		if r.Key == key {
			return r.Value, r.Found
		}
	}
	r := Read{Key: key}
	if c.replay != nil {
		for _, old := range c.replay {
			if old.Key == key {
				r = old
				break
			}
		}
	} else if v, ok := c.hook.store.Get(c.hook.name, key, c.event.Time.Unix); ok {
		r.Value, r.Found = v.Value, true
	}
	c.reads = append(c.reads, r)
	return r.Value, r.Found
}

func (s *state) write(L *lua.LState, w Write, seen any) {
	if len(s.call.writes) == maxWrites {
		L.RaiseError("ct.store: more than %d writes in one call", maxWrites)
	}
	if s.call.overlay == nil {
		s.call.overlay = map[string]any{}
	}
	s.call.overlay[w.Key] = seen
	s.call.writes = append(s.call.writes, w)
}

func storeGet(s *state, L *lua.LState) int {
	v, _ := s.call.fetch(s.storeKey(L))
	L.Push(s.raise(L, v))
	return 1
}

func storeSet(s *state, L *lua.LState) int {
	key := s.storeKey(L)
	v, err := s.lower(L, L.CheckAny(2), 0)
	if err == nil {
		if n := sizeOf(v); n > maxStored {
			err = fmt.Errorf("a value of about %d bytes; at most %d", n, maxStored)
		}
	}
	if err != nil {
		L.RaiseError("ct.store.set: %s", err.Error())
	}
	s.write(L, Write{Key: key, Value: v, Expires: s.expiry(L, 3, "ct.store.set")}, v)
	return 0
}

// storeIncr adds 1, or the number given, and returns the sum. A ttl counts from
// the moment the key is made; later calls do not prolong it.
func storeIncr(s *state, L *lua.LState) int {
	key, by, opts := s.storeKey(L), 1.0, 2
	if n, ok := L.Get(2).(lua.LNumber); ok {
		by, opts = float64(n), 3
	}
	old, found := s.call.fetch(key)
	n, isNumber := old.(float64)
	if found && !isNumber {
		L.RaiseError("ct.store.incr: %q holds no number", key)
	}
	if sum := n + by; math.IsNaN(sum) || math.IsInf(sum, 0) {
		L.RaiseError("ct.store.incr: the sum is no finite number")
	}
	s.write(L, Write{Key: key, Incr: true, Add: by, Expires: s.expiry(L, opts, "ct.store.incr")}, n+by)
	L.Push(lua.LNumber(n + by))
	return 1
}

func (s *state) expiry(L *lua.LState, n int, what string) int64 {
	var ttl time.Duration
	options(L, n, what, func(_ string, v lua.LValue) (err error) {
		ttl, err = duration(v)
		return err
	}, "ttl")
	if ttl == 0 {
		return 0
	}
	return s.call.event.Time.Unix + int64(ttl/time.Second)
}

// sizeOf is about what a value takes in memory.
func sizeOf(v any) int {
	switch v := v.(type) {
	case string:
		return 16 + len(v)
	case []any:
		n := 24
		for _, item := range v {
			n += sizeOf(item)
		}
		return n
	case map[string]any:
		n := 48
		for k, item := range v {
			n += len(k) + 16 + sizeOf(item)
		}
		return n
	}
	return 16
}
