package state

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Pinned is the state directory of the last accepted policy in a rules file,
// "" before the first. Base is the default state directory: a place that the
// file itself does not choose. Without it, a file that names another, empty
// state directory would be a policy with nothing to be held against.
func Pinned(base, rules string) (dir string, err error) {
	raw, err := os.ReadFile(pin(base, rules))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("reading where the state of %s is: %w", rules, err)
	}
	if dir = strings.TrimSuffix(string(raw), "\n"); !filepath.IsAbs(dir) {
		return "", fmt.Errorf("%s does not name a state directory; look it through and remove it", pin(base, rules))
	}
	return dir, nil
}

// SetPinned keeps where the state of the accepted policy in a rules file is.
func SetPinned(base, rules, dir string) error {
	if was, err := Pinned(base, rules); err == nil && was == dir {
		return nil
	}
	path := pin(base, rules)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("keeping where the state of %s is: %w", rules, err)
	}
	if err := os.WriteFile(path+".tmp", []byte(dir+"\n"), 0o600); err != nil {
		return fmt.Errorf("keeping where the state of %s is: %w", rules, err)
	}
	if err := os.Rename(path+".tmp", path); err != nil {
		return fmt.Errorf("keeping where the state of %s is: %w", rules, err)
	}
	return nil
}

func pin(base, rules string) string {
	sum := sha256.Sum256([]byte(rules))
	return filepath.Join(base, "pins", hex.EncodeToString(sum[:8]))
}
