package claude

import "encoding/json"

// Init opens every turn, also those the CLI starts by itself (a background
// task ended) and local commands. It is not a hello: readiness is the reply to
// initialize (Process.Ready). SessionID changes here after /clear.
type Init struct {
	Head
	Cwd              string      `json:"cwd"`
	Model            string      `json:"model"`
	PermissionMode   string      `json:"permissionMode"`
	Version          string      `json:"claude_code_version"`
	APIKeySource     string      `json:"apiKeySource"`
	OutputStyle      string      `json:"output_style"`
	Tools            []string    `json:"tools"` // Agent is called Task here
	SlashCommands    []string    `json:"slash_commands"`
	Skills           []string    `json:"skills"`
	Agents           []string    `json:"agents"`
	Capabilities     []string    `json:"capabilities"`
	MCPServers       []MCPServer `json:"mcp_servers"`
	Plugins          []Plugin    `json:"plugins"`
	UserMessageUUIDs []string    `json:"user_message_uuids"`
}

// MCPServer is one server of Init; a failed one does not stop the start.
type MCPServer struct {
	Name   string `json:"name"`
	Status string `json:"status"`
	Source string `json:"source"`
}

// Plugin is one plugin of Init.
type Plugin struct {
	Name   string `json:"name"`
	Path   string `json:"path"`
	Source string `json:"source"`
}

// Subagent says whose message it is; all empty on the main thread.
type Subagent struct {
	ParentToolUseID string `json:"parent_tool_use_id"` // the Agent tool use that started the subagent
	AgentID         string `json:"agent_id"`
	SubagentType    string `json:"subagent_type"`
	TaskDescription string `json:"task_description"`
}

// Origin joins a message with the user messages that caused it.
type Origin struct {
	UserMessageUUID  string   `json:"user_message_uuid"`
	UserMessageUUIDs []string `json:"user_message_uuids"`
	ResumeReason     string   `json:"resume_reason"` // "interrupted_turn"
}

// Usage counts tokens. On Assistant it is not final and repeated for each
// block of one reply: never add it up.
type Usage struct {
	InputTokens              int `json:"input_tokens"`
	OutputTokens             int `json:"output_tokens"`
	CacheReadInputTokens     int `json:"cache_read_input_tokens"`
	CacheCreationInputTokens int `json:"cache_creation_input_tokens"`
}

// SyntheticModel is the model name of texts the CLI made itself: API errors,
// output of slash commands.
const SyntheticModel = "<synthetic>"

// Assistant is one finished content block of a reply; blocks of one reply
// share Message.ID. It is the truth, stream deltas are a preview.
type Assistant struct {
	Head
	Subagent
	Origin
	Message struct {
		ID         string  `json:"id"`
		Model      string  `json:"model"`
		Content    Content `json:"content"`
		StopReason string  `json:"stop_reason"`
		Usage      Usage   `json:"usage"`
	} `json:"message"`
	RequestID            string          `json:"request_id"`
	Timestamp            string          `json:"timestamp"`
	Aborted              bool            `json:"aborted"`
	Error                string          `json:"error"` // authentication_failed, rate_limit, overloaded, …
	IsAPIErrorMessage    bool            `json:"is_api_error_message"`
	APIErrorStatus       int             `json:"api_error_status"`
	APIErrorType         string          `json:"api_error_type"`
	APIError             string          `json:"api_error"`            // usage_limit_reached
	LocalCommandSource   string          `json:"local_command_source"` // set on the output of a slash command
	ThinkingDurationMS   int             `json:"thinking_duration_ms"`
	ToolUseMeta          json.RawMessage `json:"tool_use_meta"`
	ContextUsage         json.RawMessage `json:"context_usage"`
	LocalCommandRun      json.RawMessage `json:"local_command_run"`
	LocalCommandOutcome  json.RawMessage `json:"local_command_outcome"`
	APIErrorParams       json.RawMessage `json:"api_error_params"`
	ThinkingDisplayLevel string          `json:"thinking_display"`
}

// User is a line of the user's side: tool results, "[Request interrupted by
// user]", the summary of a compaction, replays.
type User struct {
	Head
	Subagent
	Message struct {
		Role    string  `json:"role"`
		Content Content `json:"content"`
	} `json:"message"`
	Timestamp      string           `json:"timestamp"`
	IsSynthetic    bool             `json:"isSynthetic"`
	IsReplay       bool             `json:"isReplay"`
	ToolUseResult  json.RawMessage  `json:"tool_use_result"` // see BashResult, FileResult; "Error: …" as a string on failure
	ToolResultMeta []ToolResultMeta `json:"tool_result_meta"`
	RefusedMessage string           `json:"refused_message_id"`
}

// ToolResultMeta says how a tool use was permitted, or why it did not run.
type ToolResultMeta struct {
	ID                 string `json:"id"`
	NonExecutionKind   string `json:"non_execution_kind"`
	PermissionDecision struct {
		Decision   string `json:"decision"` // accept, reject
		Source     string `json:"source"`   // config, user_temporary, user_reject, hook, …
		ReasonType string `json:"reason_type"`
	} `json:"permission_decision"`
}

// Result ends a turn. Subtype "success" can have IsError (every API error):
// test IsError, then TerminalReason.
type Result struct {
	Head
	Origin
	IsError           bool                  `json:"is_error"`
	Result            string                `json:"result"`
	Errors            []string              `json:"errors"` // of an interrupt it is a diagnostic: do not show it
	NumTurns          int                   `json:"num_turns"`
	StopReason        string                `json:"stop_reason"`
	TerminalReason    string                `json:"terminal_reason"` // completed, aborted_streaming, aborted_tools, api_error, max_turns, …
	DurationMS        int                   `json:"duration_ms"`
	DurationAPIMS     int                   `json:"duration_api_ms"`
	TTFTMS            int                   `json:"ttft_ms"`
	TotalCostUSD      float64               `json:"total_cost_usd"` // running total of the session; restarts on /clear
	Usage             Usage                 `json:"usage"`          // this turn, main loop only
	ModelUsage        map[string]ModelUsage `json:"modelUsage"`     // running total of the session
	PermissionDenials []Denial              `json:"permission_denials"`
	QueuedTurnCount   int                   `json:"queued_turn_count"` // 0 even with messages waiting: use CommandLifecycle
	ResultIndex       int                   `json:"result_index"`
	LocalCommand      string                `json:"local_command"`
	APIErrorStatus    int                   `json:"api_error_status"`
	APIErrorType      string                `json:"api_error_type"`
	APIError          string                `json:"api_error"`
	StructuredOutput  json.RawMessage       `json:"structured_output"`
}

// ModelUsage is what one model used; the CLI computes the cost from list prices.
type ModelUsage struct {
	InputTokens              int     `json:"inputTokens"`
	OutputTokens             int     `json:"outputTokens"`
	CacheReadInputTokens     int     `json:"cacheReadInputTokens"`
	CacheCreationInputTokens int     `json:"cacheCreationInputTokens"`
	CostUSD                  float64 `json:"costUSD"`
	ContextWindow            int     `json:"contextWindow"`
	MaxOutputTokens          int     `json:"maxOutputTokens"`
}

// Denial is one refused tool use of a turn.
type Denial struct {
	ToolName  string          `json:"tool_name"`
	ToolUseID string          `json:"tool_use_id"`
	ToolInput json.RawMessage `json:"tool_input"`
}
