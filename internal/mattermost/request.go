package mattermost

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// maxAnswer caps a JSON answer: a page of 200 posts of the largest size is
// about 13 MB, a long thread comes whole.
const maxAnswer = 64 << 20

// repeat says when a request may be sent again after an attempt whose outcome
// is unknown (time-out, broken connection, 5xx).
type repeat int

const (
	repeatSafe    repeat = iota // doing it twice is the same as doing it once
	repeatPending               // carries a pending_post_id: safe within pendingWindow
	repeatNever
)

// request is one call of the API, as often as it takes.
type request struct {
	method  string
	path    []string // unescaped segments below /api/v4
	query   url.Values
	body    []byte
	mime    string // of body; "" means JSON
	repeat  repeat
	timeout time.Duration // of one attempt; 0 means the client's
}

// op names the request in errors and logs.
func (r *request) op() string { return r.method + " /" + strings.Join(r.path, "/") }

// sink consumes the body of a successful answer.
type sink func(*http.Response) error

// get fetches JSON into out.
func (c *Client) get(ctx context.Context, out any, query url.Values, path ...string) error {
	r := &request{method: http.MethodGet, path: path, query: query}
	return c.do(ctx, r, c.jsonInto(out))
}

// send sends in as JSON and decodes the answer into out, which may be nil.
func (c *Client) send(ctx context.Context, method string, how repeat, in, out any, path ...string) error {
	r := &request{method: method, path: path, repeat: how}
	if how == repeatPending {
		r.timeout = min(pendingTimeout, c.timeout)
	}
	if in != nil {
		body, err := json.Marshal(in)
		if err != nil {
			return fmt.Errorf("mattermost: %s: encoding the body: %w", r.op(), err)
		}
		r.body = body
	}
	return c.do(ctx, r, c.jsonInto(out))
}

// attempt sends the request once, under its own deadline.
func (c *Client) attempt(ctx context.Context, r *request, use sink) error {
	limit := r.timeout
	if limit == 0 {
		limit = c.timeout
	}
	inner, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	req, err := c.build(inner, r)
	if err != nil {
		return unsendable{fmt.Errorf("mattermost: %s: %w", r.op(), err)}
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return c.broken(ctx, r, limit, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return c.apiError(r.op(), resp)
	}
	if err := use(resp); err != nil {
		return c.broken(ctx, r, limit, err)
	}
	return nil
}

func (c *Client) build(ctx context.Context, r *request) (*http.Request, error) {
	address, err := c.address(r.path, r.query)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, r.method, address, bytes.NewReader(r.body))
	if err != nil {
		return nil, err
	}
	req.Header = c.header()
	if r.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if r.mime != "" {
		req.Header.Set("Content-Type", r.mime)
	}
	return req, nil
}

func (c *Client) header() http.Header {
	return http.Header{"Authorization": {"Bearer " + c.token}, "User-Agent": {userAgent}}
}

// address builds the URL of a call. A segment that is empty or a dot would
// silently be another call, so it is refused.
func (c *Client) address(path []string, query url.Values) (string, error) {
	var b strings.Builder
	b.WriteString(c.base + "/api/v4")
	for i, segment := range path {
		if segment == "" || segment == "." || segment == ".." {
			return "", fmt.Errorf("part %d of the path is %q: an id or name is missing", i+1, segment)
		}
		b.WriteString("/" + url.PathEscape(segment))
	}
	if len(query) > 0 {
		b.WriteString("?" + query.Encode())
	}
	return b.String(), nil
}

// broken describes an attempt that got no usable answer.
func (c *Client) broken(ctx context.Context, r *request, limit time.Duration, err error) error {
	var final unusable
	if errors.As(err, &final) {
		return unusable{c.clean(fmt.Errorf("mattermost: %s: %w", r.op(), final.error))}
	}
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err // the address adds nothing to the operation
	}
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		err = fmt.Errorf("no answer within %s: %w", limit, err)
	}
	return c.clean(fmt.Errorf("mattermost: %s: %w", r.op(), err))
}

// jsonInto reads a JSON answer of bounded size.
func (c *Client) jsonInto(out any) sink {
	return func(resp *http.Response) error {
		if out == nil {
			return nil
		}
		body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
		if err != nil {
			return fmt.Errorf("reading the answer: %w", err)
		}
		if len(body) > maxAnswer {
			return unusable{fmt.Errorf("the answer has more than %d bytes: %w", maxAnswer, ErrTooLarge)}
		}
		if err := json.Unmarshal(body, out); err != nil {
			kind := c.line(resp.Header.Get("Content-Type"))
			return unusable{fmt.Errorf("the answer (%s) is not the JSON that was expected, is the url right? %w", kind, err)}
		}
		return nil
	}
}
