package stages

import (
	"context"

	"ctpipe/pipeline"
)

// meanings maps the chat server's emoji names to what they mean. Skin tones
// are taken off before; a name that is not here means nothing, so that no emoji
// approves by accident.
var meanings = map[string]string{
	"+1": "approve", "thumbsup": "approve",
	"-1": "deny", "thumbsdown": "deny",
	"white_check_mark": "allow_all", "heavy_check_mark": "allow_all", "ballot_box_with_check": "allow_all",
	"one": "one", "two": "two", "three": "three", "four": "four",
	"x": "stop", "octagonal_sign": "stop", "stop_sign": "stop", "cross_mark": "stop",
	"double_vertical_bar": "interrupt", "pause_button": "interrupt",
	"arrows_counterclockwise": "resume", "arrow_forward": "resume", "repeat": "resume",
	"question": "why", "grey_question": "why",
	"pushpin": "pin", "round_pushpin": "pin",
	"arrow_down_small": "fold", "small_red_triangle_down": "fold",
}

// Meaning says what an emoji means: "other" if nothing.
func Meaning(emoji string) string {
	if m, ok := meanings[bareEmoji(emoji)]; ok {
		return m
	}
	return "other"
}

// controls are the meanings that act on the session itself.
var controls = map[string]string{"stop": "stop", "interrupt": "escape"}

// cards are the targets that ask something. There ❌ answers the question, if
// anything; it never ends the session, nor does it on a card that is closed.
var cards = map[string]bool{"tool": true, "plan": true, "question": true, "message": true, "start": true, "command": true, "share": true,
	"worktree": true, "context": true, "card": true}

// newApprove brings a reaction that counts to what it was made on. Whether it
// decides anything is found out there, from the asks that are open.
func newApprove(*Build) (pipeline.Stage, error) {
	return pipeline.StageFunc(func(_ context.Context, r *pipeline.Run) error {
		ev := r.Event
		refuseReaction(r)
		if verdict, _ := r.Verdict(); verdict != pipeline.Allow || ev.Reaction.Meaning == "other" {
			return nil
		}
		m := ev.Reaction.Meaning
		if what := controls[m]; what != "" && !cards[ev.Reaction.Target] {
			if ev.Reaction.Added {
				r.Do(pipeline.Control{What: what, By: ev.User})
			}
			return nil
		}
		r.Do(pipeline.Count{Post: ev.Post.ID, User: ev.User, Meaning: m, Added: ev.Reaction.Added})
		return nil
	}), nil
}
