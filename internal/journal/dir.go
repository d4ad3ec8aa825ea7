package journal

import "path/filepath"

// Dir is where the journal of a state directory is.
func Dir(stateDir string) string { return filepath.Join(stateDir, "journal") }
