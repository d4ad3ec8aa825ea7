package claude

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
)

// advisoryFields are left out of Hash, by tool: they describe a call without
// changing what it does, so a retry in other words needs no new approval.
// run_in_background and dangerouslyDisableSandbox change it, so they stay in.
var advisoryFields = map[string][]string{
	"Bash": {"description", "timeout"},
}

// Hash identifies what a tool call would do: the hex SHA-256 of its name, its
// input as canonical JSON (sorted keys, no spaces, numbers as written) and its
// directory. Advisory fields are left out.
//
// Input that is not exactly representable (no object, or text with U+FFFD,
// which lone surrogates also become) is hashed as its bytes instead, in which
// a difference can only cost a second question.
func Hash(toolName string, input json.RawMessage, cwd string) string {
	h := sha256.New()
	kind, text := "json", canonical(toolName, input)
	if text == nil {
		kind, text = "bytes", input
	}
	// A JSON array of strings keeps the parts apart.
	frame, _ := json.Marshal([]string{"ctpipe tool call 1", kind, toolName, cwd, string(text)})
	h.Write(frame)
	if kind == "bytes" {
		h.Write(text) // the frame holds it with U+FFFD for what is no UTF-8
	}
	return hex.EncodeToString(h.Sum(nil))
}

// canonical gives an input's one spelling, or nil if it has none.
func canonical(toolName string, input json.RawMessage) []byte {
	dec := json.NewDecoder(bytes.NewReader(input))
	dec.UseNumber()
	var fields map[string]any
	if err := dec.Decode(&fields); err != nil || fields == nil || dec.More() {
		return nil
	}
	for _, name := range advisoryFields[toolName] {
		delete(fields, name)
	}
	text, err := json.Marshal(fields)
	if err != nil || strings.ContainsRune(string(text), '\uFFFD') {
		return nil
	}
	return text
}
