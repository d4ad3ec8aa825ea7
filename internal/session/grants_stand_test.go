package session

import (
	"strings"
	"testing"

	"ctpipe/internal/claude"
	"ctpipe/internal/mattermost"
	"ctpipe/internal/mattermost/chattest"
)

// TestGrantStandsWithItsGiver covers SEC-15 and I7: what somebody granted lets
// nothing pass any more once they may not approve, or have left the channel.
func TestGrantStandsWithItsGiver(t *testing.T) {
	for name, lose := range map[string]func(w *world){
		"off the list": func(w *world) {
			w.engine.Swap(w.rules(strings.Replace(basicRules, `["alice", "bob"]`, `["alice"]`, 1)))
		},
		"out of the channel": func(w *world) {
			w.host.ears().receive(mattermost.UserRemoved{UserID: "u-bob", ChannelID: chattest.ChannelID})
		},
	} {
		inWorld(t, "", func(w *world) {
			_, a, card := w.asked("touch x")
			w.reacts("bob", card.ID, "white_check_mark")
			a.done(t, "t1")
			a.bash("t2", "touch y")
			if a.gates["g-t2"].Decision != claude.Allow {
				t.Fatalf("%s: the grant does not hold: %+v", name, a.gates)
			}
			a.done(t, "t2")
			lose(w)
			w.settle()
			a.bash("t3", "touch z")
			if a.gates["g-t3"].Decision != claude.Ask {
				t.Errorf("%s: %s", name, a.gates["g-t3"].Decision)
			}
		})
	}
}
