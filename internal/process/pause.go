package process

import (
	"fmt"
	"math"
	"time"
)

// Why a session is paused.
const (
	WhyIdle    = "idle"    // it timed out
	WhyRestart = "restart" // ctpipe was stopped, or killed
	WhyExit    = "exit"    // Claude's process ended, or could not be started
)

// warnAhead is how long before its time-out an idle session is warned; where
// that is all the time there is, half of it.
const warnAhead = 5 * time.Minute

// Pause is how long nothing has happened in a session, and what the thread is
// told of its pauses: one post says it, from the warning to the resumption. It
// is plain data.
type Pause struct {
	Active time.Time `json:"active"`           // when something happened last
	Key    string    `json:"key,omitempty"`    // of the post, "" while there is none
	Warned bool      `json:"warned,omitempty"` // the time-out is announced
	Begun  bool      `json:"begun,omitempty"`  // Claude has run before
	Why    string    `json:"why,omitempty"`    // it is paused, "" where it is not
	By     string    `json:"by,omitempty"`     // who resumed it, if somebody did with a reaction
}

// IdleStep is what is to be done about a session in which nothing happens.
type IdleStep struct {
	Over bool          // it is to be paused
	Warn string        // what to say, "" for nothing
	Next time.Duration // until the next look
}

// IdleLook is how often the idle clock is looked at, at least, so that a changed
// session_timeout holds at once.
const IdleLook = time.Minute

// Look says what is due, where a session is paused after limit (0: never).
func (p *Pause) Look(limit time.Duration, now time.Time) IdleStep {
	if limit <= 0 {
		return IdleStep{Next: IdleLook}
	}
	quiet := now.Sub(p.Active)
	warn, over := idlePlan(limit)
	switch {
	case quiet >= over:
		return IdleStep{Over: true}
	case quiet < warn:
		return IdleStep{Next: warn - quiet}
	case p.Warned:
		return IdleStep{Next: over - quiet}
	}
	p.Warned = true
	return IdleStep{Next: over - quiet, Warn: warning(over - quiet)}
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
	return fmt.Sprintf("⏰ **Session idle** - will timeout in ~%s without activity", Minutes(left))
}

// Minutes is a duration in whole minutes, at least one.
func Minutes(d time.Duration) string {
	n := max(int(math.Ceil(d.Minutes())), 1)
	if n == 1 {
		return "1 minute"
	}
	return fmt.Sprintf("%d minutes", n)
}

// GoesOn notes that Claude runs. Resumed says that it has run before; the text
// says it to people, and expected that nobody need be told in the thread.
func (p *Pause) GoesOn(version string, turns int) (resumed bool, text string, expected bool) {
	resumed, text, expected = p.Begun, "Claude runs", true
	if resumed {
		text = p.resumption(version, turns)
		expected = p.Key == "" && p.By == "" && p.Why != WhyRestart
	}
	p.Begun, p.Why, p.By = true, "", ""
	return resumed, text, expected
}

func (p *Pause) resumption(version string, turns int) string {
	text := "🔄 **Session resumed**"
	if p.By != "" {
		text += " by " + p.By
	}
	if p.Why == WhyRestart {
		text += " after bot restart (v" + version + ")"
		if turns > 0 {
			text += "\n*Reconnected to Claude session. You can continue where you left off.*"
		}
	}
	return text
}
