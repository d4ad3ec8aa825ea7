package session

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestNoScriptFromElsewhere covers A3 and T7: a card brings the text of no file
// from outside of the session's directory into the thread, however a call is
// made to name one; nobody has allowed it to be read yet.
func TestNoScriptFromElsewhere(t *testing.T) {
	for name, cmd := range map[string]string{"by its path": "bash %s", "by a link that make follows": "make"} {
		inWorld(t, "", func(w *world) {
			outside := filepath.Join(t.TempDir(), "notes.txt")
			if err := os.WriteFile(outside, []byte("all:\n\techo private words\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(outside, filepath.Join(w.set.Dir, "Makefile")); err != nil {
				t.Fatal(err)
			}
			_, _, card := w.asked(strings.ReplaceAll(cmd, "%s", outside))
			for file, text := range w.attachments(card.ID) {
				if strings.Contains(text, "private words") {
					t.Errorf("%s: %s brings it into the thread", name, file)
				}
			}
			if !strings.Contains(card.Message, "sha256") {
				t.Errorf("%s: the card vouches for nothing:\n%s", name, card.Message)
			}
		})
	}
}

// TestNoSecretMakefile covers A3: nor of credentials that a link inside leads to.
func TestNoSecretMakefile(t *testing.T) {
	inWorld(t, "", func(w *world) {
		if err := os.WriteFile(filepath.Join(w.set.Dir, ".env"), []byte("all: private words\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(".env", filepath.Join(w.set.Dir, "Makefile")); err != nil {
			t.Fatal(err)
		}
		_, _, card := w.asked("make")
		if got := w.attachments(card.ID); len(got) != 0 {
			t.Errorf("attached: %q", got)
		}
	})
}
