package stages

import (
	"encoding/json"
	"fmt"

	"ctpipe/hooks"
	"ctpipe/internal/claude"
	"ctpipe/internal/command"
	"ctpipe/internal/markdown"
	"ctpipe/pipeline"
)

// take puts one hook's result into the run, and reports whether it replaces
// the call's input. A failed hook has its vote and nothing else.
func (g *hookGate) take(r *pipeline.Run, res hooks.Result) (rewrites bool, err error) {
	if len(res.Reads) > 0 {
		if r.Trace.Reads == nil {
			r.Trace.Reads = map[string][]pipeline.Read{}
		}
		r.Trace.Reads[res.Hook] = res.Reads
	}
	if res.Vote != nil {
		r.Vote(*res.Vote)
	}
	if res.Text != nil {
		r.SetText(g.redact(*res.Text)) // a hook may have put a credential back
		r.Forms.Texts, r.Forms.Files = nil, nil
	}
	if res.Input != nil {
		hash, err := hashInput(r.Event, res.Input)
		if err != nil {
			return false, err
		}
		rewrites = hash != r.Event.Tool.Hash
		r.Rewrite(res.Input, hash)
	}
	r.Settings.Merge(hookSettings(res))
	for _, e := range res.Effects {
		do(r, e)
	}
	return rewrites, nil
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
		Mode: pipeline.Mode(res.Set["mode"])}}
	if res.Style != nil {
		out.Style, out.MaxLines, out.Template = res.Style.Style, res.Style.MaxLines, res.Style.Template
	}
	return out
}

// do adds a hook's effect in the pipeline's terms. What a person sets off
// reaches Claude only if that person may, whatever the hook says; a command
// that they may not run does nothing at all.
func do(r *pipeline.Run, e hooks.Effect) {
	kind := r.Event.Kind
	byPerson := kind == pipeline.KindPost || kind == pipeline.KindStart || kind == pipeline.KindReaction
	switch e.Kind {
	case hooks.EffectLabel:
		r.Do(pipeline.Label{Key: e.Key, Value: e.Text})
		return
	case hooks.EffectPrompt:
		prompt := pipeline.Prompt{Text: e.Text, From: r.Event.User}
		if byPerson || kind == pipeline.KindCommand {
			r.DoIfAllowed(prompt)
		} else {
			r.Do(prompt)
		}
		return
	}
	var shown pipeline.Effect = pipeline.Reply{Text: markdown.Inert(e.Text)}
	if e.Kind == hooks.EffectReact {
		shown = pipeline.React{Emoji: e.Text}
	}
	if kind == pipeline.KindCommand {
		r.DoIfAllowed(shown)
	} else {
		r.Do(shown)
	}
}

func customCommands(set *hooks.Set) []command.Custom {
	if set == nil {
		return nil
	}
	var out []command.Custom
	for _, c := range set.Commands() {
		out = append(out, command.Custom{Name: c.Name, Help: c.Help})
	}
	return out
}
