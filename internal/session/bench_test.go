package session

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"testing"
	"time"

	"ctpipe/internal/claude"
	"ctpipe/internal/clock"
	"ctpipe/internal/mattermost"
	"ctpipe/internal/mattermost/chattest"
	"ctpipe/internal/process"
	"ctpipe/pipeline"
)

// BenchmarkIdleSession reports what an open session costs in memory, Claude's
// own process not counted. The bar is 1 MB.
func BenchmarkIdleSession(b *testing.B) {
	h := benchHost(b)
	keep := make([]*Session, 0, b.N)
	before := heap()
	for i := range b.N {
		s := newSession(h, h.thread(pipeline.PostID(fmt.Sprint("root", i))), pipeline.SessionID(fmt.Sprint(i)))
		s.SetSessionLocked(asked{s})
		keep = append(keep, s)
	}
	b.ReportMetric(float64(heap()-before)/float64(b.N), "B/session")
	runtime.KeepAlive(keep)
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// BenchmarkFirstDelta is the way of Claude's first words from the line that
// was read to the request that posts them, without the network and the rules.
func BenchmarkFirstDelta(b *testing.B) {
	h := benchHost(b)
	var took time.Duration
	for i := range b.N {
		s := newSession(h, h.thread(pipeline.PostID(fmt.Sprint("r", i))), pipeline.SessionID(fmt.Sprint(i)))
		s.process.Phase = process.Idle
		s.SetSessionLocked(asked{s})
		created := make(chan struct{}, 1)
		h.Chat.(*chattest.Chat).Fate = func(op string) chattest.Fate {
			select {
			case created <- struct{}{}:
			default:
			}
			return chattest.Fate{}
		}
		began := time.Now()
		s.hear(&claude.StreamEvent{Event: claude.Event{Type: "message_start"}})
		s.hear(&claude.StreamEvent{Event: claude.Event{Type: "content_block_start", Block: claude.StartedBlock{Type: "text"}}})
		s.hear(&claude.StreamEvent{Event: claude.Event{Type: "content_block_delta", Delta: claude.Delta{Text: "Hello"}}})
		<-created
		took += time.Since(began)
		s.Out.Wait(b.Context())
	}
	b.ReportMetric(float64(took.Microseconds())/float64(b.N), "µs/first-delta")
}

func benchHost(b *testing.B) *Host {
	log := slog.New(slog.DiscardHandler)
	hosts := Hosts{}
	deliver := pipeline.StageFunc(deliverAsIs)
	snap := &pipeline.Snapshot{Default: map[pipeline.Kind]pipeline.Verdict{pipeline.KindShow: pipeline.Allow},
		Chains: map[pipeline.Kind][]pipeline.Link{pipeline.KindShow: {{Name: "deliver", Role: pipeline.Act, Stage: deliver}}}}
	h := New(b.Context(), Options{Platform: "x", Chat: chattest.New(), Me: mattermost.User{ID: chattest.BotID}, Channel: mattermost.Channel{ID: chattest.ChannelID},
		MaxRunes: 16383, Engine: pipeline.NewEngine(snap, hosts, nil), Lanes: pipeline.NewLanes(b.Context(), log), Clock: clock.System{}, Log: log,
		Settings: func(*pipeline.Snapshot) Settings { return Settings{Max: 1 << 30} }})
	hosts["x"] = h
	return h
}

func deliverAsIs(_ context.Context, r *pipeline.Run) error {
	r.Do(pipeline.Deliver{Block: r.Event.Show.Block, Text: r.Text()})
	return nil
}
