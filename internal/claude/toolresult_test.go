package claude

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

// TestRecordedToolResults reads the results of all recorded Bash, Write and
// Edit calls; the patches of a file must add up.
func TestRecordedToolResults(t *testing.T) {
	files, _ := filepath.Glob(recordingPath("*"))
	var bash, file, failed, hunks int
	for _, path := range files {
		list, _ := readRecording(path)
		tools := map[string]string{}
		for _, e := range list {
			if e.Dir != "out" {
				continue
			}
			m, _ := Decode(e.Msg)
			if a, ok := m.(*Assistant); ok {
				for _, b := range a.Message.Content {
					if use, ok := b.(ToolUseBlock); ok {
						tools[use.ID] = use.Name
					}
				}
			}
			u, ok := m.(*User)
			if !ok || len(u.ToolUseResult) == 0 || len(u.Message.Content) == 0 {
				continue
			}
			result, ok := u.Message.Content[0].(ToolResultBlock)
			if !ok {
				continue
			}
			if text, isText := failedResult(u); isText {
				if !strings.HasPrefix(text, "Error") && !strings.HasPrefix(text, "User") && !strings.HasPrefix(text, "[") {
					t.Logf("failed result of another kind: %.80q", text)
				}
				failed++
				continue
			}
			switch tools[result.ToolUseID] {
			case "Bash":
				r, err := u.BashResult()
				if err != nil || (r.Stdout == "" && r.BackgroundTaskID == "" && !strings.Contains(result.Content.Text(), r.Stderr)) {
					t.Errorf("%s: %+v, %v", path, r, err)
				}
				bash++
			case "Write", "Edit":
				r, err := u.FileResult()
				if err != nil || r.FilePath == "" {
					t.Errorf("%s: %+v, %v", path, r, err)
				}
				hunks += checkHunks(t, r)
				file++
			}
		}
	}
	if bash < 40 || file < 15 || failed < 50 || hunks < 3 {
		t.Errorf("%d Bash, %d file, %d failed results, %d hunks", bash, file, failed, hunks)
	}
}

func checkHunks(t *testing.T, r FileResult) int {
	t.Helper()
	for _, h := range r.Patch {
		before, after := 0, 0
		for _, l := range h.Lines {
			switch {
			case strings.HasPrefix(l, "-"):
				before++
			case strings.HasPrefix(l, "+"):
				after++
			case strings.HasPrefix(l, " "):
				before, after = before+1, after+1
			}
		}
		if before != h.OldLines || after != h.NewLines {
			t.Errorf("%s: hunk %+v", r.FilePath, h)
		}
	}
	return len(r.Patch)
}

// failedResult gives the text of a tool use that failed or was refused
// ("Error: …"). Subagents' results have no tool_use_result at all.
func failedResult(u *User) (string, bool) {
	var text string
	err := json.Unmarshal(u.ToolUseResult, &text)
	return text, err == nil
}
