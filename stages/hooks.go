package stages

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"

	"ctpipe/hooks"
	"ctpipe/internal/claude"
	"ctpipe/pipeline"
)

type hookGate struct {
	set    *hooks.Set
	redact func(string) string
}

// newHooks is the gate where Lua hooks vote, rewrite and reply.
func newHooks(b *Build) (pipeline.Stage, error) {
	return &hookGate{set: b.Hooks, redact: Redactor(b)}, nil
}

func (g *hookGate) Handle(ctx context.Context, r *pipeline.Run) error {
	if g.set == nil {
		return nil
	}
	ev := *r.Event // hooks see the text as it stands now, credentials already out
	if ev.Kind == pipeline.KindShow {
		ev.Show.Text = r.Text()
	}
	for _, res := range g.set.Run(ctx, &ev) {
		if err := g.take(r, res); err != nil {
			return fmt.Errorf("hook %s: %w", res.Hook, err)
		}
	}
	return nil
}

// take puts one hook's result into the run. A failed hook has its vote and
// nothing else.
func (g *hookGate) take(r *pipeline.Run, res hooks.Result) error {
	for _, line := range res.Logs {
		slog.Info("hook says", "hook", res.Hook, "event", r.Event.ID, "text", line)
	}
	if res.Err != nil {
		slog.Warn("a hook could not judge", "hook", res.Hook, "event", r.Event.ID, "err", res.Err, "off", res.Opened)
	}
	if res.Vote != nil {
		r.Vote(*res.Vote)
	}
	if res.Text != nil {
		r.SetText(g.redact(*res.Text)) // a hook may have put a credential back
	}
	if res.Input != nil {
		hash, err := hashInput(r.Event, res.Input)
		if err != nil {
			return err
		}
		r.Rewrite(res.Input, hash)
	}
	r.Settings.Merge(hookSettings(res))
	for _, e := range res.Effects {
		r.Do(hookEffect(r, e))
	}
	if r.Recorded() {
		return nil
	}
	return res.Commit()
}

func hashInput(ev *pipeline.Event, input map[string]any) (string, error) {
	raw, err := json.Marshal(input)
	if err != nil {
		return "", fmt.Errorf("the input it gave is no JSON: %w", err)
	}
	return claude.Hash(ev.Tool.Name, raw, ev.Tool.Cwd), nil
}

func hookSettings(res hooks.Result) pipeline.Settings {
	out := pipeline.Settings{Set: pipeline.StartSet{Dir: res.Set["dir"], Model: res.Set["model"],
		Mode: pipeline.Mode(res.Set["mode"]), Worktree: res.Set["worktree"]}}
	if res.Style != nil {
		out.Style, out.MaxLines = res.Style.Style, res.Style.MaxLines
	}
	return out
}

// hookEffect is a hook's effect in the pipeline's terms.
func hookEffect(r *pipeline.Run, e hooks.Effect) pipeline.Effect {
	switch e.Kind {
	case hooks.EffectPrompt:
		return pipeline.Prompt{Text: e.Text, From: r.Event.User}
	case hooks.EffectReact:
		return pipeline.React{Emoji: e.Text}
	case hooks.EffectLabel:
		return pipeline.Label{Key: e.Key, Value: e.Text}
	}
	return pipeline.Reply{Text: Inert(e.Text)}
}

func customCommands(set *hooks.Set) []CustomCommand {
	if set == nil {
		return nil
	}
	var out []CustomCommand
	for _, c := range set.Commands() {
		out = append(out, CustomCommand{Name: c.Name, Help: c.Help})
	}
	return out
}
