package claude

import "encoding/json"

// ToolProgress comes every 30 s while a tool runs. Its tool_use_id is a made-up
// one; the real one is ParentToolUseID.
type ToolProgress struct {
	Head
	ToolUseID       string  `json:"tool_use_id"`
	ParentToolUseID string  `json:"parent_tool_use_id"`
	ToolName        string  `json:"tool_name"`
	ElapsedSeconds  float64 `json:"elapsed_time_seconds"`
	Heartbeat       bool    `json:"heartbeat"`
}

// TaskID is what all task messages have. A task is a subagent or a Bash
// command that runs beside the turn.
type TaskID struct {
	TaskID string `json:"task_id"`
	RunID  string `json:"run_id"`
}

// TaskUsage is what a task has used so far.
type TaskUsage struct {
	TotalTokens int `json:"total_tokens"`
	ToolUses    int `json:"tool_uses"`
	DurationMS  int `json:"duration_ms"`
}

// TaskStarted opens a task.
type TaskStarted struct {
	Head
	TaskID
	ToolUseID      string `json:"tool_use_id"`
	Description    string `json:"description"`
	SubagentType   string `json:"subagent_type"`
	TaskType       string `json:"task_type"` // local_agent, local_bash, …
	IsBackgrounded bool   `json:"is_backgrounded"`
	SpawnDepth     int    `json:"spawn_depth"`
	Prompt         string `json:"prompt"`
}

// TaskProgress reports a subagent's newest tool use.
type TaskProgress struct {
	Head
	TaskID
	ToolUseID    string    `json:"tool_use_id"`
	Description  string    `json:"description"`
	SubagentType string    `json:"subagent_type"`
	LastToolName string    `json:"last_tool_name"`
	Usage        TaskUsage `json:"usage"`
}

// TaskUpdated changes single facts of a task.
type TaskUpdated struct {
	Head
	TaskID
	Patch struct {
		Status         string          `json:"status"`
		EndTime        int64           `json:"end_time"` // unix milliseconds
		IsBackgrounded *bool           `json:"is_backgrounded"`
		Error          json.RawMessage `json:"error"`
	} `json:"patch"`
}

// TaskNotification closes a task; the CLI may start a turn of its own after it.
type TaskNotification struct {
	Head
	TaskID
	ToolUseID       string    `json:"tool_use_id"`
	Status          string    `json:"status"` // completed, failed, stopped, …
	OutputFile      string    `json:"output_file"`
	Summary         string    `json:"summary"`
	SummaryIsReport bool      `json:"summary_is_report"`
	Usage           TaskUsage `json:"usage"`
}

// BackgroundTasks is the whole set of tasks now in the background: replace
// yours by it.
type BackgroundTasks struct {
	Head
	Tasks []BackgroundTask `json:"tasks"`
}

// BackgroundTask is one of BackgroundTasks.
type BackgroundTask struct {
	TaskID
	TaskType     string `json:"task_type"`
	SubagentType string `json:"subagent_type"`
	Description  string `json:"description"`
}
