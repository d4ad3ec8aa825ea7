package mattermost

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"
)

// defaultTimeout is how long one attempt of a request may take.
const defaultTimeout = 30 * time.Second

const userAgent = "ctpipe"

// Config says which server to speak to, and as whom.
type Config struct {
	// URL is the server's address as people type it into a browser, with the
	// sub-path if it has one: "https://chat.example.org/team".
	URL string
	// Token is a personal access token or bot token, sent as Bearer.
	Token string
	// HTTP carries the requests; nil means a client of its own. Dialling, proxy
	// and TLS settings of an *http.Transport are used for the websocket too.
	// Redirects are never followed: the token stays with the configured server.
	HTTP *http.Client
	// Log receives retries and state changes; nil means slog.Default().
	Log *slog.Logger
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Timeout bounds every attempt of a request, body included, and the
	// websocket handshake; 0 means 30 seconds. File transfers get four times it.
	Timeout time.Duration
}

// Client calls one server with one token. It is safe for concurrent use.
type Client struct {
	base    string // without a trailing slash
	token   string
	http    *http.Client
	log     *slog.Logger
	now     func() time.Time
	timeout time.Duration
	pace    pace
}

// New checks the configuration and makes a Client. It does not connect.
func New(cfg Config) (*Client, error) {
	base, err := parseBase(cfg.URL)
	if err != nil {
		return nil, err
	}
	if err := checkToken(cfg.Token); err != nil {
		return nil, err
	}
	c := &Client{base: base, token: cfg.Token, log: cfg.Log, now: cfg.Now, timeout: cfg.Timeout}
	if c.log == nil {
		c.log = slog.Default()
	}
	if c.now == nil {
		c.now = time.Now
	}
	if c.timeout <= 0 {
		c.timeout = defaultTimeout
	}
	c.http = httpClient(cfg.HTTP)
	return c, nil
}

// Permalink is the address under which people open a post; team is its name.
func (c *Client) Permalink(team, postID string) string {
	return c.base + "/" + url.PathEscape(team) + "/pl/" + url.PathEscape(postID)
}

func httpClient(given *http.Client) *http.Client {
	client := http.Client{}
	if given != nil {
		client = *given
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &client
}

func parseBase(raw string) (string, error) {
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil {
		return "", errors.New("mattermost url cannot be parsed: expected something like https://chat.example.org")
	}
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return "", fmt.Errorf("mattermost url %q: expected http:// or https://", u.Redacted())
	case u.Host == "":
		return "", fmt.Errorf("mattermost url %q has no host", u.Redacted())
	case u.User != nil:
		return "", fmt.Errorf("mattermost url %q: a name or password does not belong into the url", u.Redacted())
	case u.RawQuery != "" || u.Fragment != "":
		return "", fmt.Errorf("mattermost url %q: expected no query and no fragment", u.Redacted())
	}
	return strings.TrimRight(u.String(), "/"), nil
}

func checkToken(token string) error {
	if token == "" {
		return errors.New("mattermost token is empty")
	}
	for _, r := range token {
		if r > unicode.MaxASCII || !unicode.IsPrint(r) || r == ' ' {
			return errors.New("mattermost token holds white space or a character that no token has")
		}
	}
	return nil
}

// mask hides the token wherever a text holds it.
func (c *Client) mask(text string) string {
	return strings.ReplaceAll(text, c.token, "•••")
}

// clean returns err unless its text holds the token; then the text survives,
// masked, and the chain of causes is dropped.
func (c *Client) clean(err error) error {
	if err == nil || !strings.Contains(err.Error(), c.token) {
		return err
	}
	return errors.New(c.mask(err.Error()))
}
