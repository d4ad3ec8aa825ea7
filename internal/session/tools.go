package session

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"ctpipe/internal/claude"
	"ctpipe/internal/display"
	"ctpipe/internal/markdown"
	"ctpipe/pipeline"
)

// toolLine is one tool call as the thread has it.
type toolLine struct {
	tool   string // "" until Claude's message with the call is there
	input  map[string]any
	began  time.Time
	denied string           // who refused it, and why
	out    *display.Outcome // nil while it runs
	lost   bool             // it never got a result
	at     display.Options  // how its paths are shown
	agent  *display.Agent   // the card of a subagent, instead of a line
	sub    bool             // a subagent made it
	listed bool             // in that subagent's card
}

// called makes the line of a tool call; parent is the call whose subagent made
// it, "" on the main thread. The lock is held.
func (s *Session) called(use claude.ToolUseBlock, parent string) []piece {
	line := s.calls[pipeline.ToolID(use.ID)]
	if line == nil {
		line = &toolLine{}
		s.calls[pipeline.ToolID(use.ID)] = line
	}
	_ = json.Unmarshal(use.Input, &line.input) // a broken input shows as a line without details
	s.host.cleanValue(line.input)
	line.tool, line.began, line.sub, line.at = use.Name, s.host.Clock.Now(), parent != "", s.paths()
	if use.Name == "Agent" || use.Name == "Task" {
		line.agent = display.NewAgent(line.input)
		if line.denied != "" {
			line.agent.Stop()
		}
	}
	if !line.sub {
		s.list.Called(use.ID, use.Name, line.input)
	}
	pieces := line.piece(use.ID, false)
	if over := s.calls[pipeline.ToolID(parent)]; line.sub && over != nil && over.agent != nil {
		line.listed = true
		over.agent.Called(line.tool, line.input, line.at)
		pieces = append(over.piece(parent, false), line.piece(use.ID, false)...)
	}
	return pieces
}

// shownAs is how the call looks in a thread.
func (l *toolLine) shownAs(v display.Verbosity) display.Options {
	o := l.at
	o.Verbosity = v
	return o
}

// callHead names a call in one line.
func callHead(name string, input map[string]any, o display.Options) string {
	o.Verbosity = display.Line
	if head := display.Call(name, input, o); head != "" {
		return head
	}
	return "● **" + markdown.Plain(name) + "**"
}

// text is the call and what became of it, "" for a tool without a line.
func (l *toolLine) text(v display.Verbosity) string {
	text := l.body(l.shownAs(v))
	if text == "" {
		return ""
	}
	if l.sub {
		text = "  ↳ 🤖 " + text
	}
	return text + "\n" // whole at any time: its end is not in the making
}

func (l *toolLine) body(o display.Options) string {
	switch {
	case l.tool == "":
		return ""
	case l.denied != "" && l.agent == nil:
		head := display.Call(l.tool, l.input, o)
		if head == "" {
			head = callHead(l.tool, l.input, l.at)
		}
		return head + "\n  ↳ 🚫 " + l.denied
	case l.agent != nil:
		text := l.agent.Markdown(o)
		if l.denied != "" {
			text += "\n  ↳ 🚫 " + l.denied
		}
		return text
	case l.out != nil:
		return display.Result(l.tool, l.input, *l.out, o)
	}
	text := display.Call(l.tool, l.input, o)
	if l.lost && text != "" {
		text += "\n  ↳ ⏹️ *not finished*"
	}
	return text
}

// what is what a rule calls the line: a tool's call, its result, or a diff.
func (l *toolLine) what() string {
	switch {
	case l.denied != "":
		return "tool"
	case l.agent != nil && l.agent.State == display.AgentRunning:
		return "tool"
	case l.agent != nil:
		return "result"
	}
	return display.Kind(l.tool, l.input, l.out)
}

// files are what the line leaves out where its long parts come as files: once
// it changes no more.
func (l *toolLine) files(final bool) []display.Attached {
	if !final || l.out == nil || l.denied != "" || l.agent != nil {
		return nil
	}
	return display.Attachments(l.tool, l.input, *l.out, l.shownAs(display.File))
}

// timeFromNowLocked begins a call's time when people have answered: it has waited
// until then.
func (s *Session) timeFromNowLocked(id pipeline.ToolID) {
	if line := s.calls[id]; line != nil {
		line.began = s.host.Clock.Now()
	}
}

// headLine names the call in one line.
func (l *toolLine) headLine() string { return callHead(l.tool, l.input, l.at) }

// piece is the line's block.
func (l *toolLine) piece(id string, final bool) []piece {
	if l.listed && l.denied == "" || l.text(display.Line) == "" {
		return nil
	}
	return []piece{{block: "tool/" + id, what: "tool", tool: l.tool, line: l, final: final}}
}

// openLines are the lines of calls that got no result in their turn: nothing
// is left looking as if it ran (STR-14). Those of background tasks stay open.
// The lock is held.
func (s *Session) openLines() []piece {
	if s.process.Tasks > 0 {
		return nil
	}
	return s.closeLines()
}

// closeLines ends the lines of all calls; the lock is held.
func (s *Session) closeLines() []piece {
	var pieces []piece
	for id, line := range s.calls {
		line.lost = line.out == nil
		if line.agent != nil {
			line.agent.Stop()
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
	if line.agent != nil {
		line.agent.Stop()
	}
	pieces := line.piece(string(id), false)
	s.mu.Unlock()
	s.show(pieces...)
}

// heardResults puts results to their calls. The CLI repeats a denial as an
// error result; the line has said that already.
func (s *Session) heardResults(m *claude.User) {
	var pieces []piece
	now := s.host.Clock.Now()
	s.mu.Lock()
	s.touchLocked()
	pieces = s.heardLocal(m)
	for _, b := range m.Message.Content {
		if r, ok := b.(claude.ToolResultBlock); ok {
			pieces = append(pieces, s.ended(r, m, now)...)
		}
	}
	s.mu.Unlock()
	s.show(pieces...)
}

// ended puts one result to its call; the lock is held.
func (s *Session) ended(r claude.ToolResultBlock, m *claude.User, now time.Time) []piece {
	id := pipeline.ToolID(r.ToolUseID)
	s.gate.ended(id)
	line := s.calls[id]
	if line == nil {
		return nil
	}
	out := s.host.cleanOutcome(display.Ended(m, r, now.Sub(line.began)))
	line.out = &out
	goesOn := false
	if line.agent != nil && line.denied == "" {
		line.agent.Ended(out)
		goesOn = line.agent.State == display.AgentRunning
	}
	if line.tool == "Bash" {
		s.inBackground(m)
	}
	if !goesOn {
		delete(s.calls, id)
	}
	pieces := line.piece(r.ToolUseID, !goesOn)
	if !line.sub && s.list.Ended(r.ToolUseID, out, now) {
		pieces = append(pieces, s.listPiece(now))
	}
	return pieces
}
