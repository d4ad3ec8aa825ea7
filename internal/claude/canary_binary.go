package claude

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"
)

// canaryRevision changes whenever the canary learns to try something new, so
// that results of an older one do not count any more.
const canaryRevision = "1"

// Binary is what one CLI is known by without running it.
type Binary struct {
	Path    string // absolute, links followed
	Size    int64  // bytes
	ModTime time.Time
	// Key is a hash over the above, the leading arguments, the locks that this
	// ctpipe passes, and the canary's revision: a change of any of them asks
	// for a new canary.
	Key string
}

// Fingerprint looks a command up as Start would and tells which binary it is.
// It takes microseconds and runs nothing.
func Fingerprint(command []string) (Binary, error) {
	if len(command) == 0 || command[0] == "" {
		return Binary{}, errors.New("fingerprint: no command for the CLI")
	}
	path, err := exec.LookPath(command[0])
	if err == nil {
		path, err = filepath.Abs(path)
	}
	if err == nil {
		path, err = filepath.EvalSymlinks(path)
	}
	if err != nil {
		return Binary{}, fmt.Errorf("fingerprint of %s: %w", command[0], err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return Binary{}, fmt.Errorf("fingerprint: %w", err)
	}
	b := Binary{Path: path, Size: info.Size(), ModTime: info.ModTime()}
	locks := (&Spec{Command: append([]string{path}, command[1:]...), SessionID: uuid.Nil.String()}).argv()
	h := sha256.New()
	fmt.Fprintf(h, "%s\x00%d\x00%d\x00%s", canaryRevision, b.Size, b.ModTime.UnixNano(), strings.Join(locks, "\x00"))
	b.Key = hex.EncodeToString(h.Sum(nil))
	return b, nil
}
