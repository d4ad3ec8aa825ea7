package rules

import (
	"path/filepath"

	"ctpipe/internal/home"
)

// AbsDir makes a configured directory absolute, from where ctpipe was started.
func AbsDir(dir string) string {
	abs, err := filepath.Abs(home.Expand(dir))
	if err != nil {
		return dir
	}
	return abs
}
