package claudetest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"testing"
)

// Scenario is what the API plays. A request goes to the first lane whose Match
// it contains; else, when it carries tools the CLI would run, to Replies; else
// (titles, probes, web search) it is answered with Side.
type Scenario struct {
	Replies []Reply `json:"replies"`
	Lanes   []Lane  `json:"lanes,omitempty"`
	Side    string  `json:"side,omitempty"` // default "ok"
	// Capture maps a name to a regular expression with one group. It is matched
	// against every request body, and later replies may use the last value as
	// {{NAME}}. {{BASE}} is always the server's own URL.
	Capture map[string]string `json:"capture,omitempty"`
}

// Lane is a sequence of replies for one kind of request. The lane named
// "toolless" takes the requests without client tools.
type Lane struct {
	Name    string  `json:"name"`
	Match   string  `json:"match,omitempty"` // substring of the request's first user message
	Replies []Reply `json:"replies"`
}

// Reply answers one request: a message, an HTTP error (Status), or a message
// whose stream breaks (Fault).
type Reply struct {
	Content    []Block           `json:"content,omitempty"`
	StopReason string            `json:"stop_reason,omitempty"` // default: tool_use if there is one, else end_turn
	Usage      *Usage            `json:"usage,omitempty"`
	Chunk      int               `json:"chunk,omitempty"`    // runes per delta, default 6
	DelayMS    int               `json:"delay_ms,omitempty"` // pause between deltas, default none
	TTFBMS     int               `json:"ttfb_ms,omitempty"`  // pause before the response headers
	Repeat     int               `json:"repeat,omitempty"`   // serve this entry so many times
	Headers    map[string]string `json:"headers,omitempty"`

	Status    int    `json:"status,omitempty"` // 400 and above: an error reply
	ErrorType string `json:"error_type,omitempty"`
	Message   string `json:"message,omitempty"`

	Fault      string `json:"fault,omitempty"`       // error, drop or stall
	FaultAfter int    `json:"fault_after,omitempty"` // deltas before the fault
}

// Block is one content block of a reply: text, thinking or tool_use.
type Block struct {
	Type     string          `json:"type"`
	Text     string          `json:"text,omitempty"`
	Thinking string          `json:"thinking,omitempty"`
	ID       string          `json:"id,omitempty"` // of a tool use; made up when empty
	Name     string          `json:"name,omitempty"`
	Input    json.RawMessage `json:"input,omitempty"`
}

// Usage is the token count reported with a reply; default 100 in, 20 out.
type Usage struct {
	Input       int `json:"input_tokens"`
	CacheCreate int `json:"cache_creation_input_tokens"`
	CacheRead   int `json:"cache_read_input_tokens"`
	Output      int `json:"output_tokens"`
}

// Say is a reply of one text block.
func Say(text string) Reply { return Reply{Content: []Block{{Type: "text", Text: text}}} }

// Use is a reply of one tool use. The input is anything that encodes to a JSON
// object.
func Use(name string, input any) Reply { return Reply{Content: []Block{ToolUse(name, input)}} }

// Bash is a reply that asks to run one shell command.
func Bash(command string) Reply {
	return Use("Bash", map[string]any{"command": command, "description": "a scripted command"})
}

// ToolUse is a tool_use block, for replies with several.
func ToolUse(name string, input any) Block {
	b, err := json.Marshal(input)
	if err != nil {
		panic(fmt.Sprintf("claudetest: input of scripted %s: %v", name, err))
	}
	return Block{Type: "tool_use", Name: name, Input: b}
}

// Load reads a scenario from a JSON file and puts vars in the place of {{KEY}}.
func Load(t testing.TB, file string, vars map[string]string) Scenario {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(bytes.NewReader(fill(b, vars)))
	dec.DisallowUnknownFields()
	var s Scenario
	if err := dec.Decode(&s); err != nil {
		t.Fatalf("decoding scenario %s: %v", file, err)
	}
	return s
}

// fill replaces {{KEY}} by its value, escaped as the inside of a JSON string.
func fill(b []byte, vars map[string]string) []byte {
	for k, v := range vars {
		q, _ := json.Marshal(v)
		b = bytes.ReplaceAll(b, []byte("{{"+k+"}}"), q[1:len(q)-1])
	}
	return b
}

// compile prepares the captures, so that a bad one is found before a run.
func (s Scenario) compile() (map[string]*regexp.Regexp, error) {
	out := make(map[string]*regexp.Regexp, len(s.Capture))
	for k, v := range s.Capture {
		re, err := regexp.Compile(v)
		if err != nil {
			return nil, fmt.Errorf("capture %s: %w", k, err)
		}
		if re.NumSubexp() != 1 {
			return nil, fmt.Errorf("capture %s: want one group, have %d", k, re.NumSubexp())
		}
		out[k] = re
	}
	return out, nil
}
