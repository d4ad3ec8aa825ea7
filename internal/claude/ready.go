package claude

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"
)

// readyWait bounds the time from spawning a CLI to its confirming the gate;
// half a second is usual.
const readyWait = 30 * time.Second

// StartReady is Start, and waits until the CLI has confirmed its gate. One that
// ends before that, or does not confirm in time, is an error; its Exit is then
// not reported.
func StartReady(ctx context.Context, s Spec, h Handler) (*Process, error) {
	exit := h.Exit
	var fate atomic.Int32 // whichever comes first: handed over, or ended
	const handed, ended = 1, 2
	h.Exit = func(e Exit) {
		if !fate.CompareAndSwap(0, ended) && exit != nil {
			exit(e)
		}
	}
	p, err := Start(ctx, s, h)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, readyWait)
	defer cancel()
	select {
	case <-p.Ready():
		if fate.CompareAndSwap(0, handed) {
			return p, nil
		}
		err = fmt.Errorf("claude ended at once: %s", lastLine(p.Stderr(), "it said nothing"))
	case <-p.Done():
		err = fmt.Errorf("claude ended before it was ready: %s", lastLine(p.Stderr(), "it said nothing"))
	case <-ctx.Done():
		err = fmt.Errorf("claude is not ready after %v", readyWait)
	}
	p.Stop(ctx)
	return nil, err
}
