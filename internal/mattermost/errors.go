package mattermost

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// What an APIError can be asked for with errors.Is. Note that Mattermost
// answers 403, not 404, to a change of a post that is deleted or unknown.
var (
	ErrUnauthorized = errors.New("token refused")
	ErrForbidden    = errors.New("not permitted")
	ErrNotFound     = errors.New("not found")
	ErrRateLimited  = errors.New("rate limited")
	ErrTooLong      = errors.New("message too long")          // more runes than ServerLimits.MaxPostRunes
	ErrBadRoot      = errors.New("root post gone or no root") // deleted, unknown, or itself a reply
	ErrArchived     = errors.New("channel archived")
)

var (
	// ErrOutcomeUnknown wraps the error of a call that may or may not have been
	// carried out: it was not repeated, or no longer, for fear of doing it twice.
	// A post that was made after all arrives as Posted with its PendingID.
	ErrOutcomeUnknown = errors.New("outcome unknown")
	// ErrTooLarge says that an answer or a file exceeds the limit set for it.
	ErrTooLarge = errors.New("too large")
)

const (
	maxErrorBody = 64 << 10
	maxErrorText = 400
)

// APIError is a refusal by the server, with the token masked in its texts.
type APIError struct {
	Op         string        // "POST /posts"
	Status     int           // HTTP status
	ID         string        // Mattermost's error id; "" if the answer was not Mattermost's JSON
	Message    string        // for people; one line
	RetryAfter time.Duration // 429 and 503 only: how long the server wants to be left alone
	RequestID  string        // what to look for in the server's log
}

// Error gives operation, status, id, text and request id in one line.
func (e *APIError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "mattermost: %s: %d", e.Op, e.Status)
	if e.ID != "" {
		b.WriteString(" " + e.ID)
	}
	if e.Message != "" {
		b.WriteString(": " + e.Message)
	}
	if e.RetryAfter > 0 {
		fmt.Fprintf(&b, ", retry after %s", e.RetryAfter)
	}
	if e.RequestID != "" {
		b.WriteString(" (request " + e.RequestID + ")")
	}
	return b.String()
}

// Is lets errors.Is match the sentinels of this package by status and id.
func (e *APIError) Is(target error) bool {
	switch target {
	case ErrUnauthorized:
		return e.Status == http.StatusUnauthorized
	case ErrForbidden:
		return e.Status == http.StatusForbidden
	case ErrNotFound:
		return e.Status == http.StatusNotFound
	case ErrRateLimited:
		return e.Status == http.StatusTooManyRequests
	case ErrTooLong:
		return e.ID == "model.post.is_valid.msg.app_error"
	case ErrBadRoot:
		return e.ID == "api.post.create_post.root_id.app_error"
	case ErrArchived:
		return e.ID == "api.post.create_post.can_not_post_to_deleted.error"
	}
	return false
}

// apiError turns an answer that is no success into an APIError. It reads the body.
func (c *Client) apiError(op string, resp *http.Response) *APIError {
	e := &APIError{Op: op, Status: resp.StatusCode, RequestID: resp.Header.Get("X-Request-Id")}
	body, _ := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody))
	var parsed struct {
		ID        string `json:"id"`
		Message   string `json:"message"`
		RequestID string `json:"request_id"`
	}
	switch {
	case json.Unmarshal(body, &parsed) == nil && parsed.ID != "":
		e.ID, e.Message = parsed.ID, parsed.Message
		if parsed.RequestID != "" {
			e.RequestID = parsed.RequestID
		}
	case resp.StatusCode >= 300 && resp.StatusCode < 400:
		e.Message = "redirected to " + resp.Header.Get("Location") + ": is the url right?"
	case strings.HasPrefix(resp.Header.Get("Content-Type"), "text/plain"):
		e.Message = string(body)
	default:
		e.Message = http.StatusText(resp.StatusCode) + " (not an answer of Mattermost)"
	}
	if e.Status == http.StatusTooManyRequests || e.Status == http.StatusServiceUnavailable {
		e.RetryAfter = retryAfter(resp.Header, c.now())
	}
	e.ID, e.Message, e.RequestID = c.line(e.ID), c.line(e.Message), c.line(e.RequestID)
	return e
}

// line makes a foreign text fit for one line of a log: masked, no control
// characters, not endless.
func (c *Client) line(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, c.mask(text))
	text = strings.TrimSpace(text)
	if len(text) > maxErrorText {
		text = strings.ToValidUTF8(text[:maxErrorText], "") + "…"
	}
	return text
}

// retryAfter reads Retry-After (seconds or a date) and, without it,
// X-Ratelimit-Reset, which is the longer time until the whole burst is free again.
func retryAfter(h http.Header, now time.Time) time.Duration {
	value := h.Get("Retry-After")
	if value == "" {
		value = h.Get("X-Ratelimit-Reset")
	}
	if seconds, err := strconv.ParseUint(strings.TrimSpace(value), 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}

// neverSent reports whether the request cannot have reached the server.
func neverSent(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}
