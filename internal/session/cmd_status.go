package session

import (
	"fmt"
	"strings"

	"ctpipe/internal/desk"
	"ctpipe/internal/display"
	"ctpipe/internal/markdown"
	"ctpipe/internal/mattermost"
	"ctpipe/pipeline"
)

// statusCommand says what runs here and how it is doing.
func (h *Host) statusCommand(c controlled) {
	var b strings.Builder
	fmt.Fprintf(&b, "📊 **ctpipe v%s** · %s · rules %s\n\n| | |\n|:--|:--|\n", h.Version, cell(h.Agents.Label()), markdown.CodeSpan(desk.Short(h.Engine.Snapshot().Rev)))
	if c.s != nil {
		c.s.status(&b)
	}
	h.status(&b)
	h.say(c.r.Event.Thread.Root, b.String())
}

// fact writes a row of the table; a value may not end its cell.
func fact(b *strings.Builder, name, format string, args ...any) {
	fmt.Fprintf(b, "| **%s** | %s |\n", name, strings.ReplaceAll(fmt.Sprintf(format, args...), "\n", " "))
}

// cell is a text that comes from outside, in a cell of a table.
func cell(text string) string { return strings.ReplaceAll(markdown.Plain(text), "|", "\\|") }

func (s *Session) status(b *strings.Builder) {
	set := s.host.settings()
	s.mu.Lock()
	defer s.mu.Unlock()
	cards := s.desk.Count(ofSession)
	fact(b, "State", "%s · mode %s · verbosity %s", s.stateLocked(), modeOf(s.about.modeUnder(set.Mode)), orDefault(string(s.words.Style())))
	fact(b, "Directory", "%s", strings.ReplaceAll(markdown.CodeSpan(shortPath(s.about.Dir)), "|", "\\|"))
	fact(b, "Model", "%s", cell(orDefault(firstOf(s.process.Model, s.about.Model))))
	fact(b, "Context", "%s", filled(s.process.Used, s.process.Size))
	fact(b, "Cost", "$%.2f in %s", s.process.Cost, counted(s.process.Turns, "turn"))
	fact(b, "Waiting", "%s · %s · %s in the background", counted(len(s.inbox.Queue), "message"), counted(cards, "open card"), counted(s.process.Tasks, "task"))
	fact(b, "Grants", "%d", len(s.desk.Grants()))
	fact(b, "Idle", "%s", display.Spoken(s.host.Clock.Now().Sub(s.pause.Active)))
}

func (h *Host) status(b *strings.Builder) {
	set := h.settings()
	h.mu.Lock()
	n, link, since := h.activeLocked(), h.link.Kind, h.linkSince
	h.mu.Unlock()
	fact(b, "Sessions", "%d of %d", n, set.Max)
	if set.Timeout > 0 {
		fact(b, "Limits", "idle sessions are paused after %s", display.Spoken(set.Timeout))
	}
	if since.IsZero() {
		fact(b, "Chat", "no word of the link yet")
	} else {
		fact(b, "Chat", "%s for %s", linkWords(link), display.Spoken(h.Clock.Now().Sub(since)))
	}
	if h.Rules == nil {
		return
	}
	st := h.Rules()
	switch {
	case len(st.Held) > 0:
		fact(b, "Rules", "✋ a save is held for %s; `!rules` says more", display.Spoken(st.Stale))
	case st.Stale > 0:
		fact(b, "Rules", "⚠️ what is on disk is not in force, for %s; `!rules` says more", display.Spoken(st.Stale))
	}
	if len(st.Circuits) > 0 {
		fact(b, "Hooks", "⚠️ %d do not run; `!rules` says which", len(st.Circuits))
	}
}

func linkWords(kind mattermost.StateKind) string {
	if kind == mattermost.Lost {
		return "⚠️ out of reach"
	}
	return "connected"
}

// linked notes how the link to the chat is doing.
func (h *Host) linked(st mattermost.State) {
	h.mu.Lock()
	defer h.mu.Unlock()
	lost := func(k mattermost.StateKind) bool { return k == mattermost.Lost }
	if h.linkSince.IsZero() || lost(st.Kind) != lost(h.link.Kind) {
		h.linkSince = h.Clock.Now()
	}
	h.link = st
}

// filled says how full the conversation is.
func filled(used, size int) string {
	switch {
	case used == 0:
		return "not known yet"
	case size == 0:
		return fmt.Sprintf("%dk tokens", (used+500)/1000)
	}
	return fmt.Sprintf("%d %% of %dk tokens", min(100, used*100/size), (size+500)/1000)
}

func modeOf(m pipeline.Mode) string { return orDefault(string(m)) }

func orDefault(text string) string { return firstOf(text, "default") }

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
