package session

import (
	"fmt"
	"math"
	"time"
)

// Why a session is paused.
const (
	whyIdle    = "idle"    // it timed out
	whyRestart = "restart" // ctpipe was stopped, or killed
	whyExit    = "exit"    // Claude's process ended, or could not be started
)

// warnAhead is how long before its time-out an idle session is warned; where
// that is all the time there is, half of it.
const warnAhead = 5 * time.Minute

// pause is how long nothing has happened in a session, and what the thread is
// told of its pauses: one post says it, from the warning to the resumption. It
// is plain data.
type pause struct {
	Active time.Time `json:"active"`           // when something happened last
	Key    string    `json:"key,omitempty"`    // of the post, "" while there is none
	Warned bool      `json:"warned,omitempty"` // the time-out is announced
	Begun  bool      `json:"begun,omitempty"`  // Claude has run before
	Why    string    `json:"why,omitempty"`    // it is paused, "" where it is not
	By     string    `json:"by,omitempty"`     // who resumed it, if somebody did with a reaction
}

// idleStep is what is to be done about a session in which nothing happens.
type idleStep struct {
	Over bool          // it is to be paused
	Warn string        // what to say, "" for nothing
	Next time.Duration // until the next look
}

// idleLook is how often the idle clock is looked at, at least, so that a changed
// session_timeout holds at once.
const idleLook = time.Minute

// look says what is due, where a session is paused after limit (0: never).
func (p *pause) look(limit time.Duration, now time.Time) idleStep {
	if limit <= 0 {
		return idleStep{Next: idleLook}
	}
	quiet := now.Sub(p.Active)
	warn, over := idlePlan(limit)
	switch {
	case quiet >= over:
		return idleStep{Over: true}
	case quiet < warn:
		return idleStep{Next: warn - quiet}
	case p.Warned:
		return idleStep{Next: over - quiet}
	}
	p.Warned = true
	return idleStep{Next: over - quiet, Warn: warning(over - quiet)}
}

// idlePlan is how long nothing happens before people are warned, and before
// the session is paused.
func idlePlan(limit time.Duration) (warn, over time.Duration) {
	if limit <= warnAhead {
		return limit / 2, limit
	}
	return limit - warnAhead, limit
}

func warning(left time.Duration) string {
	return fmt.Sprintf("⏰ **Session idle** - will timeout in ~%s without activity", minutes(left))
}

// minutes is a duration in whole minutes, at least one.
func minutes(d time.Duration) string {
	n := max(int(math.Ceil(d.Minutes())), 1)
	if n == 1 {
		return "1 minute"
	}
	return fmt.Sprintf("%d minutes", n)
}

// goesOn notes that Claude runs, and says what a session event and the thread
// are to know of it; expected says that nobody need be told in the thread.
func (p *pause) goesOn(version string, turns int) (what, text string, expected bool) {
	what, text, expected = tellStarted, "Claude runs", true
	if p.Begun {
		what, text = tellResumed, p.resumption(version, turns)
		expected = p.Key == "" && p.By == "" && p.Why != whyRestart
	}
	p.Begun, p.Why, p.By = true, "", ""
	return what, text, expected
}

func (p *pause) resumption(version string, turns int) string {
	text := "🔄 **Session resumed**"
	if p.By != "" {
		text += " by " + p.By
	}
	if p.Why == whyRestart {
		text += " after bot restart (v" + version + ")"
		if turns > 0 {
			text += "\n*Reconnected to Claude session. You can continue where you left off.*"
		}
	}
	return text
}
