package policy

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"ctpipe/internal/rules"
	"ctpipe/pipeline"
)

// Acceptances are the held revisions that a person put in force, as files in a
// directory of the state: one each, named by the revision, with the digest of
// all bytes in it. A file that holds anything else accepts nothing.
type Acceptances struct{ Dir string }

// AcceptDir is where acceptances are in a state directory.
func AcceptDir(stateDir string) string { return filepath.Join(stateDir, "accepted") }

// Accept puts the revision of these sources on the list.
func (a Acceptances) Accept(sources map[string][]byte) error {
	if err := os.MkdirAll(a.Dir, 0o700); err != nil {
		return fmt.Errorf("accepting rules: %w", err)
	}
	rev := revision(sources)
	tmp := filepath.Join(a.Dir, "."+string(rev))
	if err := os.WriteFile(tmp, []byte(digest(sources)+"\n"), 0o600); err != nil {
		return fmt.Errorf("accepting rules %s: %w", rev, err)
	}
	if err := os.Rename(tmp, filepath.Join(a.Dir, string(rev))); err != nil {
		return fmt.Errorf("accepting rules %s: %w", rev, err)
	}
	return nil
}

// has reports whether the revision of these sources was accepted.
func (a Acceptances) has(sources map[string][]byte) bool {
	if a.Dir == "" {
		return false
	}
	got, err := readFile(filepath.Join(a.Dir, string(revision(sources))))
	return err == nil && strings.TrimSpace(string(got)) == digest(sources)
}

// path is the file that would accept a revision.
func (a Acceptances) path(rev pipeline.Rev) string { return filepath.Join(a.Dir, string(rev)) }

// forget takes a revision off the list: an acceptance is for one swap.
func (a Acceptances) forget(rev pipeline.Rev) error {
	if a.Dir == "" {
		return nil
	}
	if err := os.Remove(a.path(rev)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("forgetting that %s was accepted: %w", rev, err)
	}
	return nil
}

// loosens says what in next could let more through than old does, by the text
// of rules.toml and the bytes of the scripts.
func loosens(old, next *Policy) []string {
	out := append(rules.Loosens(old.File, next.File), moves(old, next)...)
	var names []string
	for name := range next.Sources {
		if strings.HasSuffix(name, ".lua") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		was, known := old.Sources[name]
		switch {
		case !known && !listed(next.File, name):
			out = append(out, "module "+name+" added")
		case known && string(was) != string(next.Sources[name]):
			out = append(out, "script "+name+" changed")
		}
	}
	return out
}

// listed reports a script that rules.toml names; rules.Loosens judges those.
func listed(file *rules.File, name string) bool {
	return slices.ContainsFunc(file.Hooks, func(h rules.Hook) bool { return filepath.Clean(h.Script) == name })
}

// confirms reports whether a loosening save must wait for a person: where the
// policy in force says so, and where Claude, which runs as our own user, could
// write the policy. On the playground it is the file's choice alone.
func (l *Loader) confirms(current *Policy) bool {
	if current.File.Reload.Confirm == "loosening" {
		return true
	}
	return len(current.Config.Platforms) > 0 && slices.ContainsFunc(l.files(current), writable)
}

// writable reports that we may write a path or its folder.
func writable(path string) bool {
	return unix.Access(path, unix.W_OK) == nil || unix.Access(filepath.Dir(path), unix.W_OK) == nil
}
