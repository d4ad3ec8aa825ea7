package claude

import (
	"bytes"
	"compress/gzip"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// canaryAPI is a Messages API of scripted replies, on loopback, behind a
// random path and key.
type canaryAPI struct {
	url, key string
	server   *http.Server
	done     chan struct{}

	mu     sync.Mutex
	script []canaryReply // for the next requests that carry tools
	bodies []string      // of the requests since the last load
	leaked bool          // a credential came that is not ours
}

// canaryReply is one message of the model: text, or a Bash call.
type canaryReply struct{ text, bash string }

const maxCanaryBody = 32 << 20 // bytes; a request carries all tools, some 200 kB

func serveCanary() (*canaryAPI, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	path := "/" + randomHex()
	a := &canaryAPI{url: "http://" + l.Addr().String() + path, key: "canary-" + randomHex(), done: make(chan struct{})}
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+path+"/v1/messages", a.messages)
	a.server = &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() {
		defer close(a.done)
		_ = a.server.Serve(l) // ends with close
	}()
	return a, nil
}

func (a *canaryAPI) close() {
	_ = a.server.Close()
	<-a.done
}

// load scripts the next turn and forgets the requests before it.
func (a *canaryAPI) load(replies ...canaryReply) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.script, a.bodies = replies, nil
}

// seen returns the requests of the turn, one after the other, and whether one
// carried a foreign credential.
func (a *canaryAPI) seen() (bodies string, leaked bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return strings.Join(a.bodies, "\n"), a.leaked
}

func (a *canaryAPI) messages(w http.ResponseWriter, req *http.Request) {
	auth := strings.TrimSpace(strings.TrimPrefix(req.Header.Get("Authorization"), "Bearer"))
	ours := subtle.ConstantTimeCompare([]byte(req.Header.Get("X-Api-Key")), []byte(a.key)) == 1
	body, err := readCanaryBody(req)
	switch {
	case !ours || auth != "":
		a.mu.Lock()
		a.leaked = true
		a.mu.Unlock()
		http.Error(w, "not the canary's key", http.StatusUnauthorized)
	case err != nil:
		http.Error(w, err.Error(), http.StatusBadRequest)
	default:
		var call struct {
			Stream bool
			Tools  []struct{ Name string }
		}
		if err := json.Unmarshal(body, &call); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		writeCanary(w, a.next(string(body), len(call.Tools) > 0), call.Stream)
	}
}

func readCanaryBody(req *http.Request) ([]byte, error) {
	var src io.Reader = io.LimitReader(req.Body, maxCanaryBody)
	switch enc := req.Header.Get("Content-Encoding"); enc {
	case "", "identity":
	case "gzip":
		zr, err := gzip.NewReader(src)
		if err != nil {
			return nil, err
		}
		src = io.LimitReader(zr, maxCanaryBody)
	default:
		return nil, fmt.Errorf("content encoding %q", enc)
	}
	return io.ReadAll(src)
}

// next records a request and takes the scripted reply, if it is a turn's.
func (a *canaryAPI) next(body string, tools bool) canaryReply {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.bodies = append(a.bodies, body)
	if !tools || len(a.script) == 0 {
		return canaryReply{text: "done"}
	}
	r := a.script[0]
	a.script = a.script[1:]
	return r
}

// writeCanary writes a reply as the Messages API does: one message, streamed
// in a single piece or whole.
func writeCanary(w http.ResponseWriter, r canaryReply, stream bool) {
	id := randomHex()
	block, start := map[string]any{"type": "text", "text": r.text}, map[string]any{"type": "text", "text": ""}
	delta, stop := map[string]any{"type": "text_delta", "text": r.text}, "end_turn"
	if r.bash != "" {
		input := map[string]any{"command": r.bash, "description": "canary"}
		raw, _ := json.Marshal(input) // strings cannot fail
		block = map[string]any{"type": "tool_use", "id": "toolu_" + id, "name": "Bash", "input": input}
		start = map[string]any{"type": "tool_use", "id": "toolu_" + id, "name": "Bash", "input": map[string]any{}}
		delta, stop = map[string]any{"type": "input_json_delta", "partial_json": string(raw)}, "tool_use"
	}
	usage := map[string]any{"input_tokens": 1, "output_tokens": 1}
	message := func(content []any, stop any) map[string]any {
		return map[string]any{"id": "msg_" + id, "type": "message", "role": "assistant", "model": "canary",
			"content": content, "stop_reason": stop, "stop_sequence": nil, "usage": usage}
	}
	if !stream {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(message([]any{block}, stop)) // a CLI that went away is seen elsewhere
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	var out bytes.Buffer
	event := func(name string, v map[string]any) {
		v["type"] = name
		b, _ := json.Marshal(v)
		fmt.Fprintf(&out, "event: %s\ndata: %s\n\n", name, b)
	}
	event("message_start", map[string]any{"message": message([]any{}, nil)})
	event("content_block_start", map[string]any{"index": 0, "content_block": start})
	event("content_block_delta", map[string]any{"index": 0, "delta": delta})
	event("content_block_stop", map[string]any{"index": 0})
	event("message_delta", map[string]any{"delta": map[string]any{"stop_reason": stop, "stop_sequence": nil}, "usage": usage})
	event("message_stop", map[string]any{})
	_, _ = w.Write(out.Bytes())
}
