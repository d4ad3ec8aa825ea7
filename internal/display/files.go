package display

import (
	"fmt"
	"path/filepath"
	"strings"
)

func writeView(a args, o Options) view {
	path, content := a.str("file_path", "path"), a.str("content")
	v := named("📝", "Write", o.path(path))
	v.note(Counted(lineCount(content), "line"))
	v.preview(path, content)
	return v
}

// preview shows the beginning of a new file.
func (v *view) preview(path, content string) {
	if binary(content) {
		v.note("binary, not shown")
		return
	}
	if crlf := strings.Count(content, "\r\n"); crlf > 0 && crlf == strings.Count(content, "\n") && crlf == strings.Count(content, "\r") {
		v.note("CRLF")
		content = strings.ReplaceAll(content, "\r\n", "\n")
	}
	v.before = append(v.before, body{lang: language(path), text: content, lines: previewLines, file: fileName(path)})
}

// binary is what git takes for it: a zero byte near the beginning.
func binary(s string) bool { return strings.IndexByte(s[:min(len(s), 8000)], 0) >= 0 }

// editView shows what is going to be replaced, before the CLI has said where.
func editView(a args, o Options) view {
	path := a.str("file_path", "path")
	v := named("✏️", "Edit", o.path(path))
	edits, _ := a["edits"].([]any)
	if edits == nil {
		edits = []any{map[string]any(a)}
	}
	var all patch
	for _, e := range edits {
		m, _ := e.(map[string]any)
		p := patchBetween(args(m).str("old_string"), args(m).str("new_string"))
		if len(all.lines) > 0 && len(p.lines) > 0 {
			all.lines = append(all.lines, "@@ … @@")
		}
		all.lines = append(all.lines, p.lines...)
		all.added, all.removed, all.endings = all.added+p.added, all.removed+p.removed, orElse(all.endings, p.endings)
	}
	if a.flag("replace_all") {
		v.note("all occurrences")
	}
	v.patched(all, path)
	return v
}

// patched adds a diff with its counts.
func (v *view) patched(p patch, path string) {
	if len(p.lines) == 0 {
		return
	}
	v.note(p.counts())
	v.note(p.endings)
	v.before = append(v.before, p.body(fileName(path)+".diff"))
}

func notebookView(a args, o Options) view {
	path := a.str("notebook_path", "file_path")
	v := named("📓", "Notebook", o.path(path))
	if cell := a.str("cell_id"); cell != "" {
		v.head += " cell " + code(cell, nameRunes)
	}
	mode := a.str("edit_mode")
	switch mode {
	case "", "replace":
	case "insert", "delete":
		v.note(mode)
	default:
		v.note(plain(mode, nameRunes))
	}
	if source := a.str("new_source"); source != "" && mode != "delete" {
		v.before = []body{{lang: "python", text: source, lines: previewLines, file: fileName(path) + ".txt"}}
	}
	return v
}

// languages are the names of code blocks by file extension. An extension that
// is not listed gives a plain block: the name is Claude's.
var languages = map[string]string{
	".go": "go", ".py": "python", ".js": "javascript", ".mjs": "javascript", ".jsx": "javascript", ".ts": "typescript", ".tsx": "typescript",
	".sh": "bash", ".bash": "bash", ".zsh": "bash", ".md": "markdown", ".json": "json", ".jsonl": "json", ".toml": "toml", ".yaml": "yaml",
	".yml": "yaml", ".html": "html", ".css": "css", ".sql": "sql", ".lua": "lua", ".rs": "rust", ".c": "c", ".h": "c", ".cc": "cpp",
	".cpp": "cpp", ".hpp": "cpp", ".java": "java", ".kt": "kotlin", ".rb": "ruby", ".php": "php", ".swift": "swift", ".cs": "csharp",
	".xml": "xml", ".tf": "hcl", ".diff": "diff", ".patch": "diff", ".dockerfile": "dockerfile", ".ini": "ini", ".tex": "tex",
}

func language(path string) string { return languages[strings.ToLower(filepath.Ext(path))] }

// fileName is the last element of a path, as an attachment may be called.
func fileName(path string) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '.', r == '-', r == '_':
			return r
		}
		return '_'
	}, filepath.Base(path))
	return orElse(strings.TrimLeft(name[:min(len(name), nameRunes)], "."), "file")
}

// lineRange is "lines 3–9 of 20", or how many there are if it is all.
func lineRange(from, n, total int) string {
	switch {
	case n <= 0:
		return "empty"
	case from <= 1 && n >= total:
		return Counted(n, "line")
	}
	return fmt.Sprintf("lines %d–%d of %d", from, from+n-1, max(total, from+n-1))
}
