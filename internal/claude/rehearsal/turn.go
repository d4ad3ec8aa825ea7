package rehearsal

import (
	"context"
	"errors"
	"strings"
	"time"
)

// turn is one answer to one or several user messages.
type turn struct {
	*agent
	ctx     context.Context
	prompt  string
	started time.Time
	last    string // text of the last block said
	replies int
	words   int
	ids     []string // of the messages of this turn
	denials []frame
	where   string // where an interrupt found it: "streaming" or "tools"
}

var (
	errInterrupted = errors.New("interrupted")
	errStopped     = errors.New("the host denied the call and ended the turn")
)

// turn plays a batch of messages and writes the result.
func (a *agent) turn(ctx context.Context, batch []prompt) {
	tctx, stop := context.WithCancel(ctx)
	defer stop()
	a.mu.Lock()
	a.stop = stop
	a.mu.Unlock()
	t := &turn{agent: a, ctx: tctx, started: time.Now(), where: "streaming"}
	query := false
	var texts []string
	for _, p := range batch {
		a.lifecycle(p.uuid, "started")
		if p.query { // words of context are not a wish
			texts, query = append(texts, p.text), true
		}
	}
	t.prompt = strings.Join(texts, "\n")
	a.state("running")
	t.init()
	var err error
	if query {
		err = t.play()
	}
	if ctx.Err() != nil {
		return // terminated: the CLI writes no result then
	}
	t.result(err, query)
	for _, p := range batch {
		a.lifecycle(p.uuid, "completed")
	}
	a.state("idle")
	a.mu.Lock()
	a.stop = nil
	a.mu.Unlock()
}

// lifecycle reports what becomes of a message that came with a uuid.
func (a *agent) lifecycle(id, state string) {
	if id != "" {
		a.out.emit(frame{"type": "command_lifecycle", "command_uuid": id, "state": state})
	}
}

func (a *agent) state(s string) {
	if a.opt.states {
		a.out.system("session_state_changed", frame{"state": s})
	}
}

func (t *turn) init() {
	t.mu.Lock()
	mode, model := t.mode, t.model
	t.mu.Unlock()
	t.out.system("init", frame{"cwd": t.dir, "tools": []string{"AskUserQuestion", "Bash", "ExitPlanMode"}, "mcp_servers": []any{},
		"model": model, "permissionMode": mode, "slash_commands": []any{}, "terminal_slash_commands": []any{},
		"apiKeySource": "none", "claude_code_version": version, "output_style": "default", "agents": []any{}, "skills": []any{},
		"plugins": []any{}, "capabilities": capabilities, "analytics_disabled": true, "product_feedback_disabled": true,
		"served_by_anthropic": false, "memory_paths": frame{}, "original_cwd": t.dir, "additional_directories": []any{},
		"messaging_socket_path": "", "fast_mode_state": "off", "fast_mode_disabled_reason": "rehearsal",
		"per_turn_effort_active": false, "ultrathink_available": false, "ultrathink_typed_raises": false, "view_mode": "default"})
}

// result closes the turn. A turn without a query has no text and no turns.
func (t *turn) result(err error, query bool) {
	ms := time.Since(t.started).Milliseconds()
	if t.denials == nil {
		t.denials = []frame{}
	}
	usage := frame{"input_tokens": 0, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0, "output_tokens": t.words}
	f := frame{"type": "result", "subtype": "success", "is_error": false, "duration_ms": ms, "duration_api_ms": ms,
		"num_turns": t.replies, "stop_reason": "end_turn", "total_cost_usd": 0, "usage": usage, "permission_denials": t.denials,
		"modelUsage": frame{t.opt.model: frame{"inputTokens": 0, "outputTokens": t.words, "cacheReadInputTokens": 0,
			"cacheCreationInputTokens": 0, "costUSD": 0, "contextWindow": 200000, "maxOutputTokens": 32000}},
		"queued_turn_count": 0, "result_index": t.turns}
	t.turns++
	t.failed = err != nil
	switch {
	case err != nil:
		f["subtype"], f["is_error"], f["terminal_reason"] = "error_during_execution", true, "aborted_"+t.where
		f["errors"], f["stop_reason"] = []string{"[rehearsal] " + err.Error()}, nil
	case !query:
		f["result"], f["stop_reason"] = "", nil
	default:
		f["result"], f["terminal_reason"], f["api_error_status"], f["ttft_ms"] = t.last, "completed", nil, 0
		f["begun_message_ids"] = t.ids
	}
	t.out.emit(f)
}
