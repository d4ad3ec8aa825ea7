package claude

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
)

// What can be at fault when a CLI does not start, for whoever tells people about it.
var (
	ErrNoCLI         = errors.New("the CLI was not found")
	ErrNotExecutable = errors.New("the CLI cannot be executed")
	ErrNoDir         = errors.New("the working directory does not exist")
)

// StartError says why a CLI did not start. Err is ErrNoCLI, ErrNotExecutable,
// ErrNoDir or another error of the system.
type StartError struct {
	Command, Dir string
	Err          error
}

// Error implements error.
func (e *StartError) Error() string {
	if errors.Is(e.Err, ErrNoDir) {
		return fmt.Sprintf("starting claude: %v: %s", e.Err, e.Dir)
	}
	return fmt.Sprintf("starting claude: %s: %v", e.Command, e.Err)
}

// Unwrap gives the cause.
func (e *StartError) Unwrap() error { return e.Err }

// spawn starts the CLI. On error nothing is left behind.
func (p *Process) spawn() error {
	path, err := p.lookup()
	if err != nil {
		return &StartError{Command: p.spec.Command[0], Dir: p.spec.Dir, Err: err}
	}
	var pipes pipeSet
	if err := pipes.open(); err != nil {
		return fmt.Errorf("starting claude: %w", err)
	}
	p.cmd = &exec.Cmd{
		Path: path, Args: p.spec.argv(), Env: p.spec.environ(p.mark), Dir: p.spec.Dir,
		Stdin: pipes.in.child, Stdout: pipes.out.child, Stderr: pipes.err.child,
		SysProcAttr: sysProcAttr(),
	}
	p.in = newWriter(pipes.in.ours, p.limits)
	p.stdout, p.errout = pipes.out.ours, pipes.err.ours

	started := make(chan error, 1)
	go p.own(started)
	err = <-started
	pipes.closeChild()
	if err != nil {
		pipes.closeOurs()
		return &StartError{Command: path, Dir: p.spec.Dir, Err: p.startFault(err)}
	}
	return nil
}

// own starts the child and waits for its end on one locked OS thread.
//
// The parent-death signal ends the CLI when ctpipe is killed. It is sent when
// the *thread* that forked the child ends, not the process. The Go runtime ends
// threads: one whose goroutine exits while locked to it, for example in some
// other package. So the forking thread must be ours for the whole life of the
// child. It costs no extra thread, because waiting for a child blocks one
// anyway.
func (p *Process) own(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := p.cmd.Start(); err != nil {
		started <- err
		return
	}
	p.alive = true
	p.born = bornAt(p.cmd.Process.Pid)
	started <- nil
	awaitExit(p.cmd.Process.Pid)
	p.reap()
}

// lookup finds the executable and checks the directory, for errors that say
// which of the two is missing.
func (p *Process) lookup() (string, error) {
	if info, err := os.Stat(p.spec.Dir); err != nil || !info.IsDir() {
		return "", ErrNoDir
	}
	path, err := exec.LookPath(p.spec.Command[0])
	switch {
	case err == nil:
		// A relative path would be looked up in Dir, where a repository could
		// have put a program of that name.
		return filepath.Abs(path)
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, fs.ErrNotExist):
		return "", ErrNoCLI
	case errors.Is(err, fs.ErrPermission):
		return "", ErrNotExecutable
	}
	return "", fmt.Errorf("%w: %w", ErrNotExecutable, err)
}

// startFault names the cause of a failed start; the world may have changed
// since lookup.
func (p *Process) startFault(err error) error {
	if _, again := p.lookup(); again != nil {
		return again
	}
	if errors.Is(err, syscall.ENOEXEC) || errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		// The file is there: its format or its #! interpreter is at fault.
		return fmt.Errorf("%w: %w", ErrNotExecutable, err)
	}
	return err
}

// pipePair is one pipe; which end is ours depends on its direction.
type pipePair struct{ ours, child *os.File }

// pipeSet is the child's three pipes. Pipes of our own, and not those of
// exec.Cmd: Wait would close them under the reader.
type pipeSet struct{ in, out, err pipePair }

func (s *pipeSet) open() (err error) {
	if s.in.child, s.in.ours, err = os.Pipe(); err == nil {
		if s.out.ours, s.out.child, err = os.Pipe(); err == nil {
			s.err.ours, s.err.child, err = os.Pipe()
		}
	}
	if err != nil {
		s.closeChild()
		s.closeOurs()
	}
	return err
}

func (s *pipeSet) closeChild() { closeAll(s.in.child, s.out.child, s.err.child) }
func (s *pipeSet) closeOurs()  { closeAll(s.in.ours, s.out.ours, s.err.ours) }

func closeAll(files ...*os.File) {
	for _, f := range files {
		if f != nil {
			f.Close()
		}
	}
}
