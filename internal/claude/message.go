package claude

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Message is one line that the CLI wrote to stdout: one of the structs of this
// package that embed Head. The set grows with the CLI; a type this package does
// not know arrives as Unknown.
type Message interface {
	// Header gives what every line has.
	Header() *Head
}

// Head is what every line has. Control frames have neither session nor UUID.
type Head struct {
	Type      string `json:"type"`
	Subtype   string `json:"subtype"`
	SessionID string `json:"session_id"`
	UUID      string `json:"uuid"` // of the line; a repeated line (after /compact) has the same one
	// Raw is the whole line, without the newline. It is the slice given to Decode.
	Raw json.RawMessage `json:"-"`
}

// Header implements Message.
func (h *Head) Header() *Head { return h }

// Unknown is a line of a type that this package does not know, or whose fields
// do not have the expected types. Hosts ignore it.
type Unknown struct{ Head }

// ErrEmptyLine is returned by Decode for a line without content.
var ErrEmptyLine = errors.New("empty line")

// decoders holds a constructor for every "type" or "type/subtype" seen in the
// recordings. A type without subtypes that matter stands alone.
var decoders = map[string]func() Message{
	"assistant":                       func() Message { return new(Assistant) },
	"user":                            func() Message { return new(User) },
	"stream_event":                    func() Message { return new(StreamEvent) },
	"result":                          func() Message { return new(Result) },
	"tool_progress":                   func() Message { return new(ToolProgress) },
	"command_lifecycle":               func() Message { return new(CommandLifecycle) },
	"rate_limit_event":                func() Message { return new(RateLimit) },
	"conversation_reset":              func() Message { return new(ConversationReset) },
	"control_request":                 func() Message { return new(ControlRequest) },
	"control_response":                func() Message { return new(ControlResponse) },
	"control_cancel_request":          func() Message { return new(ControlCancel) },
	"system/init":                     func() Message { return new(Init) },
	"system/status":                   func() Message { return new(Status) },
	"system/thinking_tokens":          func() Message { return new(ThinkingTokens) },
	"system/api_retry":                func() Message { return new(APIRetry) },
	"system/permission_denied":        func() Message { return new(PermissionDenied) },
	"system/compact_boundary":         func() Message { return new(CompactBoundary) },
	"system/informational":            func() Message { return new(Informational) },
	"system/session_state_changed":    func() Message { return new(SessionState) },
	"system/session_title_changed":    func() Message { return new(SessionTitle) },
	"system/hook_started":             func() Message { return new(HookStarted) },
	"system/hook_response":            func() Message { return new(HookResponse) },
	"system/task_started":             func() Message { return new(TaskStarted) },
	"system/task_progress":            func() Message { return new(TaskProgress) },
	"system/task_updated":             func() Message { return new(TaskUpdated) },
	"system/task_notification":        func() Message { return new(TaskNotification) },
	"system/background_tasks_changed": func() Message { return new(BackgroundTasks) },
}

// Decode reads one stdout line. It is pure and safe for concurrent use; the
// message keeps line as its Raw, so the caller must not change it afterwards.
//
// A line that is no JSON object gives an error and no message. A known type
// whose fields have unexpected types gives both an Unknown and an error, so
// that a host can go on with what it does not understand.
func Decode(line []byte) (Message, error) {
	if kind, subtype, ok := peekTypes(line); ok {
		m, err := decodeAs(line, kind, subtype)
		if err == nil && m.Header().Type == kind && m.Header().Subtype == subtype {
			return m, nil
		}
	}
	var head Head
	if err := decodeHead(line, &head); err != nil {
		return nil, err
	}
	m, err := decodeAs(line, head.Type, head.Subtype)
	if err != nil {
		return &Unknown{Head: head}, fmt.Errorf("decoding a %s line: %w", head.name(), err)
	}
	return m, nil
}

// decodeAs decodes a line of a type that is known already.
func decodeAs(line []byte, kind, subtype string) (Message, error) {
	build := decoders[kind]
	if build == nil && subtype != "" {
		build = decoders[kind+"/"+subtype]
	}
	m := Message(new(Unknown))
	if build != nil {
		m = build()
	}
	if err := json.Unmarshal(line, m); err != nil {
		return nil, err
	}
	m.Header().Raw = line
	return m, nil
}

// decodeHead fills head from a line and makes sure that it is an object with a type.
func decodeHead(line []byte, head *Head) error {
	if len(line) == 0 {
		return ErrEmptyLine
	}
	if err := json.Unmarshal(line, head); err != nil {
		return fmt.Errorf("decoding a line of %d bytes: %w", len(line), err)
	}
	if head.Type == "" {
		return fmt.Errorf("decoding a line of %d bytes: no type", len(line))
	}
	head.Raw = line
	return nil
}

// name is the type for error texts: "system/init", "result/success", "assistant".
func (h *Head) name() string {
	if h.Subtype == "" {
		return h.Type
	}
	return h.Type + "/" + h.Subtype
}
