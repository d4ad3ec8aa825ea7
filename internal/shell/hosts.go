package shell

import (
	"net/url"
	"regexp"
	"strings"
)

// HostOf returns the host that a URL or an scp-like address names, lower case
// and without a port. ok is false where programs may read it differently: user
// information with a second @, a backslash, letters outside ASCII, patterns.
func HostOf(text string) (host string, ok bool) {
	scheme, rest, found := strings.Cut(text, "://")
	if !found {
		return hostPart(text)
	}
	if scheme == "file" && strings.HasPrefix(rest, "/") {
		return "", true
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	host, ok = hostPart(rest[:end])
	if u, err := url.Parse(text); err != nil || !strings.EqualFold(strings.TrimSuffix(u.Hostname(), "."), host) {
		ok = false
	}
	return host, ok
}

var hostRE = regexp.MustCompile(`^([a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?|\[[0-9a-f:.%]+\])$`)

// hostPart reads USER@HOST:PORT.
func hostPart(s string) (string, bool) {
	ok := strings.Count(s, "@") <= 1 && !strings.ContainsAny(s, "\\\x00 \t\n{}%")
	if at := strings.LastIndex(s, "@"); at >= 0 {
		s = s[at+1:]
	}
	if strings.HasPrefix(s, "[") {
		if end := strings.Index(s, "]"); end > 0 {
			s = s[:end+1]
		}
	} else if host, _, cut := strings.Cut(s, ":"); cut {
		s = host
	}
	s = strings.TrimSuffix(strings.ToLower(s), ".")
	if !hostRE.MatchString(s) {
		ok = false
	}
	return strings.Trim(s, "[]"), ok
}

var urlRE = regexp.MustCompile(`[A-Za-z][A-Za-z0-9+.-]*://[^\s'"<>]+`)

// hostText notes the host of one address.
func (a *analyzer) hostText(text string) {
	host, ok := HostOf(text)
	if !ok {
		a.opaque("the host of " + text + " may be read in more than one way")
	}
	a.addHost(host)
}

// hostsOf notes every host that a command names.
func (a *analyzer) hostsOf(k call) {
	for _, w := range k.args() {
		if w.dynamic || !strings.Contains(w.text, "://") {
			continue
		}
		for _, u := range urlRE.FindAllString(w.text, 16) {
			a.hostText(u)
		}
	}
	args := k.args()
	switch k.name() {
	case "ssh", "mosh", "sftp", "ssh-copy-id",
		"telnet", "ftp",
		"nc", "ncat", "netcat",
		"ping", "ping6",
		"dig", "nslookup", "host", "whois",
		"traceroute", "tracepath", "mtr", "nmap",
		"ssh-keyscan":
		a.firstHost(k.name(), args)
	case "scp", "rsync":
		a.copyHosts(args, true)
	case "git":
		g := splitGit(args)
		switch g.sub {
		case "clone", "fetch", "pull", "push", "ls-remote", "remote", "submodule", "archive":
			a.copyHosts(g.args, g.sub == "clone" || g.sub == "ls-remote")
		}
	case "socat":
		a.socatHosts(args)
	case "psql", "mysql", "mariadb", "redis-cli", "mongosh", "clickhouse-client":
		a.clientHost(args)
	}
}

// firstHost notes the operand that is the address.
func (a *analyzer) firstHost(prog string, args []field) {
	flags := spec{short: "46AaCfGgKkMNnqsTtVvXxYyzluwkh", shortV: "BbcDeIJLmoOpQRSWwiEFP"}
	for _, w := range flags.scan(args).pos {
		if w.dynamic || strings.Contains(w.text, "://") {
			return
		}
		if prog == "dig" && strings.HasPrefix(w.text, "+") {
			continue
		}
		a.hostText(strings.TrimPrefix(w.text, "@"))
		if prog != "dig" {
			return
		}
	}
}

// copyHosts notes USER@HOST:PATH words. Where every word with a colon is one,
// a name without a dot is a host too; of git's words only the first may be.
func (a *analyzer) copyHosts(args []field, plain bool) {
	operand := 0
	for _, w := range args {
		if w.dynamic || strings.HasPrefix(w.text, "-") || strings.Contains(w.text, "://") {
			continue
		}
		operand++
		before, _, ok := strings.Cut(w.text, ":")
		if !ok || before == "" || strings.ContainsAny(before, "/+") || before == "HEAD" || strings.HasPrefix(w.text, before+"::") && (before == "ext" || before == "fd") {
			continue
		}
		if plain || operand == 1 || strings.ContainsAny(before, "@.") {
			a.hostText(before)
		}
	}
}

// socatHosts notes the addresses of TCP:HOST:PORT and its like.
func (a *analyzer) socatHosts(args []field) {
	for _, w := range args {
		kind, rest, ok := strings.Cut(w.text, ":")
		kind = strings.ToUpper(kind)
		if !ok || w.dynamic || strings.Contains(kind, "LISTEN") {
			continue
		}
		for _, net := range []string{"TCP", "UDP", "SSL", "OPENSSL", "SCTP", "SOCKS", "PROXY"} {
			if strings.HasPrefix(kind, net) {
				host, _, _ := strings.Cut(rest, ":")
				a.hostText(host)
			}
		}
	}
}

// clientHost notes -h HOST of a database client.
func (a *analyzer) clientHost(args []field) {
	for n, w := range args {
		value := ""
		switch {
		case (w.text == "-h" || w.text == "--host") && n+1 < len(args) && !args[n+1].dynamic:
			value = args[n+1].text
		case strings.HasPrefix(w.text, "--host="):
			value = w.text[len("--host="):]
		case len(w.text) > 2 && strings.HasPrefix(w.text, "-h"):
			value = w.text[2:]
		}
		if value != "" && !strings.HasPrefix(value, "/") {
			a.hostText(value)
		}
	}
}
