// Package home knows where the person lives whose account ctpipe runs under.
package home

import (
	"os"
	"path/filepath"
	"strings"
)

// Dir is the home directory, "" where none is known: ~ then stands for nothing.
func Dir() string {
	dir, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	return dir
}

// Expand replaces a leading ~ that stands alone or before a slash by the home
// directory. Without one, the path stays as it is.
func Expand(path string) string {
	dir := Dir()
	if dir == "" || path != "~" && !strings.HasPrefix(path, "~/") {
		return path
	}
	return filepath.Join(dir, strings.TrimPrefix(path, "~"))
}
