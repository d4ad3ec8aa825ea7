package facts

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestDiskSeesKindAndTime: a FileStat says what the kernel says.
func TestDiskSeesKindAndTime(t *testing.T) {
	tr := newTree(t)
	tr.write("f", "four")
	tr.link("f", "l")
	before := time.Now().Add(-time.Minute).UnixNano()
	for name, want := range map[string]string{"f": "-rw-r--r-- 4", "l": "Lrwxrwxrwx 1", ".": "drwxr-xr-x"} {
		got, err := Disk{}.Lstat(filepath.Join(tr.dir, name))
		if text := fmt.Sprintf("%s %d", got.Mode, got.Size); err != nil || !strings.HasPrefix(text, want) || got.Inode == 0 || got.Changed < before {
			t.Errorf("%s: %s %+v (%v), want %s", name, text, got, err, want)
		}
	}
	if s, err := (Disk{}).Lstat("/dev/null"); err != nil || s.Mode.IsRegular() || s.IsDir() {
		t.Errorf("/dev/null: %+v %v", s, err)
	}
}
