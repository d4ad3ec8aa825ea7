package policy

import (
	"fmt"
	"path/filepath"

	"ctpipe/internal/diag"
	"ctpipe/internal/rules"
)

// readRota adds the file that [stage.rota] names to sources. One that cannot
// be read stands in them without bytes, so that it is watched for.
func (l *Loader) readRota(file *rules.File, sources map[string][]byte) []diag.Finding {
	name := filepath.Clean(file.RotaFile())
	if _, done := sources[name]; done || file.RotaFile() == "" {
		return nil
	}
	if !filepath.IsLocal(name) {
		return []diag.Finding{file.Finding(diag.Error, "unreadable", "stage.rota", "[stage.rota] file must be in the folder of %s or below it", file.Name)}
	}
	got, err := l.read(name)
	if err != nil {
		sources[name] = nil
		return []diag.Finding{file.Finding(diag.Error, "unreadable", "stage.rota", "[stage.rota] file: %v", err)}
	}
	sources[name] = got[name]
	return nil
}

// takeRota makes the rota that [stage.rota] names part of the file.
func takeRota(file *rules.File, sources map[string][]byte) []diag.Finding {
	if file.RotaFile() == "" {
		return nil
	}
	src, read := sources[filepath.Clean(file.RotaFile())]
	if src != nil {
		return file.TakeRota(src)
	}
	if read {
		return nil // Read has said why, and its error keeps the policy from being made
	}
	return []diag.Finding{file.Finding(diag.Error, "unreadable", "stage.rota", "%s", fmt.Sprintf("[stage.rota] file %s was not read", file.RotaFile()))}
}
