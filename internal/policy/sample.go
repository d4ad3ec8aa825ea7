package policy

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"ctpipe/internal/claude"
	"ctpipe/internal/diag"
	"ctpipe/internal/rules"
	"ctpipe/pipeline"
)

// argument is the input field that `TOOL: text` stands for.
var argument = map[string]string{
	"Bash": "command", "Monitor": "command", "Read": "file_path", "Write": "file_path", "Edit": "file_path",
	"MultiEdit": "file_path", "NotebookEdit": "notebook_path", "NotebookRead": "notebook_path", "LS": "path",
	"Glob": "pattern", "Grep": "pattern", "WebFetch": "url", "WebSearch": "query", "Skill": "skill",
}

// ParseTool reads a tool call in its short form, "Bash: git push -f".
func ParseTool(text string) (name string, input map[string]any, err error) {
	name, rest, _ := strings.Cut(text, ":")
	name, rest = strings.TrimSpace(name), strings.TrimSpace(rest)
	if name == "" || strings.ContainsAny(name, " \t") {
		return "", nil, fmt.Errorf(`tool %q: want a name and its main argument, as in "Bash: git push"`, text)
	}
	field, known := argument[name]
	switch {
	case rest == "":
		return name, map[string]any{}, nil
	case !known:
		return "", nil, fmt.Errorf("tool %q has no short form; give the whole input with -tool-json", name)
	}
	return name, map[string]any{field: rest}, nil
}

// ToolEvent is a call that Claude could make in dir for user, a name that means
// what it means in this policy.
func (p *Policy) ToolEvent(now time.Time, dir, user, tool string, input map[string]any) (*pipeline.Event, error) {
	raw, err := json.Marshal(input)
	if err != nil {
		return nil, fmt.Errorf("input of %s: %w", tool, err)
	}
	who := people{file: p.File, platform: "playground"}
	if len(p.File.Platforms) > 0 {
		who.platform = pipeline.PlatformID(p.File.Platforms[0].ID)
	}
	requester := who.person(user)
	requester.Owner = true
	ev := &pipeline.Event{ID: "sample", Kind: pipeline.KindTool,
		Time:    pipeline.TimeOf(now),
		Thread:  pipeline.Thread{ID: "sample:root", Root: "root", Platform: who.platform},
		Session: pipeline.Session{ID: "sample", State: "running", Owner: requester.ID, Mode: pipeline.ModeDefault, Dir: dir, Trigger: "human", Grants: []string{}, Wrote: []string{}},
		Limits:  pipeline.Limits{Active: 1, Max: p.Config.Limits.MaxSessions},
		Tool: pipeline.Tool{ID: "toolu_sample", Name: tool, Input: input, Cwd: dir, Hash: claude.Hash(tool, raw, dir),
			Requesters: []pipeline.User{requester}}}
	return ev, nil
}

// openLists warns of platforms on which anyone in the channel may do what
// allowed users may.
func openLists(f *rules.File, c rules.Config) []diag.Finding {
	warn := func(at rules.Pos, what string) diag.Finding {
		return diag.Finding{ID: "empty-allow-list", Level: diag.Warning, File: f.Name, Line: at.Line, Col: at.Col, Len: at.Len,
			Text: what + " allowed_users is empty: everybody in the channel counts as allowed"}
	}
	if len(c.Platforms) == 0 {
		if len(c.Playground.AllowedUsers) > 0 {
			return nil
		}
		at, _ := f.At("playground.allowed_users")
		return []diag.Finding{warn(at, "[playground]")}
	}
	var out []diag.Finding
	for _, conf := range c.Platforms {
		if len(conf.AllowedUsers) == 0 {
			i := slices.IndexFunc(f.Platforms, func(p rules.Platform) bool { return p.ID == conf.ID })
			at := conf.Pos
			if i >= 0 {
				at = f.Platforms[i].Pos
			}
			out = append(out, warn(at, fmt.Sprintf("platform %q:", conf.ID)))
		}
	}
	return out
}
