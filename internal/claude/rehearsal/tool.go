package rehearsal

import (
	"context"
	"errors"
)

// outcome is what a tool gave, or why it did not run.
type outcome struct {
	ran    bool
	text   string         // what the model reads
	result any            // tool_use_result
	input  map[string]any // as it ran, after the host's changes
	failed bool
}

// runner does a tool's work once it is let through; it must end soon after ctx does.
type runner func(ctx context.Context, input map[string]any) outcome

// use says text, uses a tool and reports its result. Without a gate the agent
// uses no tool at all.
func (t *turn) use(text string, c call, run runner) (outcome, error) {
	t.mu.Lock()
	gated := t.gate != ""
	t.mu.Unlock()
	if !gated {
		return outcome{text: noGate}, t.reply(block{text: noGate})
	}
	c.id = freshID("toolu_rehearsal")
	if err := t.reply(block{text: text}, block{id: c.id, name: c.name, input: c.input}); err != nil {
		return outcome{}, err
	}
	t.where = "tools"
	asked := c.input
	d, err := t.askHost(&c)
	if !d.allowed {
		if d.text == "" {
			d.text, d.kind = rejected, "user-rejected"
		}
		t.denials = append(t.denials, frame{"tool_name": c.name, "tool_use_id": c.id, "tool_input": asked})
		t.toolResult(c.id, outcome{text: d.text, result: "Error: " + d.text, failed: true}, d)
		if err != nil {
			t.interrupted("[Request interrupted by user for tool use]")
		}
		return outcome{text: d.text}, err
	}
	out := run(t.ctx, c.input)
	out.ran, out.input = true, c.input
	if t.ctx.Err() != nil {
		t.toolResult(c.id, outcome{text: rejected, result: "User rejected tool use", failed: true}, decision{kind: "user-rejected"})
		t.interrupted("[Request interrupted by user for tool use]")
		return out, errInterrupted
	}
	t.toolResult(c.id, out, d)
	return out, nil
}

const noGate = "I am the **rehearsal agent** and I use no tools here: this host registered no PreToolUse callback, " +
	"so nobody could have stopped me."

// toolResult writes the user message that carries a tool's result.
func (t *turn) toolResult(id string, out outcome, d decision) {
	content := frame{"type": "tool_result", "tool_use_id": id, "content": out.text}
	if out.failed {
		content["is_error"] = true
	}
	meta := frame{"id": id}
	if d.by != nil {
		meta["permission_decision"] = d.by
	}
	if !d.allowed {
		meta["non_execution_kind"] = d.kind
	}
	t.out.emit(frame{"type": "user", "message": frame{"role": "user", "content": []any{content}}, "parent_tool_use_id": nil,
		"timestamp": now(), "tool_use_result": out.result, "tool_result_meta": []any{meta}})
}

func (t *turn) interrupted(text string) {
	t.out.emit(frame{"type": "user", "message": frame{"role": "user", "content": []any{frame{"type": "text", "text": text}}},
		"parent_tool_use_id": nil, "timestamp": now()})
}

// play chooses the act and ends an interrupted one as the CLI does.
func (t *turn) play() error {
	err := t.choose()(t)
	if errors.Is(err, errInterrupted) && t.where == "streaming" {
		t.interrupted("[Request interrupted by user]")
	}
	return err
}
