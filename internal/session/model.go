package session

import (
	"context"
	"encoding/json"
	"time"
)

// askModel asks Claude which model runs, once a turn has ended that may have
// changed it: the header shows what runs, not what was asked for.
func (s *Session) askModel(agent Agent) {
	go func() {
		defer s.Contain("asking claude for its model", func() {})
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
	s.Lock()
	changed := s.process.Runs(model)
	if changed {
		s.about.Model = model
	}
	s.Unlock()
	if changed {
		s.headline().refreshHeader()
		s.record().save()
	}
}
