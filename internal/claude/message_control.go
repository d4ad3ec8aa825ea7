package claude

import "encoding/json"

// ControlRequest is a question of the CLI that needs exactly one answer. A
// Process serves these itself and hands GateCall and AskCall to its Handler.
type ControlRequest struct {
	Head
	RequestID string `json:"request_id"`
	Request   struct {
		Subtype string `json:"subtype"` // can_use_tool, hook_callback, mcp_message
	} `json:"request"`
}

// ControlResponse is the answer to a request of the host. With replays on the
// host's own answers are echoed too: match only ids you issued.
type ControlResponse struct {
	Head
	Response struct {
		Subtype   string          `json:"subtype"` // success, error
		RequestID string          `json:"request_id"`
		Response  json.RawMessage `json:"response"`
		Error     string          `json:"error"`
		ErrorCode string          `json:"error_code"`
	} `json:"response"`
}

// ControlCancel withdraws a ControlRequest; an answer is no longer read.
type ControlCancel struct {
	Head
	RequestID string `json:"request_id"`
}

// GateCall is one tool call at the PreToolUse hook (hook_callback). It comes
// for every valid call of every tool, subagents' calls too, and waits until
// Process.AnswerGate. The same ToolUseID can come twice: both would run.
type GateCall struct {
	RequestID      string          `json:"-"` // of the control request, unique in the process
	SessionID      string          `json:"session_id"`
	ToolUseID      string          `json:"tool_use_id"`
	ToolName       string          `json:"tool_name"`
	Input          json.RawMessage `json:"tool_input"` // a JSON object, as sent
	Cwd            string          `json:"cwd"`
	PermissionMode string          `json:"permission_mode"`
	AgentID        string          `json:"agent_id"`   // set inside a subagent
	AgentType      string          `json:"agent_type"` // set inside a subagent
	TranscriptPath string          `json:"transcript_path"`
	PromptID       string          `json:"prompt_id"`
	Fields         map[string]any  `json:"-"` // Input decoded; numbers are float64
}

// AskCall is one tool call at can_use_tool: what PreToolUse answered ask or
// nothing, and what always needs people (questions, plans, the CLI's own
// safety checks). It has no time limit of its own. All texts are written
// by the model: clean them before showing.
type AskCall struct {
	RequestID string `json:"-"`
	// SessionID and Cwd are not in the request. The Process adds the newest
	// session id it saw, and the directory of the gate call with the same tool
	// use id (empty if there was none).
	SessionID, Cwd string `json:"-"`

	ToolUseID                string          `json:"tool_use_id"`
	ToolName                 string          `json:"tool_name"`
	DisplayName              string          `json:"display_name"`
	Title                    string          `json:"title"`
	Description              string          `json:"description"`
	Input                    json.RawMessage `json:"input"`
	Fields                   map[string]any  `json:"-"` // Input decoded; numbers are float64
	AgentID                  string          `json:"agent_id"`
	BlockedPath              string          `json:"blocked_path"`
	DecisionReason           string          `json:"decision_reason"`
	DecisionReasonType       string          `json:"decision_reason_type"` // other, workingDir, mode, rule, hook, subcommandResults
	DecisionReasonRuleSource string          `json:"decision_reason_rule_source"`
	DecisionReasonHookEvent  string          `json:"decision_reason_hook_event"`
	DecisionReasonHookSource string          `json:"decision_reason_hook_source"`
	MatchedAskRule           json.RawMessage `json:"matched_ask_rule"`
	RequiresUserInteraction  bool            `json:"requires_user_interaction"` // AskUserQuestion, ExitPlanMode
	ServerPolicyAskOnly      bool            `json:"server_policy_ask_only"`
	SuppressAlwaysAllowRule  bool            `json:"suppress_always_allow_rule"`
	DefaultToNo              bool            `json:"default_to_no"`
	MCPServer                *MCPServer      `json:"mcp_server"`
	Suggestions              []Suggestion    `json:"permission_suggestions"` // empty: do not offer "always"
}

// Suggestion is a change of permissions the CLI offers with an ask. As sent,
// most would write settings into the repository: AnswerAsk takes only those
// whose Destination is "session".
type Suggestion struct {
	Type        string           `json:"type"` // addRules, addDirectories, setMode
	Rules       []PermissionRule `json:"rules,omitempty"`
	Behavior    string           `json:"behavior,omitempty"`
	Directories []string         `json:"directories,omitempty"`
	Mode        string           `json:"mode,omitempty"`
	Destination string           `json:"destination"`
}

// PermissionRule is a rule in the CLI's own terms: Bash with "npm run *".
type PermissionRule struct {
	ToolName    string `json:"toolName"`
	RuleContent string `json:"ruleContent,omitempty"`
}
