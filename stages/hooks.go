package stages

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"ctpipe/hooks"
	"ctpipe/pipeline"
)

type hookGate struct {
	set    *hooks.Set
	redact func(string) string
	trial  bool
}

// newHooks is the gate where Lua hooks vote, rewrite and reply.
func newHooks(b *Build) (pipeline.Stage, error) {
	return &hookGate{set: b.Hooks, redact: Redactor(b), trial: b.Trial}, nil
}

func (g *hookGate) Handle(ctx context.Context, r *pipeline.Run) error {
	if g.set == nil || tooMuch(r.Event) || !g.set.Wants(r.Event) {
		return nil // a flood is denied already, and shall neither cost nor set off anything
	}
	// A call that was given up may still read its event: it is a copy that
	// nobody changes, and holds the text as it stands now, credentials out.
	ev := *r.Event
	if ev.Kind == pipeline.KindShow {
		ev.Show.Text = r.Text()
	}
	results := g.results(ctx, r, &ev)
	judgedAgain, ran := false, make([]pipeline.Ran, len(results))
	for i, res := range results {
		ran[i] = pipeline.Ran{Name: res.Hook, Took: res.Took}
		g.tell(r, res)
		rewrites, err := g.take(r, res)
		if err != nil {
			return fmt.Errorf("hook %s: %w", res.Hook, err)
		}
		judgedAgain = judgedAgain || rewrites && !r.Rewrote
	}
	r.Ran(ran)
	if r.Recorded() || judgedAgain {
		return nil // nothing stays of a run that is no run of its own
	}
	return commit(r, results)
}

// results asks the hooks. Judging a record again touches neither their memory
// nor their circuits: a key that was not recorded is not found.
func (g *hookGate) results(ctx context.Context, r *pipeline.Run, ev *pipeline.Event) []hooks.Result {
	if !r.Recorded() {
		return g.set.Run(ctx, ev)
	}
	reads, _ := ctx.Value(readsKey{}).(map[string][]pipeline.Read)
	return g.set.Replay(ctx, ev, reads)
}

type readsKey struct{}

// WithReads gives hooks that judge a record again what they read from their
// memory when it was made, by hook: the Reads of its journal record.
func WithReads(ctx context.Context, reads map[string][]pipeline.Read) context.Context {
	return context.WithValue(ctx, readsKey{}, reads)
}

// commit puts what the hooks remember in force, but for commands that a person
// may not run. A memory that takes no more
// keys is an error of the gate: a limit that is no longer counted must not let
// everything pass.
func commit(r *pipeline.Run, results []hooks.Result) error {
	verdict, _ := r.Verdict()
	for _, res := range results {
		if res.Custom && verdict != pipeline.Allow {
			continue
		}
		if err := res.Commit(); err != nil {
			return err
		}
	}
	return nil
}

// tell logs what a hook says and why it could not judge, and tells the thread
// when it is off from now on.
func (g *hookGate) tell(r *pipeline.Run, res hooks.Result) {
	if r.Recorded() || g.trial {
		return
	}
	for _, line := range res.Logs {
		slog.Info("hook says", "hook", res.Hook, "event", r.Event.ID, "text", line)
	}
	if res.Err == nil || errors.Is(res.Err, hooks.ErrOpen) { // that one was told when it opened
		return
	}
	slog.Warn("a hook could not judge", "hook", res.Hook, "event", r.Event.ID, "thread", r.Event.Thread.ID, "err", res.Err)
	if res.Opened {
		slog.Warn("a hook is off until its next save: it timed out too often, and now votes on_error without running", "hook", res.Hook)
		r.Do(pipeline.Reply{Text: fmt.Sprintf("⚠️ hook %s timed out three times in ten minutes and is off until it is saved again; "+
			"until then it votes what its `on_error` says", res.Hook)})
	}
}
