package session

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"ctpipe/internal/claude"
	"ctpipe/pipeline"
	"ctpipe/stages"
)

// outputLines is how much of a command's output the thread sees unasked.
const outputLines = 12

// toolLine is one tool call as the thread has it.
type toolLine struct {
	head   string // "💻 **Bash** `go test`"
	tool   string
	began  time.Time
	denied string // who refused it, and why
	result string
	quiet  bool // it has a card of its own instead of a line
}

// called makes the line of a tool call; the lock is held.
func (s *Session) called(use claude.ToolUseBlock, sub bool) []piece {
	line := s.calls[pipeline.ToolID(use.ID)]
	if line == nil {
		line = &toolLine{}
		s.calls[pipeline.ToolID(use.ID)] = line
	}
	var input map[string]any
	_ = json.Unmarshal(use.Input, &input) // a broken input shows as a line without details
	line.tool, line.began = use.Name, s.host.Clock.Now()
	line.head, line.quiet = toolHead(use.Name, input), stages.GoesToPeople(use.Name)
	if sub {
		line.head = "  ↳ 🤖 " + line.head
	}
	return line.piece(use.ID, false)
}

func (l *toolLine) piece(id string, final bool) []piece {
	if l.head == "" || l.quiet && l.denied == "" {
		return nil
	}
	text := l.head
	if l.denied != "" {
		text += "\n  ↳ 🚫 " + l.denied
	} else if l.result != "" {
		text += "\n" + l.result
	}
	return []piece{{block: "tool/" + id, what: "tool", tool: l.tool, text: text, final: final}}
}

// openLines are the lines of calls that got no result in their turn: nothing
// is left looking as if it ran (STR-14). Those of background tasks stay open.
// The lock is held.
func (s *Session) openLines() []piece {
	if s.tasks > 0 {
		return nil
	}
	var pieces []piece
	for id, line := range s.calls {
		if line.result == "" && line.denied == "" {
			line.result = "  ↳ ⏹️ *not finished*"
		}
		pieces = append(pieces, line.piece(string(id), true)...)
	}
	clear(s.calls)
	slices.SortFunc(pieces, func(a, b piece) int { return strings.Compare(a.block, b.block) })
	return pieces
}

// refused notes at a tool's line that it was denied, and by whom.
func (s *Session) refused(id pipeline.ToolID, by, why string) {
	s.mu.Lock()
	line := s.calls[id]
	if line == nil {
		line = &toolLine{}
		s.calls[id] = line
	}
	line.denied = "**Denied** by " + by + reasonSuffix(why)
	pieces := line.piece(string(id), false)
	s.mu.Unlock()
	s.show(pieces...)
}

// heardResults puts results to their calls. The CLI repeats a denial as an
// error result; the line has said that already.
func (s *Session) heardResults(m *claude.User) {
	var pieces []piece
	s.mu.Lock()
	s.touch()
	for _, b := range m.Message.Content {
		r, ok := b.(claude.ToolResultBlock)
		if !ok {
			continue
		}
		id := pipeline.ToolID(r.ToolUseID)
		s.endedCall(id)
		line := s.calls[id]
		delete(s.calls, id)
		if line == nil {
			continue
		}
		line.result = resultText(line, r, m, s.host.Clock.Now().Sub(line.began))
		pieces = append(pieces, line.piece(r.ToolUseID, true)...)
	}
	s.mu.Unlock()
	s.show(pieces...)
}

// toolHead names a call in one line.
func toolHead(name string, in map[string]any) string {
	str := func(key string) string { v, _ := in[key].(string); return v }
	path := func() string {
		for _, key := range []string{"file_path", "notebook_path", "path"} {
			if v := str(key); v != "" {
				return " " + stages.CodeSpan(tilde(v))
			}
		}
		return ""
	}
	switch name {
	case "Bash":
		return "💻 **Bash** " + stages.CodeSpan(cutRunes(str("command"), 200))
	case "Read":
		return "📄 **Read**" + path()
	case "Write":
		return fmt.Sprintf("📝 **Write**%s _(%d lines)_", path(), lines(str("content")))
	case "Edit", "MultiEdit":
		return "✏️ **Edit**" + path()
	case "NotebookEdit":
		return "📓 **Notebook**" + path()
	case "Glob":
		return "🔍 **Glob** " + stages.CodeSpan(str("pattern"))
	case "Grep":
		return "🔎 **Grep** " + stages.CodeSpan(str("pattern"))
	case "WebFetch":
		return "🌐 **Fetching** " + stages.CodeSpan(cutRunes(str("url"), 200))
	case "WebSearch":
		return "🔍 **Searching** " + stages.CodeSpan(str("query"))
	case "EnterPlanMode":
		return "📋 **Planning...**"
	case "Agent", "Task":
		return "🤖 **Subagent** *(" + stages.Plain(str("subagent_type")) + ")* " + stages.Plain(str("description"))
	case "AskUserQuestion", "ExitPlanMode":
		return "● **" + name + "**"
	}
	if rest, ok := strings.CutPrefix(name, "mcp__"); ok {
		server, tool, _ := strings.Cut(rest, "__")
		return "🔌 **" + stages.Plain(tool) + "** _(" + stages.Plain(server) + ")_"
	}
	return "● **" + stages.Plain(name) + "**"
}

// resultText is how a call ended: nothing for a quick success without output.
func resultText(line *toolLine, r claude.ToolResultBlock, m *claude.User, took time.Duration) string {
	secs := ""
	if took >= 3*time.Second {
		secs = fmt.Sprintf(" (%ds)", int(took.Seconds()))
	}
	text := strings.TrimRight(r.Content.Text(), "\n")
	if r.IsError {
		return "  ↳ ❌ Error" + secs + folded(text)
	}
	if line.tool != "Bash" {
		if secs != "" {
			return "  ↳ ✓" + secs
		}
		return ""
	}
	if out, err := m.BashResult(); err == nil {
		text = strings.TrimRight(strings.TrimRight(out.Stdout, "\n")+"\n"+out.Stderr, "\n")
	}
	return "  ↳ ✓" + secs + folded(text)
}

// folded is a command's output, cut with a mark that says by how much.
func folded(text string) string {
	if strings.TrimSpace(text) == "" {
		return ""
	}
	all := strings.Split(text, "\n")
	shown := all[:min(len(all), outputLines)]
	for i := range shown {
		shown[i] = cutRunes(shown[i], 300)
	}
	out := "\n" + stages.Fence("", stages.Visible(strings.Join(shown, "\n")))
	if cut := len(all) - len(shown); cut > 0 {
		out += fmt.Sprintf("\n*… %d more lines*", cut)
	}
	return out
}

// reasonSuffix joins a reason to what it explains.
func reasonSuffix(why string) string {
	if why == "" {
		return ""
	}
	return ": " + stages.Plain(why)
}
