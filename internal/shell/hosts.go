package shell

import (
	"net/url"
	"regexp"
	"strings"

	"ctpipe/pipeline"
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
	case "ssh", "mosh", "sftp", "ssh-copy-id", "telnet", "ftp", "nc", "ncat", "netcat", "ping", "ping6", "dig", "nslookup", "host", "whois", "traceroute", "tracepath", "mtr", "nmap", "ssh-keyscan":
		a.firstHost(k.name(), args)
	case "scp", "rsync":
		a.copyHosts(args)
	case "git":
		g := splitGit(args)
		switch g.sub {
		case "clone", "fetch", "pull", "push", "ls-remote", "remote", "submodule":
			a.copyHosts(g.args)
		}
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

// copyHosts notes USER@HOST:PATH words.
func (a *analyzer) copyHosts(args []field) {
	for _, w := range args {
		if w.dynamic || strings.HasPrefix(w.text, "-") || strings.Contains(w.text, "://") {
			continue
		}
		before, _, ok := strings.Cut(w.text, ":")
		if ok && before != "" && !strings.Contains(before, "/") && !strings.HasPrefix(before, "+") && (strings.ContainsAny(before, "@.") || !strings.Contains(w.text, "refs/")) && before != "HEAD" {
			if strings.Contains(before, "@") || strings.Contains(before, ".") {
				a.hostText(before)
			}
		}
	}
}

// fetchValues are options of curl and wget with a separate value.
const fetchValues = " -H --header -X --request -A --user-agent -e --referer -u --user -b --cookie -m --max-time --connect-timeout --retry -w --write-out -x --proxy --resolve --limit-rate -t --tries -T --timeout -U -Q -r --range -z --cacert --capath -E --cert --key --max-redirs --data-urlencode-x --interface --ciphers --tls-max "

// classFetch: curl and wget. Bare words are addresses.
func classFetch(a *analyzer, k call, p *pipeline.Command, i int) {
	p.Class = pipeline.ClassNet
	args := k.args()
	for n := 0; n < len(args); n++ {
		w := args[n]
		name, value, attached := strings.Cut(w.text, "=")
		switch {
		case w.dynamic:
		case !strings.HasPrefix(w.text, "-"):
			a.fetchHost(w)
		case fetchFile(name) != 0:
			if !attached && n+1 < len(args) {
				n++
				value = args[n].text
			}
			a.fetchPath(name, value, k, i)
		case !attached && p.Prog == "curl" && strings.Contains(fetchValues, " "+name+" ") && !(name == "-T"):
			n++
			if (name == "-x" || name == "--proxy") && n < len(args) {
				a.fetchHost(args[n])
			}
		case name == "--url" && attached:
			a.fetchHost(field{text: value})
		case len(w.text) > 2 && w.text[1] != '-' && strings.HasSuffix(w.text, "o") && n+1 < len(args): // -sSLo FILE
			n++
			a.argPath(args[n], Path{Cmd: i, Write: true}, k.sc)
		}
	}
}

// fetchFile says whether an option names a file: 'w' to write, 'r' to read.
func fetchFile(name string) byte {
	switch name {
	case "-o", "--output", "-O-", "--output-document", "-D", "--dump-header", "-c", "--cookie-jar", "--trace", "--trace-ascii", "--output-dir", "-P", "--directory-prefix", "--stderr", "--output-file", "--etag-save":
		return 'w'
	case "-T", "--upload-file", "-d", "--data", "--data-binary", "--data-raw", "--data-urlencode", "--json", "-F", "--form", "-K", "--config", "--post-file", "--body-file", "-i-", "--input-file":
		return 'r'
	}
	return 0
}

func (a *analyzer) fetchPath(name, value string, k call, i int) {
	switch {
	case name == "-K" || name == "--config" || name == "--input-file":
		a.opaque("addresses and options come from the file " + value)
		a.argPath(field{text: value}, Path{Cmd: i}, k.sc)
	case fetchFile(name) == 'w':
		a.argPath(field{text: value}, Path{Cmd: i, Write: true}, k.sc)
	case name == "-T" || name == "--upload-file" || name == "--post-file" || name == "--body-file":
		a.argPath(field{text: value}, Path{Cmd: i}, k.sc)
	default:
		if _, file, ok := strings.Cut(value, "@"); ok {
			file, _, _ = strings.Cut(file, ";")
			a.argPath(field{text: file}, Path{Cmd: i}, k.sc)
		} else if _, file, ok := strings.Cut(value, "=<"); ok {
			a.argPath(field{text: file}, Path{Cmd: i}, k.sc)
		}
	}
}

// fetchHost notes a bare address; curl expands {} and [] in it.
func (a *analyzer) fetchHost(w field) {
	if w.glob && strings.Contains(w.text, "[") && !strings.Contains(w.text, "://[") {
		a.opaque("the address " + w.text + " is a pattern")
	}
	if strings.Contains(w.text, "://") {
		return // hostsOf sees it
	}
	text := w.text
	if end := strings.IndexAny(text, "/?#"); end >= 0 {
		text = text[:end]
	}
	a.hostText(text)
}
