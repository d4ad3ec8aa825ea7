package playground

import (
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"time"
)

// defaultListen is where the playground listens when nothing else is set.
const defaultListen = "127.0.0.1:8765"

// Config is what New needs; every field may be left out.
type Config struct {
	Listen  string           // host:port, loopback only; "" is DefaultListen, port 0 picks a free one
	Allowed []string         // user names that the page labels as allowed; rules decide, not this list
	Log     *slog.Logger     // nil discards
	Now     func() time.Time // nil is time.Now
	Rand    io.Reader        // source of the code, the key and the tokens; nil is crypto/rand
}

func (c Config) withDefaults() Config {
	if c.Listen == "" {
		c.Listen = defaultListen
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Rand == nil {
		c.Rand = rand.Reader
	}
	return c
}

// howToChange is appended to every error about the listen address.
const howToChange = `change it with [playground] listen in rules.toml or -listen`

// loopback reads a listen address and refuses everything but loopback.
// "localhost" is taken as 127.0.0.1 and never looked up: a resolver could say
// something else.
func loopback(listen string) (netip.AddrPort, error) {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("playground address %q is not host:port, like %q; %s", listen, defaultListen, howToChange)
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("playground address %q: port %q is not a number from 0 to 65535; %s", listen, port, howToChange)
	}
	if host == "localhost" {
		host = "127.0.0.1"
	}
	ip, err := netip.ParseAddr(host)
	if err != nil || !ip.Unmap().IsLoopback() || ip.Zone() != "" {
		return netip.AddrPort{}, fmt.Errorf("playground address %q is not a loopback address: whoever reaches the playground can drive Claude, "+
			"so it listens on 127.0.0.1, [::1] or localhost only; %s", listen, howToChange)
	}
	return netip.AddrPortFrom(ip.Unmap(), uint16(n)), nil
}
