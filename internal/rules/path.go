package rules

import (
	"os"
	"path/filepath"
	"strings"
)

// ExpandHome replaces a leading ~ that stands alone or before a slash by the
// home directory. Without one, the path stays as it is.
func ExpandHome(path string) string {
	home, err := os.UserHomeDir()
	if err != nil || path != "~" && !strings.HasPrefix(path, "~/") {
		return path
	}
	return filepath.Join(home, strings.TrimPrefix(path, "~"))
}

// AbsDir makes a configured directory absolute, from where ctpipe was started.
func AbsDir(dir string) string {
	abs, err := filepath.Abs(ExpandHome(dir))
	if err != nil {
		return dir
	}
	return abs
}
