package display

import "strings"

// Change is what an Edit replaces, as one diff that leaves nothing out: its
// lines without a + are the old text, those without a - the new one. The note
// says what a diff cannot show; it is not ok for other tools, and where there is
// no change. It is raw text.
func Change(name string, input map[string]any) (diff, note string, ok bool) {
	old, was := input["old_string"].(string)
	new, will := input["new_string"].(string)
	if name != "Edit" || !was || !will {
		return "", "", false
	}
	p := patchWithin(old, new, strings.Count(old, "\n")+1)
	if len(p.lines) == 0 || p.added+p.removed == 0 {
		return "", "", false
	}
	notes := []string{}
	if p.endings != "" {
		notes = append(notes, p.endings)
	}
	if strings.HasSuffix(old, "\n") && strings.HasSuffix(new, "\n") {
		notes = append(notes, "both texts end with a line break")
	}
	return strings.Join(p.lines, "\n"), strings.Join(notes, " · "), true
}
