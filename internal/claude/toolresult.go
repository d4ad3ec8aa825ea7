package claude

import (
	"encoding/json"
	"fmt"
)

// Hunk is one changed place of a file. Lines begin with " ", "-" or "+".
type Hunk struct {
	OldStart int      `json:"oldStart"`
	OldLines int      `json:"oldLines"`
	NewStart int      `json:"newStart"`
	NewLines int      `json:"newLines"`
	Lines    []string `json:"lines"`
}

// BashResult is the tool_use_result of Bash. A command that failed gives a
// string instead, see FailedResult.
type BashResult struct {
	Stdout             string          `json:"stdout"`
	Stderr             string          `json:"stderr"`
	Interrupted        bool            `json:"interrupted"`
	IsImage            bool            `json:"isImage"`
	NoOutputExpected   bool            `json:"noOutputExpected"`
	BackgroundTaskID   string          `json:"backgroundTaskId"`
	BackgroundedByUser bool            `json:"backgroundedByUser"`
	GitOperation       json.RawMessage `json:"gitOperation"`
	EditDiff           json.RawMessage `json:"bashEditDiff"` // files the command changed, as far as the CLI saw
}

// FileResult is the tool_use_result of Write (Type create or update, Content)
// and of Edit (OldString, NewString, ReplaceAll). Patch is the change to show;
// for a new file it is empty and Content is all of it.
type FileResult struct {
	Type         string `json:"type"`
	FilePath     string `json:"filePath"`
	Content      string `json:"content"`
	OldString    string `json:"oldString"`
	NewString    string `json:"newString"`
	OriginalFile string `json:"originalFile"` // the whole file before; may be long
	ReplaceAll   bool   `json:"replaceAll"`
	UserModified bool   `json:"userModified"`
	Patch        []Hunk `json:"structuredPatch"`
}

// BashResult decodes ToolUseResult of a Bash call.
func (u *User) BashResult() (BashResult, error) { return resultOf[BashResult](u, "Bash") }

// FileResult decodes ToolUseResult of a Write or Edit call.
func (u *User) FileResult() (FileResult, error) { return resultOf[FileResult](u, "file") }

func resultOf[R any](u *User, what string) (R, error) {
	var r R
	if err := json.Unmarshal(u.ToolUseResult, &r); err != nil {
		return r, fmt.Errorf("decoding a %s result: %w", what, err)
	}
	return r, nil
}
