package session

import (
	"testing"

	"ctpipe/pipeline"
)

// TestTheLastDoor covers SEC-09: called directly, as a mistake would, what
// talks to Claude refuses what no run allowed.
func TestTheLastDoor(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root, a := w.opened()
		before := len(a.sent())
		for name, u := range map[string]pipeline.User{
			"a stranger": {ID: "u-mallory", Name: "mallory", Active: true},
			"nobody":     {},
			"a bot":      {ID: "u-alice", Name: "alice", Active: true, Allowed: true, Bot: true},
			"who left":   {ID: "u-alice", Name: "alice", Allowed: true},
		} {
			ev := w.host.event(pipeline.KindPost, pipeline.PostID(root))
			ev.User, ev.Post = u, pipeline.Post{ID: "p-" + pipeline.PostID(name), Text: "leak", Origin: "person"}
			run := w.engine.Judge(t.Context(), ev)
			for _, e := range []pipeline.Effect{
				pipeline.Prompt{Text: "leak", From: u},
				pipeline.Launch{Prompt: pipeline.Prompt{Text: "leak", From: u}},
				pipeline.Control{What: "stop", By: u},
			} {
				w.host.performer().perform(t.Context(), run, e)
			}
			w.settle()
			if len(a.sent()) != before || len(w.agents.all) != 1 || a.stopped {
				t.Fatalf("%s: sent %q, %d agents, stopped %v", name, a.sent(), len(w.agents.all), a.stopped)
			}
		}
	})
}
