package display

import (
	"encoding/json"
	"fmt"
	"strings"
)

// globEnded counts the files found.
func globEnded(v *view, _ args, out Outcome, o Options) {
	var r struct {
		Files     []string `json:"filenames"`
		N         int      `json:"numFiles"`
		Total     int      `json:"totalMatches"`
		Exact     *bool    `json:"countIsComplete"`
		Truncated bool     `json:"truncated"`
		TimedOut  bool     `json:"timedOut"`
	}
	if !out.decode(&r) {
		v.gave(out)
		return
	}
	total := max(r.Total, r.N)
	switch {
	case r.Exact != nil && !*r.Exact || r.Total == 0 && r.Truncated:
		v.note("at least " + Counted(total, "file"))
	default:
		v.note(found(total, "file"))
	}
	if r.TimedOut {
		v.note("⏱️ cut short")
	}
	v.paths(r.Files, o)
}

// grepEnded counts what matched, in whichever of Grep's three modes.
func grepEnded(v *view, _ args, out Outcome, o Options) {
	var r struct {
		Mode     string   `json:"mode"`
		Files    []string `json:"filenames"`
		NFiles   int      `json:"numFiles"`
		Total    int      `json:"totalFiles"`
		Content  string   `json:"content"`
		Lines    int      `json:"numLines"`
		AllLines int      `json:"totalLines"`
		Matches  int      `json:"numMatches"`
		TimedOut bool     `json:"timedOut"`
	}
	if !out.decode(&r) {
		v.gave(out)
		return
	}
	switch r.Mode {
	case "content":
		v.note(found(max(r.Lines, r.AllLines), "line"))
	case "count":
		v.note(found(r.Matches, "match") + " in " + Counted(r.NFiles, "file"))
	default:
		v.note(found(max(r.NFiles, r.Total), "file"))
	}
	if r.TimedOut {
		v.note("⏱️ cut short")
	}
	v.paths(r.Files, o)
	v.after = append(v.after, body{text: normal(r.Content), lines: outputLines, full: true, file: "matches.txt"})
}

func found(n int, what string) string {
	if n == 0 {
		return "nothing found"
	}
	return Counted(n, what)
}

// paths lists files, to those who want to see all.
func (v *view) paths(files []string, o Options) {
	short := make([]string, len(files))
	for i, f := range files {
		short[i] = strings.ReplaceAll(o.Path(f), "\n", "↵")
	}
	v.after = append(v.after, body{text: strings.Join(short, "\n"), lines: outputLines, full: true, file: "files.txt"})
}

func fetchEnded(v *view, a args, out Outcome, _ Options) {
	var r struct {
		Bytes  int64  `json:"bytes"`
		Code   int    `json:"code"`
		Status string `json:"codeText"`
		Text   string `json:"result"`
		URL    string `json:"url"`
	}
	if !out.decode(&r) {
		v.gave(out)
		return
	}
	v.note(strings.TrimSpace(fmt.Sprintf("%d %s", r.Code, plain(r.Status, nameRunes))))
	v.note(bytesOf(max(r.Bytes, 0)))
	if r.URL != "" && r.URL != a.str("url") {
		v.subs = append(v.subs, "↪️ "+address(r.URL))
	}
	v.after = append(v.after, body{text: normal(r.Text), lines: outputLines, full: true, file: "page.txt"})
}

// searchEnded counts the hits of a web search and lists them with their
// addresses. What else stands between them is the model's own.
func searchEnded(v *view, _ args, out Outcome, _ Options) {
	var r struct {
		Results []json.RawMessage `json:"results"`
	}
	if !out.decode(&r) {
		v.gave(out)
		return
	}
	var hits []string
	for _, raw := range r.Results {
		var block struct {
			Content []struct{ Title, URL string } `json:"content"`
		}
		if json.Unmarshal(raw, &block) != nil {
			continue
		}
		for _, hit := range block.Content {
			hits = append(hits, strings.ReplaceAll(hit.Title+"\n"+hit.URL, "\n", " · "))
		}
	}
	v.note(found(len(hits), "result"))
	v.after = append(v.after, body{text: strings.Join(hits, "\n"), lines: outputLines, full: true, file: "results.txt"})
}

// outputEnded shows what a background task has written so far.
func outputEnded(v *view, _ args, out Outcome, _ Options) { v.output(out.Text, "") }
