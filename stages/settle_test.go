package stages

import (
	"testing"

	"ctpipe/pipeline"
)

// Posts, starts and commands that the verdict asks about wait for people; an
// empty start asks nobody.
func TestHold(t *testing.T) {
	ask := []pipeline.Vote{{Verdict: pipeline.Ask, Source: pipeline.SourceRule, By: "r", Why: "it is late"}}
	for kind, ev := range map[pipeline.Kind]pipeline.Event{
		pipeline.KindPost:    {Post: pipeline.Post{Text: "hi"}},
		pipeline.KindStart:   {Start: pipeline.Start{Prompt: "hi"}},
		pipeline.KindCommand: {Post: pipeline.Post{Text: "!stop"}, Command: pipeline.ChatCommand{Name: "stop"}},
	} {
		ev.Kind, ev.User = kind, mallory
		got := runOf(t, &Build{}, ev, ask, "settle", "launch", "prompt", "answer").Effects()
		if len(got) != 1 {
			t.Fatalf("%s: %+v", kind, got)
		}
		if h, ok := got[0].(pipeline.Hold); !ok || h.Prompt.From.ID != mallory.ID {
			t.Errorf("%s: %+v", kind, got[0])
		}
	}
	empty := runOf(t, &Build{}, pipeline.Event{Kind: pipeline.KindStart, User: mallory}, ask, "settle", "launch").Effects()
	if len(empty) != 1 || empty[0] != (pipeline.Reply{Text: mentionMe}) {
		t.Errorf("a start without a word: %+v", empty)
	}
}
