package state

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// DefaultDir is the state directory when nobody names one:
// $XDG_STATE_HOME/ctpipe, or ~/.local/state/ctpipe. A relative XDG_STATE_HOME
// is ignored, as the XDG base directory specification demands. env looks up an
// environment variable; os.Getenv serves.
func DefaultDir(env func(string) string) (string, error) {
	if base := env("XDG_STATE_HOME"); filepath.IsAbs(base) {
		return filepath.Join(base, "ctpipe"), nil
	}
	home := env("HOME")
	if !filepath.IsAbs(home) {
		return "", errors.New("no state directory: neither XDG_STATE_HOME nor HOME is an absolute path; name one with -state")
	}
	return filepath.Join(home, ".local", "state", "ctpipe"), nil
}

// claimDir makes dir if it is missing and sees to it that only this user can
// enter it. note says what was changed, and is empty when nothing was.
func claimDir(dir string) (note string, err error) {
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return "", fmt.Errorf("make the parent of state directory %s: %w", dir, err)
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", fmt.Errorf("make state directory: %w", err)
	}
	// Everything below looks at this descriptor, so that the directory cannot
	// be swapped between the checks and the chmod.
	f, err := os.OpenFile(dir, os.O_RDONLY|syscall.O_DIRECTORY|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return "", fmt.Errorf("state directory %s: %w", dir, explainOpen(dir, err))
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", fmt.Errorf("state directory %s: %w", dir, err)
	}
	if st, ok := info.Sys().(*syscall.Stat_t); ok && int(st.Uid) != os.Geteuid() {
		return "", fmt.Errorf("state directory %s belongs to uid %d, ctpipe runs as uid %d; name another with -state", dir, st.Uid, os.Geteuid())
	}
	if perm := info.Mode().Perm(); perm != 0o700 {
		if err := f.Chmod(0o700); err != nil {
			return "", fmt.Errorf("state directory %s has mode %04o and cannot be made private: %w", dir, perm, err)
		}
		note = fmt.Sprintf("state directory %s had mode %04o; it is 0700 now", dir, perm)
	}
	return note, nil
}

// explainOpen puts words to the two errors that O_DIRECTORY and O_NOFOLLOW
// give: kernels differ in which of them a symbolic link yields.
func explainOpen(dir string, err error) error {
	info, statErr := os.Lstat(dir)
	switch {
	case statErr != nil:
		return err
	case info.Mode()&fs.ModeSymlink != 0:
		return errors.New("is a symbolic link; name the directory it points to")
	case !info.IsDir():
		return errors.New("is not a directory")
	}
	return err
}
