package claude

import "encoding/json"

// Status reports what the CLI does ("requesting", "compacting", "") and every
// change of the permission mode, also by EnterPlanMode, which asks nobody.
type Status struct {
	Head
	Status           string   `json:"status"`
	PermissionMode   string   `json:"permissionMode"` // empty: unchanged
	CompactResult    string   `json:"compact_result"`
	CompactError     string   `json:"compact_error"`
	UserMessageUUIDs []string `json:"user_message_uuids"`
}

// ThinkingTokens is a sign of life while the model thinks.
type ThinkingTokens struct {
	Head
	EstimatedTokens int `json:"estimated_tokens"`
	Delta           int `json:"estimated_tokens_delta"`
}

// APIRetry comes before each repeated API call. Partial text is void.
type APIRetry struct {
	Head
	Attempt      int    `json:"attempt"`
	MaxRetries   int    `json:"max_retries"`
	RetryDelayMS int    `json:"retry_delay_ms"`
	ErrorStatus  int    `json:"error_status"` // 0: no HTTP status, the connection failed
	Error        string `json:"error"`
}

// PermissionDenied is a call the CLI refused without asking the host.
type PermissionDenied struct {
	Head
	ToolName           string `json:"tool_name"`
	ToolUseID          string `json:"tool_use_id"`
	DecisionReasonType string `json:"decision_reason_type"`
	DecisionReasonCode string `json:"decision_reason_code"`
	DecisionReason     string `json:"decision_reason"`
	Message            string `json:"message"`
}

// CompactBoundary says that the history before it was replaced by a summary.
type CompactBoundary struct {
	Head
	Metadata struct {
		Trigger    string `json:"trigger"` // auto, manual
		PreTokens  int    `json:"pre_tokens"`
		PostTokens int    `json:"post_tokens"`
		DurationMS int    `json:"duration_ms"`
	} `json:"compact_metadata"`
}

// Informational is a notice: a hook's block reason, a warning.
type Informational struct {
	Head
	Content             string          `json:"content"`
	Level               string          `json:"level"`
	Tag                 string          `json:"tag"`
	IsMeta              bool            `json:"isMeta"`
	PreventContinuation bool            `json:"prevent_continuation"`
	PromptSubmitOutcome json.RawMessage `json:"prompt_submit_outcome"`
	Timestamp           string          `json:"timestamp"`
}

// SessionState is "running", "requires_action" or "idle".
type SessionState struct {
	Head
	State string `json:"state"`
}

// SessionTitle is a new title of the session.
type SessionTitle struct {
	Head
	Title string `json:"title"`
}

// HookStarted and HookResponse report command hooks of settings files.
type HookStarted struct {
	Head
	HookID    string `json:"hook_id"`
	HookName  string `json:"hook_name"`
	HookEvent string `json:"hook_event"`
}

// HookResponse ends what HookStarted began.
type HookResponse struct {
	Head
	HookID    string `json:"hook_id"`
	HookName  string `json:"hook_name"`
	HookEvent string `json:"hook_event"`
	Output    string `json:"output"`
	Stdout    string `json:"stdout"`
	Stderr    string `json:"stderr"`
	ExitCode  int    `json:"exit_code"`
	Outcome   string `json:"outcome"`
}

// ConversationReset comes after /clear, before the new Init and still under
// the old session id. NewConversationID is not the new session id.
type ConversationReset struct {
	Head
	NewConversationID string `json:"new_conversation_id"`
	Trigger           string `json:"trigger"`
	UserMessageUUID   string `json:"user_message_uuid"`
	Timestamp         string `json:"timestamp"`
}

// CommandLifecycle follows one user message that was sent with a UUID:
// queued, started, completed or cancelled.
type CommandLifecycle struct {
	Head
	CommandUUID string `json:"command_uuid"`
	State       string `json:"state"`
}

// RateLimit reports a usage limit of a subscription, on change.
type RateLimit struct {
	Head
	Info struct {
		Status          string          `json:"status"`   // allowed_warning, rejected
		ResetsAt        int64           `json:"resetsAt"` // unix seconds
		Type            string          `json:"rateLimitType"`
		Utilization     float64         `json:"utilization"`
		OverageStatus   string          `json:"overageStatus"`
		IsUsingOverage  bool            `json:"isUsingOverage"`
		UnifiedWindows  json.RawMessage `json:"unifiedWindows"`
		OverageDisabled string          `json:"overageDisabledReason"`
	} `json:"rate_limit_info"`
}
