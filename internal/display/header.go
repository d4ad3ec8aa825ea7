package display

import (
	"ctpipe/internal/markdown"
	"ctpipe/pipeline"
	"fmt"
	"math"
	"strings"
)

// Header is what the first post of a session says. Fields that are empty or
// zero have no row, but for the directory, the owner, the session and the
// permissions. All texts are raw; the paths are absolute.
type Header struct {
	Version string // of ctpipe, without the v
	Agent   string // what answers: "Claude Code 2.1.8", "rehearsal agent"

	Dir          string
	Owner        string // user names, without @
	Branch       string // of the repository, where there is no worktree
	Worktree     string // branch of the session's worktree
	WorktreeFrom string // the repository it was made from
	Participants []string

	Session, MaxSessions int
	ID                   string // the CLI's session id; eight characters are shown
	Permissions          Permissions
	Chrome               bool

	Model                    string
	ContextUsed, ContextSize int     // tokens; no row where the size is not known
	Cost                     float64 // US dollars of the whole session

	Rules    string   // revision in force
	Grants   []string // what runs unasked because somebody said ✅
	ClaudeMD string   // hash of the repository's CLAUDE.md
	Labels   []string // that hooks put on the session's events
	Warnings []string // who may do more than one would think
	// Attention says what people should know of the policy: it is stale, a hook
	// is off, something cannot be judged.
	Attention []string
}

// Permissions is the mode of a session as the header names it.
type Permissions string

// The permission modes.
const (
	Interactive Permissions = "interactive"
	Auto        Permissions = "auto"
	Bypass      Permissions = "bypass"
)

// PermissionsOf is a session's mode as people know it.
func PermissionsOf(m pipeline.Mode) Permissions {
	switch m {
	case pipeline.ModeAuto:
		return Auto
	case pipeline.ModeBypass:
		return Bypass
	}
	return Interactive
}

// Markdown is the header as a post: a line with the version, then the table.
// It mentions nobody.
func (h Header) Markdown(o Options) string {
	var b strings.Builder
	fmt.Fprintf(&b, "🤖 **ctpipe v%s**", plain(h.Version, nameRunes))
	if h.Agent != "" {
		b.WriteString(" · " + plain(h.Agent, nameRunes))
	}
	b.WriteString("\n\n| | |\n|:--|:--|")
	for _, row := range h.rows(o) {
		if row[1] != "" {
			fmt.Fprintf(&b, "\n| %s | %s |", row[0], row[1])
		}
	}
	return markdown.Inert(b.String())
}

func (h Header) rows(o Options) [][2]string {
	name, mode := h.mode()
	whole := o
	whole.Tree = "" // here the path itself is the news
	rows := [][2]string{
		{"📂 **Directory**", orElse(cell(whole.Path(h.Dir), pathRunes), "?")},
		{"👤 **Started by**", orElse(people([]string{h.Owner}), "?")},
		{"🌱 **Branch**", cell(h.Branch, nameRunes)},
		{"🌿 **Worktree**", h.worktree(whole)},
		{"👥 **Participants**", people(h.Participants)},
		{"🔢 **Session**", fmt.Sprintf("#%d of %d max", h.Session, h.MaxSessions)},
		{"🆔 **Session ID**", cell(h.ID[:min(8, len(h.ID))], 8)},
		{name, mode},
		{"🌐 **Chrome**", when(h.Chrome, "Enabled")},
		{"🧠 **Model**", plain(h.Model, nameRunes)},
		{"📊 **Context**", contextBar(h.ContextUsed, h.ContextSize)},
		{"💰 **Cost**", dollars(h.Cost)},
		{"📜 **Rules**", cell(prefixed("rev ", h.Rules), nameRunes)},
		{"✅ **Grants**", listed(h.Grants)},
		{"📘 **CLAUDE.md**", cell(h.ClaudeMD[:min(12, len(h.ClaudeMD))], 12)},
	}
	rows = append(rows, [2]string{"🏷️ **Labels**", listed(h.Labels)})
	for _, w := range h.Warnings {
		rows = append(rows, [2]string{"⚠️ **Access**", plain(w, plainRunes)})
	}
	for _, a := range h.Attention {
		rows = append(rows, [2]string{"⚠️ **Attention**", plain(a, plainRunes)})
	}
	return rows
}

func (h Header) mode() (name, text string) {
	switch h.Permissions {
	case Auto:
		return "⚡ **Permissions**", "Auto: Claude's own auto mode decides what to ask"
	case Bypass:
		return "⚡ **Permissions**", "Bypass: what no rule asks for runs unasked"
	}
	return "🔐 **Permissions**", "Interactive"
}

func (h Header) worktree(o Options) string {
	if h.Worktree == "" {
		return ""
	}
	out := cell(h.Worktree, nameRunes)
	if h.WorktreeFrom != "" {
		out += " (from " + cell(o.Path(h.WorktreeFrom), pathRunes) + ")"
	}
	return out
}

// cell is foreign text as code in a table. Parsers disagree on pipes and on
// backslashes within code there, so that text with either is no code.
func cell(s string, n int) string {
	if strings.ContainsAny(s, `|\`) {
		return plain(s, n)
	}
	return code(s, n)
}

// shownNames bounds the lists in a header.
const shownNames = 20

func people(names []string) string {
	var out []string
	for _, n := range names {
		if n != "" {
			out = append(out, plain("@"+n, nameRunes))
		}
	}
	return some(out, ", ")
}

func listed(items []string) string {
	out := make([]string, len(items))
	for i, item := range items {
		out[i] = cell(item, inlineRune)
	}
	return some(out, " · ")
}

func some(items []string, between string) string {
	if more := len(items) - shownNames; more > 0 {
		items = append(items[:shownNames:shownNames], fmt.Sprintf("… %d more", more))
	}
	return strings.Join(items, between)
}

// barCells is how many steps the context bar has.
const barCells = 10

// contextBar is "🟢 ▓▓░░░░░░░░ 23% (46k of 200k)", never below 0 nor above 100
// percent, whatever the CLI reports; "" where the size is not known.
func contextBar(used, size int) string {
	if size <= 0 {
		return ""
	}
	share := min(max(float64(used)/float64(size), 0), 1)
	percent := int(math.Round(share * 100))
	colour := "🔴"
	switch {
	case percent < 50:
		colour = "🟢"
	case percent < 75:
		colour = "🟡"
	case percent < 90:
		colour = "🟠"
	}
	full := int(math.Round(share * barCells))
	return fmt.Sprintf("%s %s%s %d%% (%s of %s)", colour, strings.Repeat("▓", full), strings.Repeat("░", barCells-full), percent, tokens(used), tokens(size))
}

// dollars is a cost, "" if there is none.
func dollars(cost float64) string {
	switch {
	case !(cost > 0) || math.IsInf(cost, 0):
		return ""
	case cost < 0.01:
		return "< $0.01"
	}
	return fmt.Sprintf("$%.2f", cost)
}

func when(yes bool, text string) string {
	if yes {
		return text
	}
	return ""
}

func prefixed(what, s string) string {
	if s == "" {
		return ""
	}
	return what + s
}
