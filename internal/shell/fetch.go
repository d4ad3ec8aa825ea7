package shell

import (
	"path"
	"strings"

	"ctpipe/pipeline"
)

// Options of curl and wget with a value that is neither a file nor an address,
// and the letters of all that take one.
const (
	curlLetters = "AbcCdDeEFhHKmoPQrtTuUwxXyYz"
	wgetLetters = "aABDeiIlOoPQRtTUwX"
	fetchValues = " " +
		"-H --header " +
		"-X --request " +
		"-A --user-agent -e --referer " +
		"-u --user " +
		"-b --cookie " +
		"-m --max-time --connect-timeout --retry " +
		"-w --write-out --limit-rate " +
		"-t --tries --timeout " +
		"-U -Q " +
		"-r --range " +
		"-z -E -C -h -y -Y -B -l -R -I -a " +
		"--interface --ciphers --tls-max " +
		"--max-redirs --retry-delay --retry-max-time " +
		"--wait --quota --level " +
		"--accept --reject --header "
)

// fetch is one command line of curl or wget.
type fetch struct {
	a    *analyzer
	k    call
	i    int
	curl bool
	urls []field
	dir  string // where files with the server's names go
	out  bool   // an output file is named
	own  bool   // files get the last part of the address as name
}

// classFetch: curl and wget. Bare words are addresses.
func classFetch(a *analyzer, k call, p *pipeline.Command, i int) {
	p.Class = pipeline.ClassNet
	f := &fetch{a: a, k: k, i: i, curl: p.Prog == "curl"}
	f.own = !f.curl
	args := k.args()
	for n := 0; n < len(args); n++ {
		w := args[n]
		switch {
		case w.dynamic:
		case len(w.text) < 2 || w.text[0] != '-':
			f.urls = append(f.urls, w)
			a.fetchHost(w)
		case w.text[1] == '-':
			name, value, attached := strings.Cut(w.text, "=")
			if !attached && f.valued(name) && n+1 < len(args) {
				n++
				value = args[n].text
			}
			f.option(name, value)
		default:
			n += f.letters(w.text, args[n+1:])
		}
	}
	f.saves()
}

// letters goes through a cluster like -sSLo FILE; it returns how many more
// words it took.
func (f *fetch) letters(text string, more []field) int {
	valued := wgetLetters
	if f.curl {
		valued = curlLetters
	}
	for j := 1; j < len(text); j++ {
		name := "-" + text[j:j+1]
		if strings.IndexByte(valued, text[j]) < 0 {
			f.option(name, "")
			continue
		}
		if value := text[j+1:]; value != "" {
			f.option(name, strings.TrimPrefix(value, "="))
			return 0
		}
		if len(more) == 0 {
			return 0
		}
		f.option(name, more[0].text)
		return 1
	}
	return 0
}

// valued reports long options whose value may be the next word.
func (f *fetch) valued(name string) bool {
	switch name {
	case "--url", "--proxy", "--preproxy",
		"--resolve", "--connect-to", "--unix-socket",
		"--cacert", "--capath", "--cert", "--key",
		"--data-urlencode", "--doh-url",
		"--socks5", "--socks5-hostname", "--base":
		return true
	}
	return f.file(name) != 0 || strings.Contains(fetchValues, " "+name+" ")
}

// file says whether an option names a file: 'w' to write, 'r' to read, 'd' a
// directory for files, 'l' a list of addresses or options.
func (f *fetch) file(name string) byte {
	switch name {
	case "--output", "--output-document",
		"--dump-header", "--cookie-jar",
		"--trace", "--trace-ascii", "--stderr",
		"--output-file", "--append-output",
		"--etag-save", "--save-cookies", "--hsts-file", "--warc-file",
		"-o", "--libcurl":
		return 'w'
	case "--upload-file",
		"--data", "--data-binary", "--data-raw", "--data-urlencode", "--data-ascii", "--json",
		"--form", "--post-file", "--body-file",
		"--load-cookies", "--cert", "--key", "--cacert":
		return 'r'
	case "--output-dir", "--directory-prefix", "-P":
		return 'd'
	case "--config", "--input-file", "-K", "-i":
		return 'l'
	}
	switch {
	case f.curl && (name == "-D" || name == "-c"), !f.curl && (name == "-O" || name == "-a"):
		return 'w'
	case f.curl && (name == "-T" || name == "-d" || name == "-F" || name == "-E"):
		return 'r'
	}
	return 0
}

func (f *fetch) option(name, value string) {
	if f.curl && name == "-P" || f.curl && name == "-i" || !f.curl && name == "-K" {
		return // they name no file there
	}
	switch name {
	case "--url", "--proxy", "--preproxy", "-x", "--socks5", "--socks5-hostname", "--doh-url", "--base":
		if f.curl || name == "--base" {
			f.a.fetchHost(field{text: value})
		}
		return
	case "--connect-to", "--resolve", "--unix-socket", "--abstract-unix-socket":
		if name == "--resolve" && !strings.HasPrefix(value, "+") {
			return // an address for a host that is named
		}
		f.a.opaque(name + " connects elsewhere than the address says")
		return
	case "-O", "--remote-name", "--remote-name-all":
		f.own = f.own || f.curl
	case "-J", "--remote-header-name", "--content-disposition", "-r", "--recursive", "-m", "--mirror", "-p", "--page-requisites":
		if !f.curl || name == "-J" || name == "--remote-header-name" {
			f.a.f.PathsKnown = f.a.f.PathsKnown && f.k.sc.away // the server names the files
		}
	}
	kind := f.file(name)
	switch {
	case value == "" || value == "-":
		f.out = f.out || kind == 'w' && value == "-"
	case kind == 'l':
		f.a.opaque("addresses and options come from the file " + value)
		f.path(value, false)
	case kind == 'd':
		f.dir = value
		f.path(value, true)
	case kind == 'w':
		f.out = f.out || name == "-O" || name == "--output-document"
		f.path(value, true)
	case kind == 'r':
		f.sends(name, value)
	}
}

// sends records the file whose content goes out: all of some options' value,
// behind an @ or < in that of others.
func (f *fetch) sends(name, value string) {
	switch name {
	case "-T", "--upload-file", "--post-file", "--body-file", "--load-cookies", "--cert", "-E", "--key", "--cacert":
		f.path(value, false)
		return
	}
	if _, file, ok := strings.Cut(value, "@"); ok {
		file, _, _ = strings.Cut(file, ";")
		f.path(file, false)
	} else if _, file, ok := strings.Cut(value, "=<"); ok {
		f.path(file, false)
	}
}

func (f *fetch) path(name string, write bool) {
	f.a.argPath(field{text: name}, Path{Cmd: f.i, Write: write}, f.k.sc)
}

// saves records the files that are called as the address ends.
func (f *fetch) saves() {
	if !f.own || f.out {
		return
	}
	for _, u := range f.urls {
		text, _, _ := strings.Cut(u.text, "#")
		if f.curl {
			text, _, _ = strings.Cut(text, "?")
		}
		if _, rest, ok := strings.Cut(text, "://"); ok {
			text = rest
		}
		name := path.Base(text)
		if !strings.Contains(text, "/") || strings.HasSuffix(text, "/") {
			name = "index.html"
		}
		f.path(path.Join(f.dir, name), true)
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
