package stages

import (
	"context"
	"sync"

	"ctpipe/internal/memory"
	"ctpipe/pipeline"
)

// Memory remembers the last events by key, so that what the server delivers
// twice is done once. It outlives snapshots and is safe for concurrent use.
type Memory struct {
	mu   sync.Mutex
	seen *memory.Recent[string, struct{}]
}

// NewMemory makes a memory of the last n keys, at least one.
func NewMemory(n int) *Memory {
	return &Memory{seen: memory.NewRecent[string, struct{}](n)}
}

// first reports whether key is new, and remembers it.
func (m *Memory) first(key string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.seen.Add(key, struct{}{})
}

func newSeen(b *Build) (pipeline.Stage, error) {
	return pipeline.StageFunc(func(_ context.Context, r *pipeline.Run) error {
		if key := eventKey(r.Event); key != "" && !r.Recorded() && !r.Again() && b.Seen != nil && !b.Seen.first(key) {
			r.Vote(pipeline.Vote{Verdict: pipeline.Deny, Source: pipeline.SourceFloor, By: "seen", Why: "delivered twice"})
		}
		return nil
	}), nil
}

// eventKey names a post. Reactions have none: adding, removing and adding
// again is three things, and the open question keeps one vote per person.
func eventKey(ev *pipeline.Event) string {
	if ev.Kind == pipeline.KindReaction || ev.Post.ID == "" {
		return ""
	}
	return string(ev.Thread.Platform) + ":" + string(ev.Post.ID)
}
