package claude

import (
	"io"
	"strings"
	"sync"
)

// ring keeps the newest bytes of a stream.
type ring struct {
	mu   sync.Mutex
	buf  []byte
	size int
	lost bool
}

// fill reads r to its end. It never stops early: a CLI that cannot write its
// stderr would hang.
func (g *ring) fill(r io.Reader) {
	chunk := make([]byte, 4<<10)
	for {
		n, err := r.Read(chunk)
		g.write(chunk[:n])
		if err != nil {
			return
		}
	}
}

func (g *ring) write(p []byte) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.buf = append(g.buf, p...)
	if over := len(g.buf) - g.size; over > 0 {
		g.buf = append(g.buf[:0], g.buf[over:]...)
		g.lost = true
	}
}

// String gives what is kept as valid UTF-8, marked when its beginning is lost.
func (g *ring) String() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	text := strings.ToValidUTF8(string(g.buf), "\uFFFD")
	if g.lost {
		return "…" + text
	}
	return text
}
