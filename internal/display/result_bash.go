package display

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"

	"ctpipe/internal/claude"
)

// bashResult is what BashResult of package claude leaves raw or out.
type bashResult struct {
	claude.BashResult
	TimedOutMS int    `json:"timedOutAfterMs"`
	Meaning    string `json:"returnCodeInterpretation"`
	KeptBytes  int64  `json:"persistedOutputSize"` // the whole of an output that Claude got a part of
}

// bashChanges is bashEditDiff: the files a command changed, as far as the CLI saw.
type bashChanges struct {
	Files []struct {
		Path    string        `json:"filePath"`
		Hunks   []claude.Hunk `json:"hunks"`
		Created bool          `json:"created"`
		Deleted bool          `json:"deleted"`
	} `json:"files"`
	More int `json:"moreFiles"`
}

var exitCode = regexp.MustCompile(`^(?:Error: )?Exit code (\d+)(?:\n|$)`)

// bashEnded shows the exit code, the time and the output of a command.
func bashEnded(v *view, out Outcome, o Options) {
	var r bashResult
	known := out.decode(&r)
	switch {
	case out.Failed:
		bashFailed(v, out)
		return
	case !known: // inside a subagent
		r.Stdout = strings.TrimPrefix(out.Text, "(Bash completed with no output)")
	}
	v.end = "✓" + secs(out.Took)
	switch {
	case r.BackgroundTaskID != "":
		v.end = "🔄 Running in the background, task " + code(r.BackgroundTaskID, nameRunes)
		if r.BackgroundedByUser {
			v.end = "🔄 Moved to the background, task " + code(r.BackgroundTaskID, nameRunes)
		}
		v.notes = nil
	case r.TimedOutMS > 0:
		v.end = "⏱️ Timed out after " + spoken(time.Duration(r.TimedOutMS)*time.Millisecond)
	case r.Interrupted:
		v.end = "⏹️ Interrupted" + secs(out.Took)
	}
	if r.Meaning != "" {
		v.end += " · " + plain(r.Meaning, plainRunes)
	}
	if r.KeptBytes > 0 {
		v.end += fmt.Sprintf(" · *%s of output in all, Claude got a part*", bytesOf(r.KeptBytes))
	}
	if r.IsImage {
		v.note("an image")
		r.Stdout = ""
	}
	v.output(r.Stdout, "")
	v.output(r.Stderr, "*stderr:*")
	v.changes(r.EditDiff, o)
}

// bashFailed reads a failure's text: "Exit code 254", then the output.
func bashFailed(v *view, out Outcome) {
	text := strings.TrimSpace(out.Text)
	if m := exitCode.FindStringSubmatch(text); m != nil {
		v.end = "❌ Exit code " + m[1] + secs(out.Took)
		v.output(text[len(m[0]):], "")
		return
	}
	v.failed("Error", out.said(), out)
}

// output adds what a command wrote, folded to its beginning and end.
func (v *view) output(text, title string) {
	text = strings.TrimRight(normal(text), "\n")
	lang := ""
	if strings.HasPrefix(text, "diff --git ") || strings.HasPrefix(text, "--- a/") {
		lang = "diff" // git's own, with modes, links and renames
	}
	v.after = append(v.after, body{lang: lang, title: title, text: text, lines: outputLines, tail: true, file: "output.txt"})
}

// shownChanges is how many changed files a command's line names.
const shownChanges = 8

// changes names the files that a command changed.
func (v *view) changes(raw json.RawMessage, o Options) {
	var c bashChanges
	if len(raw) == 0 || json.Unmarshal(raw, &c) != nil {
		return
	}
	for i, f := range c.Files {
		if i == shownChanges {
			c.More += len(c.Files) - i
			break
		}
		p := patchOf(f.Hunks)
		line := "✏️ changed " + o.path(f.Path)
		switch {
		case f.Created:
			line = "📝 created " + o.path(f.Path)
		case f.Deleted:
			line = "🗑️ deleted " + o.path(f.Path)
		}
		if len(p.lines) > 0 {
			line += " _(" + p.counts() + ")_"
			diff := p.body(fileName(f.Path) + ".diff")
			diff.full, diff.title = true, o.path(f.Path)
			v.after = append(v.after, diff)
		}
		v.subs = append(v.subs, line)
	}
	if c.More > 0 {
		v.subs = append(v.subs, fmt.Sprintf("*… %d more files changed*", c.More))
	}
}
