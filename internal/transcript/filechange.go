package transcript

import "ctpipe/internal/display"

// fileTools are the tools whose result is a diff of one file, by the input that
// names it.
var fileTools = map[string]string{"Write": "file_path", "Edit": "file_path", "MultiEdit": "file_path", "NotebookEdit": "notebook_path"}

// Wrote is the file that the call of an update changed, as the call names it, and
// whether the call made it; "" for none. No line of a diff says what else there is to
// say of a file: whoever can look says it with WithChange.
func (u Update) Wrote() (path string, created bool) {
	if u.Call == nil || !u.Final {
		return "", false
	}
	out := u.Call.Out
	key := fileTools[u.Call.Tool]
	if key == "" || out == nil || out.Failed || out.Refused || out.Change != nil {
		return "", false
	}
	path, _ = u.Call.Input[key].(string)
	return path, display.Created(*out)
}

// WithChange is the update with what became of the file apart from its text.
func (u Update) WithChange(c *display.FileChange) Update {
	now, ended := *u.Call, *u.Call.Out
	ended.Change = c
	now.Out, u.Call = &ended, &now
	return u
}
