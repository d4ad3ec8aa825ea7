package playground

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"syscall"
	"time"
)

const (
	botName     = "claude-code"
	teamName    = "main"
	channelName = "playground"
)

// Server is a playground. Its methods may be called from any goroutine.
type Server struct {
	cfg    Config
	listen netip.AddrPort

	team    wireTeam
	channel wireChannel

	// Until Start these are unset; afterwards they do not change.
	ln    net.Listener
	http  *http.Server
	hosts []string // what a Host header may say

	authWait time.Duration // how long a socket may stay silent about who it is
	sockets  sync.WaitGroup
	closing  chan struct{} // closed by Close

	mu       sync.Mutex // guards what follows
	accounts []*account
	store    store
	conns    map[*conn]struct{}
	code     string // one-use; "" once used
	key      string // what the code is exchanged for
	lastTick int64
	around   func(http.Handler) http.Handler // of the API; nil serves it as it is
	frozen   bool                            // sockets stay open, and nothing comes from them
	closed   bool
}

// New makes a playground without listening yet.
func New(cfg Config) (*Server, error) {
	cfg = cfg.withDefaults()
	listen, err := loopback(cfg.Listen)
	if err != nil {
		return nil, err
	}
	s := &Server{cfg: cfg, listen: listen, authWait: 5 * time.Second, closing: make(chan struct{}), conns: map[*conn]struct{}{}, store: newStore()}
	now := s.tick()
	s.team = wireTeam{ID: newID(), CreateAt: now, UpdateAt: now, DisplayName: "Main", Name: teamName, Type: "O", InviteID: newID()}
	s.channel = wireChannel{
		ID: newID(), CreateAt: now, UpdateAt: now, TeamID: s.team.ID, Type: "O", DisplayName: "Playground",
		Name: channelName, Purpose: "Talk to @" + botName + " here", LastPostAt: now,
	}
	for _, a := range firstAccounts() {
		a.id, a.member, a.createAt, a.updateAt = newID(), true, now, now
		if a.token, err = newSecret(cfg.Rand); err != nil {
			return nil, err
		}
		s.accounts = append(s.accounts, a)
	}
	if s.code, err = newSecret(cfg.Rand); err != nil {
		return nil, err
	}
	if s.key, err = newSecret(cfg.Rand); err != nil {
		return nil, err
	}
	return s, nil
}

// Start listens and serves until Close. The error says which address was taken
// and how to change it.
func (s *Server) Start() error {
	ln, err := net.Listen("tcp", s.listen.String())
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("playground address %s is taken by another program; %s: %w", s.listen, howToChange, err)
	}
	if err != nil {
		return fmt.Errorf("listening on %s for the playground; %s: %w", s.listen, howToChange, err)
	}
	_, port, err := net.SplitHostPort(ln.Addr().String())
	if err != nil {
		_ = ln.Close()
		return fmt.Errorf("reading the playground's own address: %w", err)
	}
	s.ln = ln
	s.hosts = []string{"127.0.0.1:" + port, "localhost:" + port, "[::1]:" + port, ln.Addr().String()}
	s.http = &http.Server{
		Handler:           s.guard(s.routes()),
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
	}
	go func() {
		if err := s.http.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
			s.cfg.Log.Error("playground stopped serving", "err", err)
		}
	}()
	return nil
}

// Close ends every websocket without a close frame, as a stopping Mattermost
// does, and waits for running requests until ctx ends.
func (s *Server) Close(ctx context.Context) error {
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		close(s.closing)
	}
	s.mu.Unlock()
	if s.http == nil {
		return nil
	}
	s.dropSockets()
	err := s.http.Shutdown(ctx)
	if err != nil {
		_ = s.http.Close()
	}
	s.dropSockets()
	s.sockets.Wait()
	if err != nil {
		return fmt.Errorf("closing the playground: %w", err)
	}
	return nil
}

// APIURL is the base URL for a Mattermost client; it is known after Start.
func (s *Server) APIURL() string { return "http://" + s.ln.Addr().String() }

// URL is the page's whole URL, with the one-use code in the fragment. It is
// worth a root shell: print it for the person who started ctpipe, never log it.
func (s *Server) URL() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.APIURL() + "/#" + s.code
}

// BotToken is the Bearer token of the bot account.
func (s *Server) BotToken() string { return s.tokenFor(botName) }

// tokenFor gives the API token of an account, "" if there is none.
func (s *Server) tokenFor(name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a := s.accountByName(name); a != nil {
		return a.token
	}
	return ""
}

// BotName is the bot's user name.
func (s *Server) BotName() string { return botName }

// ChannelID is the id of the one channel.
func (s *Server) ChannelID() string { return s.channel.ID }

// UserID gives the id of a user by name, "" if there is none.
func (s *Server) UserID(name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a := s.accountByName(name); a != nil {
		return a.id
	}
	return ""
}

// tick gives the present in Unix milliseconds and never the same value twice:
// clients tell versions of a post apart by its edit_at, and an in-memory server
// is fast enough to edit twice in a millisecond.
func (s *Server) tick() int64 {
	s.lastTick = max(s.cfg.Now().UnixMilli(), s.lastTick+1)
	return s.lastTick
}

func requestID() string { return rand.Text() }
