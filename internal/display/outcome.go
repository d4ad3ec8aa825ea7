package display

import (
	"encoding/json"
	"io/fs"
	"strings"
	"time"

	"ctpipe/internal/claude"
)

// Outcome is how a call ended.
type Outcome struct {
	Text    string          // what Claude was told
	Failed  bool            // the tool said so
	Refused bool            // it did not run: nobody allowed it, or the turn was interrupted
	Result  json.RawMessage `json:",omitempty"` // tool_use_result, of a type per tool; nil inside subagents
	Took    time.Duration   // 0 if not known
	Change  *FileChange     // what became of the file apart from its text, if the host looked
}

// FileChange is what a diff of lines does not say about a file: a changed
// mode, a link, a rename. The CLI reports none of it.
type FileChange struct {
	OldMode, NewMode fs.FileMode // 0: there was, or is, no such file
	OldLink, NewLink string      // where a symbolic link points
	RenamedFrom      string      // absolute
	Binary           bool
}

// Ended makes the Outcome of one result block of a message.
func Ended(u *claude.User, b claude.ToolResultBlock, took time.Duration) Outcome {
	out := Outcome{Text: b.Content.Text(), Failed: b.IsError, Took: took}
	if u == nil {
		return out
	}
	if results(u.Message.Content) == 1 { // of several it would be unclear whose it is
		out.Result = u.ToolUseResult
	}
	for _, meta := range u.ToolResultMeta {
		if meta.ID == b.ToolUseID {
			out.Refused = meta.NonExecutionKind != "" || meta.PermissionDecision.Decision == "reject"
		}
	}
	return out
}

func results(c claude.Content) int {
	n := 0
	for _, b := range c {
		if _, ok := b.(claude.ToolResultBlock); ok {
			n++
		}
	}
	return n
}

// decode fills r from the result and reports whether it could. Results of a
// type that is not expected count as none.
func (out Outcome) decode(r any) bool {
	return len(out.Result) > 0 && out.Result[0] == '{' && json.Unmarshal(out.Result, r) == nil
}

// said is the text of a failure without the CLI's wrapping.
func (out Outcome) said() string {
	text := strings.TrimSpace(out.Text)
	text = strings.TrimPrefix(text, "<tool_use_error>")
	text = strings.TrimSuffix(text, "</tool_use_error>")
	return strings.TrimSpace(strings.TrimPrefix(text, "Error: "))
}

// interrupted reports a call that a person's interruption kept from running.
func (out Outcome) interrupted() bool {
	var text string
	return json.Unmarshal(out.Result, &text) == nil && text == "User rejected tool use"
}

// Created reports that a call made a new file.
func Created(out Outcome) bool {
	var r struct {
		Type string `json:"type"`
	}
	return out.decode(&r) && r.Type == "create"
}
