package state

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/gofrs/flock"
)

// ErrLocked says that another ctpipe uses the state directory.
var ErrLocked = errors.New("state directory in use")

// lockFlags never create through a link that somebody left in the lock's place.
const lockFlags = os.O_CREATE | os.O_RDWR | syscall.O_NOFOLLOW

// lockDir takes the directory's lock, which the kernel drops with the process,
// however that ends. The file stays: removing it would let two processes lock
// two different files of one name.
func lockDir(dir string) (*flock.Flock, error) {
	path := filepath.Join(dir, "lock")
	lock := flock.New(path, flock.SetFlag(lockFlags), flock.SetPermissions(0o600))
	got, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock state directory %s: %w", dir, err)
	}
	if !got {
		return nil, fmt.Errorf("%w: %s is held by %s; stop it, or give this one a directory of its own with -state", ErrLocked, dir, holder(path))
	}
	if err := writePID(path); err != nil {
		return nil, errors.Join(fmt.Errorf("write pid into %s: %w", path, err), lock.Unlock())
	}
	return lock, nil
}

func writePID(path string) error {
	f, err := os.OpenFile(path, lockFlags|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(f, "%d\n", os.Getpid())
	return errors.Join(err, f.Close())
}

// holder names the process that wrote its pid when it took the lock.
func holder(path string) string {
	b, err := os.ReadFile(path)
	if err != nil {
		return "another ctpipe"
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil || pid <= 0 {
		return "another ctpipe"
	}
	return fmt.Sprintf("another ctpipe (pid %d)", pid)
}
