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
	for _, res := range g.results(ctx, r, &ev) {
		if err := g.take(r, res); err != nil {
			return fmt.Errorf("hook %s: %w", res.Hook, err)
		}
	}
	return nil
}

// results asks the hooks. Judging a record again touches neither their memory
// nor their circuits: a key that was not recorded is not found.
func (g *hookGate) results(ctx context.Context, r *pipeline.Run, ev *pipeline.Event) []hooks.Result {
	if !r.Recorded() {
		return g.set.Run(ctx, ev)
	}
	reads, _ := ctx.Value(readsKey{}).(map[string][]hooks.Read)
	return g.set.Replay(ctx, ev, reads)
}

type readsKey struct{}

// WithReads gives hooks that judge a record again what they read from their
// memory when it was made, by hook.
func WithReads(ctx context.Context, reads map[string][]hooks.Read) context.Context {
	return context.WithValue(ctx, readsKey{}, reads)
}

// take puts one hook's result into the run. A failed hook has its vote and
// nothing else.
func (g *hookGate) take(r *pipeline.Run, res hooks.Result) error {
	for _, line := range res.Logs {
		if r.Recorded() {
			break
		}
		slog.Info("hook says", "hook", res.Hook, "event", r.Event.ID, "text", line)
	}
	if res.Err != nil && !r.Recorded() {
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
