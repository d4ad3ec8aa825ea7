// Package changelog is what changed from version to version, as people read it
// in a thread. Its CHANGELOG.md is a copy of the one at the top of the tree,
// since a package can embed only files below itself; a test keeps them equal.
package changelog

import (
	_ "embed"
	"regexp"
	"strings"
	"sync"
)

//go:embed CHANGELOG.md
var text string

var (
	release = regexp.MustCompile(`^## \[([^\]]+)\](?: - (\S+))?`)
	icons   = map[string]string{"Added": "✨", "Fixed": "🐛", "Changed": "🔄", "Removed": "🗑️", "Security": "🔒"}
)

// Notes are the release notes of this version: the newest release of the
// changelog, or what is coming where nothing has been released.
var Notes = sync.OnceValue(func() string { return notes(text) })

func notes(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		m := release.FindStringSubmatch(line)
		switch {
		case m != nil && b.Len() > 0:
			return strings.TrimSpace(b.String())
		case m != nil && m[1] != "Unreleased":
			b.WriteString("### 📋 Release Notes - v" + m[1])
			if m[2] != "" {
				b.WriteString(" (" + m[2] + ")")
			}
		case b.Len() == 0:
		case strings.HasPrefix(line, "### "):
			name := strings.TrimPrefix(line, "### ")
			icon := icons[name]
			if icon == "" {
				icon = "•"
			}
			b.WriteString("\n\n**" + icon + " " + name + "**")
		case strings.HasPrefix(line, "  "): // a chat breaks lines where the file does
			b.WriteString(" " + strings.TrimSpace(line))
		case line != "":
			b.WriteString("\n" + line)
		}
	}
	if b.Len() == 0 {
		return "📋 Release notes are not available."
	}
	return strings.TrimSpace(b.String())
}
