package mattermost

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
)

// A recorded resume: no hello, the numbers go on, nothing lost, nothing twice.
func TestResumeAsRecorded(t *testing.T) {
	var stream struct{ First, Second []json.RawMessage }
	mustUnmarshal(t, readFile(t, "ws-resume-stream.json"), &stream)
	var want []string
	play := func(frames []json.RawMessage) func(*peer) {
		return func(p *peer) {
			p.open()
			for _, f := range frames {
				p.send(f)
			}
		}
	}
	for _, raw := range append(append([]json.RawMessage{}, stream.First...), stream.Second...) {
		if f, err := decode(raw); err == nil {
			if p, ok := f.Event.(Posted); ok {
				want = append(want, p.Post.ID)
			}
		}
	}
	bubble(t, func(t *testing.T, s *chat, h *heard, _ *pipeNet) {
		first := len(want) - 6 // 5 missed and 1 live in the second part
		h.expect("connected")
		h.expect(want[:first]...)
		h.expect("lost", "resumed")
		h.expect(want[first:]...)
		h.expect("lost")
		if got := s.asked[1].Encode(); got != "connection_id=wxquhtqrdtrfpnewmwuzjho87a&sequence_number=5" {
			t.Errorf("asked to resume with %s", got)
		}
		if len(s.asked[0]) != 0 {
			t.Errorf("the first connection asked for %v", s.asked[0])
		}
	}, play(stream.First), play(stream.Second), steady(connB))
}

// NET-01: the server is away for an hour; there is no last attempt, no pause
// over a minute, and the caller learns of the gap.
func TestServerDownForAnHour(t *testing.T) {
	bubble(t, func(t *testing.T, s *chat, h *heard, n *pipeNet) {
		h.expect("connected")
		h.state()
		n.setDown(true)
		go func() { time.Sleep(time.Hour); n.setDown(false) }()
		attempts, start := 0, time.Now()
		for st := h.state(); st.Kind == Lost; st = h.state() {
			if attempts++; st.Retry > time.Minute || st.Retry <= 0 || st.Attempt != attempts || st.Err == nil {
				t.Fatalf("attempt %d: %+v", attempts, st)
			}
			if time.Since(start) > 62*time.Minute {
				t.Fatal("did not come back")
			}
		}
		if attempts < 60 || attempts > 400 {
			t.Errorf("%d attempts in an hour", attempts)
		}
		if s.asked[1].Get("connection_id") != connA {
			t.Errorf("asked for %v", s.asked[1])
		}
	}, func(p *peer) { p.open().hello(connA, 0); time.Sleep(time.Minute) }, steady(connB))
}

// Another id in hello means a gap; Since is a moment of the server's clock
// before the connection was lost.
func TestGap(t *testing.T) {
	bubble(t, func(t *testing.T, _ *chat, h *heard, _ *pipeNet) {
		h.expect("connected", "p1", "lost", "gap", "p2")
		h.state()
		lost := time.Now()
		h.state()
		gap := h.state()
		since := time.UnixMilli(gap.Since)
		if gap.ConnectionID != connB || since.After(lost.Add(-sinceMargin)) || since.Before(lost.Add(-3*time.Minute)) {
			t.Errorf("%+v, lost at %s, since %s", gap, lost, since)
		}
	}, func(p *peer) {
		p.open().hello(connA, 0)
		time.Sleep(10 * time.Minute)
		p.posted(1, "p1")
	}, func(p *peer) { p.open().hello(connB, 0).posted(1, "p2").wait() })
}

// NET-07: ten quiet minutes are no reason to reconnect.
func TestQuietChannel(t *testing.T) {
	pings := 0
	bubble(t, func(t *testing.T, s *chat, h *heard, _ *pipeNet) {
		h.expect("connected")
		h.nothing(10 * time.Minute)
		if s.upgrades() != 1 {
			t.Errorf("%d connections", s.upgrades())
		}
		h.cancel()
		synctest.Wait()
		if pings < 19 || pings > 22 {
			t.Errorf("%d pings in ten minutes", pings)
		}
	}, func(p *peer) { p.open().hello(connA, 0).wait(); pings = p.pings })
}

// NET-07, X3: a dead connection is noticed within a minute, whichever way it is dead.
func TestDeadConnections(t *testing.T) {
	for name, die := range map[string]func(*peer){
		// A server that lost track of its connections answers protocol pings only.
		"no answer to application pings": func(p *peer) { p.answer = func(int64) any { return nil }; p.open().hello(connA, 0).wait() },
		"events but no answers": func(p *peer) {
			p.answer = func(int64) any { return nil }
			p.open().hello(connA, 0)
			for i := 1; i < 100; i++ {
				p.posted(i, fmt.Sprint("e", i))
				time.Sleep(time.Second)
			}
		},
		"nothing is read": func(p *peer) { p.accept().hello(connA, 0); time.Sleep(5 * time.Minute); close(p.gone) },
		"answers to other requests": func(p *peer) {
			p.answer = func(seq int64) any { return map[string]any{"status": "OK", "seq_reply": seq + 100} }
			p.open().hello(connA, 0).wait()
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, _ *chat, h *heard, _ *pipeNet) {
				if h.state().Kind != Connected {
					t.Fatal("not connected")
				}
				start := time.Now()
				if st := h.state(); st.Kind != Lost || time.Since(start) > time.Minute {
					t.Errorf("%+v after %s", st, time.Since(start))
				}
				if st := h.state(); st.Kind != Gap {
					t.Errorf("%+v", st)
				}
			}, die, steady(connB))
		})
	}
}

// An answered ping is the only proof of a resume when the channel is quiet.
func TestQuietResume(t *testing.T) {
	bubble(t, func(t *testing.T, s *chat, h *heard, _ *pipeNet) {
		h.expect("connected", "lost", "resumed")
		h.nothing(3 * time.Minute)
		if s.asked[1].Get("sequence_number") != "1" || s.upgrades() != 2 {
			t.Errorf("asked %v", s.asked)
		}
	}, func(p *peer) { p.open().hello(connA, 0); time.Sleep(time.Second) }, func(p *peer) { p.open().wait() })
}

// A refused resume is a connection closed without a word: the next one is new.
func TestRefusedResume(t *testing.T) {
	bubble(t, func(t *testing.T, s *chat, h *heard, _ *pipeNet) {
		h.expect("connected", "lost", "lost", "gap")
		if s.asked[1].Get("connection_id") != connA || len(s.asked[2]) != 0 {
			t.Errorf("asked %v", s.asked)
		}
	}, func(p *peer) { p.open().hello(connA, 0); time.Sleep(time.Second) }, func(p *peer) { p.open() }, steady(connB))
}

// After a number out of order the event is not delivered and the id never used again.
func TestSequenceMismatch(t *testing.T) {
	for name, script := range map[string]func(*peer){
		"missing":  func(p *peer) { p.open().hello(connA, 0).posted(1, "p1").posted(3, "p3").wait() },
		"repeated": func(p *peer) { p.open().hello(connA, 0).posted(1, "p1").posted(1, "p3").wait() },
		"hello out of order": func(p *peer) {
			p.open().hello(connA, 0).posted(1, "p1").hello(connB, 7).wait()
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, s *chat, h *heard, _ *pipeNet) {
				h.expect("connected", "p1", "lost", "gap")
				if len(s.asked[1]) != 0 {
					t.Errorf("asked to resume with %v", s.asked[1])
				}
			}, script, steady(connB))
		})
	}
}

func TestEventBeforeHello(t *testing.T) {
	bubble(t, func(t *testing.T, _ *chat, h *heard, _ *pipeNet) {
		h.expect("lost", "connected")
	}, func(p *peer) { p.open().posted(0, "p0").wait() }, steady(connB))
}

// NET-03 and the server's bug: hello twice, then everything twice with numbers
// in order. Each event passes once; the connection is kept, never resumed.
func TestEverythingTwice(t *testing.T) {
	double := func(p *peer) {
		p.open().hello(connB, 0).hello(connB, 1)
		for seq, id := range []string{"p1", "p1", "p2", "p2"} {
			p.posted(seq+2, id)
		}
		reaction := map[string]any{"event": "reaction_added", "data": map[string]any{"reaction": `{"user_id":"u","post_id":"p1","emoji_name":"+1","create_at":1}`}}
		for seq := 6; seq < 8; seq++ {
			reaction["seq"] = seq
			p.send(reaction)
		}
		time.Sleep(time.Minute)
	}
	bubble(t, func(t *testing.T, s *chat, h *heard, _ *pipeNet) {
		h.expect("connected", "lost", "gap", "p1", "p2", "mattermost.ReactionAdded")
		h.nothing(50 * time.Second)
		h.expect("lost", "gap")
		if s.asked[1].Get("connection_id") != connA || len(s.asked[2]) != 0 {
			t.Errorf("asked %v", s.asked)
		}
	}, func(p *peer) { p.open().hello(connA, 0); time.Sleep(time.Second) }, double, steady("cccccccccccccccccccccccccc"))
}

// A resume that seemed to work and then says hello is a gap all the same.
func TestLateHello(t *testing.T) {
	bubble(t, func(t *testing.T, s *chat, h *heard, _ *pipeNet) {
		h.expect("connected", "lost", "resumed", "p1", "gap", "p2", "lost", "gap")
		if len(s.asked[2]) != 0 {
			t.Errorf("asked %v", s.asked[2])
		}
	}, func(p *peer) { p.open().hello(connA, 0); time.Sleep(time.Second) },
		func(p *peer) { p.open().posted(1, "p1").hello(connB, 2).posted(3, "p2"); time.Sleep(time.Second) }, steady(connB))
}

// NET-03: replayed after a reconnect.
func TestReplayedPostPassesOnce(t *testing.T) {
	bubble(t, func(_ *testing.T, _ *chat, h *heard, _ *pipeNet) {
		h.expect("connected", "p1", "lost", "gap", "p2")
	}, func(p *peer) { p.open().hello(connA, 0).posted(1, "p1"); time.Sleep(time.Second) },
		func(p *peer) { p.open().hello(connB, 0).posted(1, "p1").posted(2, "p2").wait() })
}

// silent accepts the upgrade and hangs up after 5 s, as the server does with a
// token that it does not know.
func silent(p *peer) { p.open(); time.Sleep(5 * time.Second) }

func failPings(p *peer) {
	p.answer = func(seq int64) any {
		return map[string]any{"status": "FAIL", "seq_reply": seq, "error": map[string]any{"id": "api.context.invalid_token.error",
			"message": "Invalid session token=" + testToken + ", err=", "status_code": 401}}
	}
	p.open().hello(connA, 0).wait()
}

// NET-09: a refused token ends Listen, in whichever way the server shows it.
func TestTokenRefused(t *testing.T) {
	for name, script := range map[string]func(*peer){
		"bad bearer":       silent,
		"revoked later":    failPings,
		"refused upgrade":  func(p *peer) { readSample(t, "rest-invalid-token").write(p.w) },
		"forbidden by 403": func(p *peer) { p.w.WriteHeader(403) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &chat{t: t, scripts: []func(*peer){script}, me: recorded(t, "rest-revoked-token")}
				c, _, _ := serve(t, s)
				h := listen(t, c)
				err := <-h.result
				var refusal *APIError
				if !errors.Is(err, ErrTokenRefused) || !errors.As(err, &refusal) || refusal.Status != 401 {
					t.Errorf("got %v", err)
				}
				noToken(t, err)
				var last State
				for len(h.states) > 0 {
					last = h.state()
				}
				if last.Kind != Lost || !errors.Is(last.Err, ErrTokenRefused) || last.Retry != 0 {
					t.Errorf("last state %+v", last)
				}
				if s.upgrades() != 1 {
					t.Errorf("%d attempts", s.upgrades())
				}
			})
		})
	}
}

// What looks like a refused token but is not: the probe decides, and only
// Mattermost's own 401 counts.
func TestNotRefused(t *testing.T) {
	for name, me := range map[string]http.HandlerFunc{
		"token is good":  recorded(t, "rest-users-me-bot"),
		"proxy says 401": status(401),
		"server is ill":  status(500),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &chat{t: t, scripts: []func(*peer){silent, failPings, steady(connB)}, me: me}
				c, _, _ := serve(t, s)
				h := listen(t, c)
				h.expect("lost", "connected", "lost", "gap")
				h.nothing(time.Minute)
			})
		})
	}
}

// NET-08: the end of the context closes politely, reconnects nothing, and no
// handler runs afterwards.
func TestIntentionalClose(t *testing.T) {
	code := -1
	bubble(t, func(t *testing.T, s *chat, h *heard, _ *pipeNet) {
		h.expect("connected")
		h.cancel()
		if err := <-h.result; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		h.nothing(time.Hour)
		if s.upgrades() != 1 || code != websocket.CloseNormalClosure {
			t.Errorf("%d connections, close code %d", s.upgrades(), code)
		}
	}, func(p *peer) { p.open().hello(connA, 0).wait(); code = p.closeCode })
}

func TestCloseWhileBusy(t *testing.T) {
	for name, script := range map[string]func(*peer){
		"hung handshake":  func(p *peer) { <-p.r.Context().Done() },
		"waiting":         func(p *peer) { p.w.WriteHeader(502) },
		"nothing is read": func(p *peer) { p.accept().hello(connA, 0); time.Sleep(time.Hour); close(p.gone) },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, _ *chat, h *heard, _ *pipeNet) {
				time.Sleep(10 * time.Millisecond)
				synctest.Wait()
				h.cancel()
				start := time.Now()
				if err := <-h.result; !errors.Is(err, context.Canceled) || time.Since(start) > time.Second {
					t.Errorf("%v after %s", err, time.Since(start))
				}
			}, script)
		})
	}
}

// NET-06: the handshake has a deadline of its own.
func TestHungHandshake(t *testing.T) {
	bubble(t, func(t *testing.T, _ *chat, h *heard, _ *pipeNet) {
		start := time.Now()
		st := h.state()
		if st.Kind != Lost || !errors.Is(st.Err, context.DeadlineExceeded) || time.Since(start) > 31*time.Second {
			t.Errorf("%+v after %s", st, time.Since(start))
		}
		h.expect("lost", "connected")
	}, func(p *peer) { <-p.r.Context().Done() }, steady(connA))
}

// The upgrade is rate limited too.
func TestLimitedUpgrade(t *testing.T) {
	bubble(t, func(t *testing.T, s *chat, h *heard, _ *pipeNet) {
		h.expect("lost", "connected")
		st := h.state()
		if !errors.Is(st.Err, ErrRateLimited) || st.Retry != 20*time.Second || s.at[1].Sub(s.at[0]) != 20*time.Second {
			t.Errorf("%+v", st)
		}
	}, func(p *peer) { p.w.Header().Set("Retry-After", "20"); p.w.WriteHeader(429) }, steady(connA))
}

func TestJunk(t *testing.T) {
	long := json.RawMessage(`{"event":"long","data":{"x":"` + strings.Repeat("x", readLimit) + `"},"seq":1}`)
	for name, row := range map[string]struct {
		send any
		err  error
	}{
		"not json": {json.RawMessage("x"), errNotJSON},
		"no event": {map[string]any{"seq": 1}, errNotJSON},
		"too long": {long, websocket.ErrReadLimit},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, _ *chat, h *heard, _ *pipeNet) {
				h.expect("connected", "lost", "gap")
				h.state()
				if st := h.state(); !errors.Is(st.Err, row.err) {
					t.Errorf("lost because of %v", st.Err)
				}
			}, func(p *peer) { p.open().hello(connA, 0); p.send(row.send); p.wait() }, steady(connB))
		})
	}
}

// An event that cannot be read is told, not swallowed, and the stream goes on.
func TestUnreadableEventGoesOn(t *testing.T) {
	bubble(t, func(_ *testing.T, _ *chat, h *heard, _ *pipeNet) {
		h.expect("connected", "p2")
		h.nothing(time.Minute)
	}, func(p *peer) {
		p.open().hello(connA, 0)
		p.send(map[string]any{"event": "posted", "data": map[string]any{"post": "{" + testToken}, "seq": 1})
		p.posted(2, "p2").wait()
	})
}

// X1: a handler that stands still costs a bounded queue and then the
// connection, never order, and the gap is told.
func TestSlowHandler(t *testing.T) {
	const events = queueLen + 100
	synctest.Test(t, func(t *testing.T) {
		flood := func(p *peer) {
			p.open().hello(connA, 0)
			for i := 1; i <= events; i++ {
				p.posted(i, fmt.Sprint(i))
			}
			p.wait()
		}
		s := &chat{t: t, scripts: []func(*peer){flood, steady(connB)}, me: status(500)}
		c, _, _ := serve(t, s)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		release, got := make(chan struct{}), make(chan string, 3*events)
		go c.Listen(ctx, Handler{
			Event: func(e Event) {
				if p, ok := e.(Posted); ok {
					<-release
					got <- p.Post.ID
				}
			},
			State: func(s State) { got <- s.Kind.String() },
		})
		time.Sleep(5 * time.Minute)
		if n := s.upgrades(); n != 1 {
			t.Errorf("%d connections while the handler stands still", n)
		}
		close(release)
		if first := <-got; first != "connected" {
			t.Errorf("first %s", first)
		}
		for i := 1; ; i++ {
			note := <-got
			if note == "lost" {
				if i < queueLen {
					t.Errorf("only %d events were queued", i)
				}
				break
			}
			if note != fmt.Sprint(i) {
				t.Fatalf("event %d is %s", i, note)
			}
		}
		if note := <-got; note != "gap" {
			t.Errorf("then %s", note)
		}
		synctest.Wait()
		if len(s.asked[1]) != 0 {
			t.Errorf("asked to resume with %v", s.asked[1])
		}
		cancel()
		synctest.Wait()
	})
}

// A ping that meets a connection on which goodbye was said is not why it ended:
// the reader said goodbye, and knows (here: a message too long).
func TestGoodbyeIsNotTheHeartsVerdict(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _, _ := serve(t, &chat{t: t, scripts: []func(*peer){func(p *peer) { p.open().wait() }}})
		k := &link{listener: &listener{Client: c}, resume: true, replies: make(chan Reply)}
		var err error
		if k.conn, err = k.dial(t.Context()); err != nil {
			t.Fatal(err)
		}
		defer k.conn.Close()
		k.sayGoodbye()
		k.beat(t.Context(), func(err error) { t.Errorf("the heart's verdict: %v", err) })
	})
}
