package claudetest

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Request is one recorded request. Headers that carry credentials are not kept.
type Request struct {
	Method, Path string
	Lane         string // which lane answered: "main", "side" or a lane's name
	Body         []byte
	Header       http.Header
	Call         Call // decoded body of /v1/messages
}

// Call is the part of a Messages API request that replies are chosen by.
type Call struct {
	Model    string          `json:"model"`
	Stream   bool            `json:"stream"`
	System   json.RawMessage `json:"system"`
	Messages []struct {
		Role    string          `json:"role"`
		Content json.RawMessage `json:"content"`
	} `json:"messages"`
	Tools []struct {
		Type string `json:"type"`
		Name string `json:"name"`
	} `json:"tools"`
}

// Contains reports whether the raw body holds text, as JSON would write it.
func (r Request) Contains(text string) bool {
	q, _ := json.Marshal(text)
	return strings.Contains(string(r.Body), string(q[1:len(q)-1]))
}

// firstUser is the conversation's first user message, as JSON.
func (c Call) firstUser() string {
	for _, m := range c.Messages {
		if m.Role == "user" {
			return string(m.Content)
		}
	}
	return ""
}

// hasClientTools tells a turn of the conversation from a side request, which
// carries no tools or only the server's own (web search).
func (c Call) hasClientTools() bool {
	for _, t := range c.Tools {
		if t.Type == "" || t.Type == "custom" {
			return true
		}
	}
	return false
}

func readRequest(req *http.Request) (Request, error) {
	var src io.Reader = req.Body
	if req.Header.Get("Content-Encoding") == "gzip" {
		zr, err := gzip.NewReader(req.Body)
		if err != nil {
			return Request{}, fmt.Errorf("reading gzip body: %w", err)
		}
		src = zr
	}
	body, err := io.ReadAll(src)
	if err != nil {
		return Request{}, fmt.Errorf("reading body: %w", err)
	}
	h := req.Header.Clone()
	for _, k := range []string{"X-Api-Key", "Authorization", "Cookie"} {
		h.Del(k)
	}
	return Request{Method: req.Method, Path: req.URL.Path, Body: body, Header: h}, nil
}
