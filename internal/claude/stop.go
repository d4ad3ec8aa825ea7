package claude

import (
	"context"
	"syscall"
	"time"
)

// Stage is how far Stop had to go.
type Stage int

// The stages, in order. StageNone: the process ended by itself.
const (
	StageNone      Stage = iota
	StageInterrupt       // told to end its turn and its background commands
	StageClose           // stdin closed: idle CLIs exit, a running turn goes on
	StageTerm            // SIGTERM to the process group
	StageKill            // SIGKILL to the group
)

// String names the stage.
func (s Stage) String() string {
	return [...]string{"none", "interrupt", "close", "term", "kill"}[s]
}

// Exit says how a process ended.
type Exit struct {
	Code   int            // exit code; -1 if a signal ended it
	Signal syscall.Signal // 0 if it exited by itself
	Stage  Stage          // how far Stop had to go
	Err    error          // why ctpipe stopped it on its own account; nil for Stop or an exit
	Killed int            // descendants that outlived the CLI and were killed
	Stderr string         // newest part of stderr
}

// Stop ends the process and everything it started, and returns when that is
// done: after Handler.Exit. It is bounded by Limits: interrupt, close stdin,
// SIGTERM, SIGKILL, each stage ended early by the exit. When ctx ends, the
// remaining patience is skipped and SIGKILL comes at once.
//
// From its first moment no call is handed out any more, open calls are
// dropped, and their answers give ErrStopping. Any number of goroutines may
// call Stop, at any time; all get the same Exit. Not from a Handler function.
func (p *Process) Stop(ctx context.Context) Exit {
	p.beginStop()
	select {
	case <-p.done:
	case <-ctx.Done():
		p.hurryOnce.Do(func() { close(p.hurry) })
		<-p.done
	}
	return p.exit
}

func (p *Process) beginStop() {
	p.stopOnce.Do(func() {
		p.calls.stop()
		go p.escalate()
	})
}

// escalate goes through the stages until the process is reaped. Before each
// step it notes the descendants: the CLI's Bash children have sessions of
// their own, and once the CLI is dead nothing leads to them any more.
func (p *Process) escalate() {
	if p.isReady() {
		p.enter(StageInterrupt)
		p.interruptOnce()
	}
	p.enter(StageClose)
	p.in.close()
	if p.over(p.limits.Close) {
		return
	}
	p.enter(StageTerm)
	p.signalGroup(syscall.SIGTERM)
	if p.over(p.limits.Term) {
		return
	}
	p.enter(StageKill)
	p.in.abort()
	p.signalGroup(syscall.SIGKILL)
	for !p.over(p.limits.Term) { // in uninterruptible sleep a process dies late
		p.noteFamily()
		p.signalGroup(syscall.SIGKILL)
	}
}

func (p *Process) isReady() bool {
	select {
	case <-p.ready:
		return true
	default:
		return false
	}
}

// interruptOnce asks the CLI to end its turn and waits for the reply, the exit,
// or the end of patience.
func (p *Process) interruptOnce() {
	ctx, cancel := context.WithTimeout(context.Background(), p.limits.Interrupt)
	defer cancel()
	go func() {
		select {
		case <-p.hurry:
			cancel()
		case <-ctx.Done():
		}
	}()
	if err := p.Interrupt(ctx, true); err != nil {
		p.log.Debug("interrupt before the stop", "err", err)
	}
}

func (p *Process) enter(s Stage) {
	p.noteFamily()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.alive {
		p.stage = s
	}
}

// over waits for the exit; false if patience or hurry ended first. In a hurry
// it still gives SIGKILL a moment, so that the loop in escalate does not spin.
func (p *Process) over(patience time.Duration) bool {
	t := time.NewTimer(patience)
	defer t.Stop()
	hurry := p.hurry
	if p.currentStage() == StageKill {
		hurry = nil
	}
	select {
	case <-p.reaped:
		return true
	case <-hurry:
	case <-t.C:
	}
	return false
}

func (p *Process) currentStage() Stage {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stage
}

// signalGroup signals the CLI's process group, never after it was reaped: its
// number may then be someone else's.
func (p *Process) signalGroup(sig syscall.Signal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.alive {
		syscall.Kill(-p.cmd.Process.Pid, sig)
	}
}

// reap is called when the CLI has exited but is still a zombie, so that its
// process group cannot be reused yet.
func (p *Process) reap() {
	p.mu.Lock()
	syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) // what is left of the group
	p.cmd.Wait()                                      // its error only repeats ProcessState
	p.alive = false
	p.mu.Unlock()
	killed := p.sweep()
	p.mu.Lock()
	p.killed = killed
	p.mu.Unlock()
	p.drainDeadline()
	close(p.reaped)
}

// finish is the last thing the reader goroutine does.
func (p *Process) finish() {
	p.calls.stop()
	p.in.abort()
	<-p.in.done
	<-p.errDone
	closeAll(p.stdout, p.errout)
	p.exit = p.describeExit()
	p.log.Info("claude ended", "code", p.exit.Code, "signal", int(p.exit.Signal),
		"stage", p.exit.Stage.String(), "killed", p.exit.Killed, "err", p.exit.Err)
	guard(p, "Exit", p.h.Exit, p.exit)
	close(p.done)
}

func (p *Process) describeExit() Exit {
	p.mu.Lock()
	defer p.mu.Unlock()
	e := Exit{Code: -1, Stage: p.stage, Err: p.reason, Killed: p.killed, Stderr: p.stderr.String()}
	if st := p.cmd.ProcessState; st != nil {
		e.Code = st.ExitCode()
		if ws, ok := st.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
			e.Signal = ws.Signal()
		}
	}
	return e
}

// noteFamily adds the living descendants to those seen before.
func (p *Process) noteFamily() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.alive {
		return
	}
	for _, k := range descendants(p.cmd.Process.Pid, p.born, p.mark) {
		p.family[k] = true
	}
}

// sweep kills what outlived the CLI: descendants seen before and those that
// carry its mark. New ones may be born meanwhile, so it looks again until a
// round finds none, a few rounds at most.
func (p *Process) sweep() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	const rounds = 5
	dead := make(map[procKey]bool)
	for range rounds {
		before := len(dead)
		for k := range p.family {
			for _, child := range descendants(k.pid, k.born, "") {
				p.family[child] = true
			}
		}
		for _, k := range marked(p.born, p.mark) {
			p.family[k] = true
		}
		for k := range p.family {
			if !dead[k] && k.kill() {
				dead[k] = true
			}
		}
		if len(dead) == before {
			break
		}
	}
	return len(dead)
}
