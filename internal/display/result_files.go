package display

import (
	"fmt"
	"io/fs"
	"strings"

	"ctpipe/internal/claude"
)

// fileResult is what FileResult of package claude leaves out.
type fileResult struct {
	claude.FileResult
	Original *string `json:"originalFile"` // null: a new file, or too large
	Staged   bool    `json:"staged"`       // held back for review, not written
}

// fileEnded shows what became of a file, instead of what Claude meant to do.
func fileEnded(v *view, a args, out Outcome, o Options) {
	var r fileResult
	if out.decode(&r) && r.FilePath != "" {
		v.changed(a, r, o)
	}
	v.facts(out.Change, o)
}

func (v *view) changed(a args, r fileResult, o Options) {
	keep := v.notes[:0:0]
	v.before = nil
	if r.ReplaceAll {
		keep = append(keep, "all occurrences")
	}
	v.notes = keep
	switch {
	case r.Staged:
		v.note("held back, the file is unchanged")
	case len(r.Patch) > 0:
		v.patched(patchOf(r.Patch), r.FilePath)
	case r.Type == "create":
		v.note("new")
		v.note(Counted(lineCount(r.Content), "line"))
		v.preview(r.FilePath, r.Content)
	case r.Original == nil:
		v.note("⚠️ the diff is not shown: what was there before is too large")
		v.preview(r.FilePath, r.Content)
	case r.Type == "update" && *r.Original == r.Content:
		v.note("unchanged")
	case r.Type == "update":
		v.patched(patchBetween(*r.Original, r.Content), r.FilePath)
	default: // an Edit without a patch: what it replaced
		v.patched(patchBetween(r.OldString, r.NewString), r.FilePath)
	}
	if before := r.Original; before != nil && r.Type == "update" && len(r.Patch) > 0 {
		v.note(endsChanged(*before, r.Content))
	}
	if r.UserModified || rewritten(a, r) {
		v.note("⚠️ changed before it ran")
	}
}

// rewritten reports that what ran is not what Claude asked for: a person or a
// hook gave another input. The CLI itself may take blanks off the ends of lines.
func rewritten(a args, r fileResult) bool {
	differs := func(key, ran string) bool {
		asked, ok := a[key].(string)
		return ok && asked != ran && trimmed(asked) != trimmed(ran)
	}
	if r.Type != "" {
		return differs("content", r.Content)
	}
	return differs("new_string", r.NewString)
}

func trimmed(s string) string {
	var b strings.Builder
	for line := range strings.Lines(s) {
		b.WriteString(strings.TrimRight(line, " \t\r\n") + "\n")
	}
	return strings.TrimRight(b.String(), "\n")
}

// endsChanged says that a whole file changed its line ends, which a diff whose
// lines were split without them hides.
func endsChanged(before, after string) string {
	was, is := strings.Contains(before, "\r\n"), strings.Contains(after, "\r\n")
	switch {
	case was && !is && strings.Contains(after, "\n"):
		return "⚠️ line ends CRLF → LF"
	case is && !was && strings.Contains(before, "\n"):
		return "⚠️ line ends LF → CRLF"
	}
	return ""
}

// facts are the changes that no line shows.
func (v *view) facts(c *FileChange, o Options) {
	if c == nil {
		return
	}
	if c.RenamedFrom != "" {
		v.note("renamed from " + o.path(c.RenamedFrom))
	}
	if c.OldMode != 0 && c.NewMode != 0 && c.OldMode != c.NewMode {
		v.note("🔧 mode " + mode(c.OldMode) + " → " + mode(c.NewMode))
	} else if c.OldMode == 0 && c.NewMode&0o111 != 0 {
		v.note("🔧 mode " + mode(c.NewMode))
	}
	switch {
	case c.OldLink != c.NewLink && c.OldLink != "" && c.NewLink != "":
		v.note("🔗 link to " + o.path(c.OldLink) + " → " + o.path(c.NewLink))
	case c.NewLink != "":
		v.note("🔗 a link to " + o.path(c.NewLink))
	case c.OldLink != "":
		v.note("🔗 was a link to " + o.path(c.OldLink))
	}
	if c.Binary {
		v.note("binary")
	}
}

// mode is a file mode as chmod takes it, with what kind of file it is.
func mode(m fs.FileMode) string {
	kind := ""
	switch {
	case m&fs.ModeSymlink != 0:
		kind = " link"
	case m&fs.ModeDir != 0:
		kind = " directory"
	}
	bits := uint32(m.Perm())
	for flag, bit := range map[fs.FileMode]uint32{fs.ModeSetuid: 0o4000, fs.ModeSetgid: 0o2000, fs.ModeSticky: 0o1000} {
		if m&flag != 0 {
			bits |= bit
		}
	}
	return fmt.Sprintf("%04o%s", bits, kind)
}

// notebookEnded shows how a cell changed.
func notebookEnded(v *view, a args, out Outcome, _ Options) {
	var r struct {
		Old   string `json:"old_source"`
		New   string `json:"new_source"`
		Mode  string `json:"edit_mode"`
		Error string `json:"error"`
	}
	if !out.decode(&r) {
		return
	}
	if r.Error != "" {
		v.failed("Error", r.Error, out)
		return
	}
	if r.Mode == "delete" {
		r.New = ""
	}
	if p := patchBetween(r.Old, r.New); len(p.lines) > 0 {
		v.before = nil
		v.patched(p, a.str("notebook_path"))
	}
}

// readEnded says how much was read.
func readEnded(v *view, _ args, out Outcome, _ Options) {
	var r struct {
		Type string `json:"type"`
		File struct {
			From  int    `json:"startLine"`
			Lines int    `json:"numLines"`
			Total int    `json:"totalLines"`
			Kind  string `json:"type"` // of an image
			Size  int64  `json:"originalSize"`
			Count int    `json:"count"`
			Cells []any  `json:"cells"`
			Cut   bool   `json:"truncatedByTokenCap"`
		} `json:"file"`
	}
	if !out.decode(&r) {
		if out.Text != "" {
			v.note(Counted(lineCount(out.Text), "line"))
		}
		return
	}
	v.notes = nil
	switch r.Type {
	case "text":
		v.note(lineRange(r.File.From, r.File.Lines, r.File.Total))
		if r.File.Cut {
			v.note("a part: the file is long")
		}
	case "image":
		v.note(plain(orElse(r.File.Kind, "image"), nameRunes))
		v.note(bytesOf(r.File.Size))
	case "notebook":
		v.note(Counted(len(r.File.Cells), "cell"))
	case "pdf", "parts":
		if r.File.Count > 0 {
			v.note(Counted(r.File.Count, "page"))
		}
		v.note("PDF, " + bytesOf(r.File.Size))
	}
}
