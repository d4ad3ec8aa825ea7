package display

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"ctpipe/internal/markdown"
	"ctpipe/internal/paginate"
)

// Sticky is the channel's post that lists its sessions.
type Sticky struct {
	Version  string
	Mode     Permissions
	Max      int
	Uptime   time.Duration
	Sessions []StickySession // in the order in which they are shown: newest first
	Recent   []StickySession // paused ones, newest first
}

// StickySession is one line of it.
type StickySession struct {
	Root        string // id of the thread's root post; other characters than letters and digits give no link
	Topic       string // title or first prompt; "" or a command shows "No topic"
	Owner       string // display name
	Description string
	Done, Tasks int           // of the task list; no count where there are no tasks
	Quiet       time.Duration // since the last activity
	Mode        Permissions   // "" or interactive shows nothing
	Waits       []string      // icons of what it waits for
}

// shownSessions bounds the post.
const shownSessions = 50

// waitsMost bounds the icons of one line.
const waitsMost = 8

var postID = regexp.MustCompile(`^[A-Za-z0-9]{1,64}$`)

// Markdown is the sticky post.
func (s Sticky) Markdown() string {
	mode := map[Permissions]string{Auto: "⚡ Auto", Bypass: "⚡ Bypass"}[s.Mode]
	var b strings.Builder
	fmt.Fprintf(&b, "---\nctpipe v%s · %s · %d/%d sessions · ⏱️ %s\n", plain(s.Version, nameRunes), orElse(mode, "🔐 Interactive"),
		len(s.Sessions), s.Max, uptime(s.Uptime))
	if len(s.Sessions) == 0 {
		b.WriteString("**Active Claude Threads**\n\n_No active sessions_\n")
	} else {
		fmt.Fprintf(&b, "**Active Claude Threads** (%d)\n\n", len(s.Sessions))
	}
	for i, e := range s.Sessions {
		if i == shownSessions {
			fmt.Fprintf(&b, "*… %d more*\n", len(s.Sessions)-i)
			break
		}
		b.WriteString(e.line() + "\n")
	}
	if len(s.Recent) > 0 {
		b.WriteString("\n**Recent** (paused: write there, or react with 🔄, to go on)\n\n")
	}
	for _, e := range s.Recent {
		b.WriteString("⏸️ " + strings.TrimPrefix(e.line(), "▸ ") + "\n")
	}
	return b.String() + "\n_Mention me to start a session_"
}

// line is made of plain parts and of ctpipe's own link, which Inert would
// break: every part is made inert by itself. Not every parser heeds the escape
// of a bracket, so that what looks like a link within the topic is broken too.
func (e StickySession) line() string {
	topic := topicOf(e.Topic)
	if postID.MatchString(e.Root) {
		topic = "[" + topic + "](/_redirect/pl/" + e.Root + ")"
	}
	line := "▸ " + topic + " · **" + orElse(markdown.Inert(plain(e.Owner, nameRunes)), "?") + "**"
	if e.Tasks > 0 {
		line += fmt.Sprintf(" · %d/%d", min(max(e.Done, 0), e.Tasks), e.Tasks)
	}
	if e.Mode == Auto || e.Mode == Bypass {
		line += " · ⚡"
	}
	if n := len(e.Waits); n > 0 {
		line += " · " + strings.Join(e.Waits[:min(n, waitsMost)], "")
	}
	line += " · " + ago(e.Quiet)
	if e.Description != "" {
		line += "\n   _" + markdown.Inert(plain(e.Description, plainRunes)) + "_"
	}
	return line
}

// topicOf is at most 50 characters of a title in one line.
func topicOf(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if s == "" || s[0] == '!' || s[0] == '/' {
		return "_No topic_"
	}
	if runes(s) > 50 {
		s = paginate.Cut(s, 47)
	}
	return orElse(markdown.Inert(plain(s, 50)), "_No topic_")
}

func ago(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "just now"
	case d < time.Hour:
		return fmt.Sprintf("%dm ago", int(d.Minutes()))
	case d < 24*time.Hour:
		return fmt.Sprintf("%dh ago", int(d.Hours()))
	}
	return fmt.Sprintf("%dd ago", int(d.Hours())/24)
}

func uptime(d time.Duration) string {
	switch {
	case d < time.Hour:
		return fmt.Sprintf("%dm", max(int(d.Minutes()), 0))
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh", int(d.Hours()))
	}
	return fmt.Sprintf("%dd", int(d.Hours())/24)
}
