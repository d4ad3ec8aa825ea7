package session

import (
	"context"
	"encoding/json"
	"regexp"
	"time"

	"ctpipe/internal/markdown"
	"ctpipe/internal/paginate"
	"ctpipe/pipeline"
)

// modelName is what a model may be called: nothing in it is a word of its own
// on Claude's command line, nor a file.
var modelName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:\[\]-]{0,99}$`)

// modelCommand says which model runs, or has Claude take another: by its own
// command, which tries the model first.
func (s *Session) modelCommand(c controlled) {
	if len(c.e.Args) == 0 {
		s.mu.Lock()
		runs, asked := s.process.Model, s.about.Model
		s.mu.Unlock()
		s.notice(modelText(runs, asked) + " Another one: `!model <name>`")
		return
	}
	if !modelName.MatchString(c.e.Args[0]) {
		s.notice("❌ " + markdown.CodeSpan(paginate.Cut(c.e.Args[0], 100)) + " is no name of a model. Usage: `!model [name]`, like `!model sonnet`")
		return
	}
	s.log.Info("another model is asked for", "user", c.e.By.ID, "model", c.e.Args[0])
	s.prompt(pipeline.Prompt{Text: "/model " + c.e.Args[0], From: c.e.By, Slash: true})
}

func modelText(runs, asked string) string {
	switch {
	case runs != "":
		return "🤖 The model is " + markdown.CodeSpan(runs) + "."
	case asked != "":
		return "🤖 The model will be " + markdown.CodeSpan(asked) + "."
	}
	return "🤖 The model is Claude's own default."
}

// askModel asks Claude which model runs, once a turn has ended that may have
// changed it: the header shows what runs, not what was asked for.
func (s *Session) askModel(agent Agent) {
	go func() {
		defer s.contain("asking claude for its model", func() {})
		ctx, cancel := context.WithTimeout(s.host.ctx, 10*time.Second)
		defer cancel()
		raw, err := agent.Control(ctx, "get_settings", nil)
		var got struct {
			Applied struct {
				Model string `json:"model"`
			} `json:"applied"`
		}
		if err == nil {
			err = json.Unmarshal(raw, &got)
		}
		if err != nil {
			s.log.Warn("claude does not say which model runs", "err", err)
			return
		}
		s.runsNow(got.Applied.Model)
	}()
}

// runsNow notes the model that runs, also for the next time Claude is started.
func (s *Session) runsNow(model string) {
	s.mu.Lock()
	changed := s.process.runs(model)
	if changed {
		s.about.Model = model
	}
	s.mu.Unlock()
	if changed {
		s.refreshHeader()
		s.save()
	}
}
