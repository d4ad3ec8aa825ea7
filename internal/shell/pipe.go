package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"ctpipe/pipeline"
)

// pipe walks both sides of a | and notes what is fed to an interpreter.
func (a *analyzer) pipe(c *syntax.BinaryCmd, sc scope) {
	from := len(a.f.Commands)
	left := sc
	left.out = false
	a.stmt(c.X, left)
	mid := len(a.f.Commands)
	right := sc
	right.stdin = true
	a.stmt(c.Y, right)
	for _, cmd := range a.f.Commands[min(mid, len(a.f.Commands)):] {
		if feeds(cmd) {
			a.f.Pipe.Interpreter = true
			a.f.Pipe.Decoded = a.f.Pipe.Decoded || anyDecodes(a.f.Commands[from:mid])
		}
	}
}

// feeds reports a command that runs what it reads.
func feeds(c pipeline.Command) bool {
	if isInterpreter(c.Prog) {
		return true
	}
	switch c.Prog {
	case "eval", "source", ".", "at", "batch", "crontab":
		return true
	}
	for _, v := range c.Via {
		if v == "xargs" || v == "parallel" {
			return isInterpreter(c.Prog) || len(c.Args) == 0
		}
	}
	return false
}

// noteFeed notes `bash <(curl …)`, `sh -c "$(curl …)"` and `sh <<< "$(…)"`.
func (a *analyzer) noteFeed(k call) {
	fed := k.sc.subst
	for _, w := range k.args() {
		fed = fed || w.subst
	}
	if !fed || k.sc.from > len(a.f.Commands) {
		return
	}
	a.f.Pipe.Interpreter = true
	a.f.Pipe.Decoded = a.f.Pipe.Decoded || anyDecodes(a.f.Commands[k.sc.from:])
}

func anyDecodes(list []pipeline.Command) bool {
	for _, c := range list {
		if decodes(c) {
			return true
		}
	}
	return false
}

// decodes reports a command whose output is not what a reader of the command
// line can see: fetched, decoded or unpacked.
func decodes(c pipeline.Command) bool {
	switch c.Prog {
	case "curl", "wget", "fetch", "aria2c", "http", "https", "xh", "nc", "ncat", "netcat", "socat", "ssh", "scp",
		"gunzip", "zcat", "bunzip2", "bzcat", "unxz", "xzcat", "zstdcat", "uudecode", "base32", "rev", "tr", "gpg", "ftp", "dig":
		return true
	case "base64", "basenc", "openssl", "xxd", "gzip", "bzip2", "xz", "zstd":
		for _, arg := range c.Args {
			if strings.HasPrefix(arg, "-") && strings.ContainsAny(arg, "dDrc") || arg == "enc" {
				return true
			}
		}
	case "printf", "echo":
		return strings.Contains(strings.Join(c.Args, " "), `\x`) || strings.Contains(strings.Join(c.Args, " "), `\0`)
	}
	return false
}

// isInterpreter reports programs that run code they are given.
func isInterpreter(prog string) bool {
	switch prog {
	case "sh", "bash", "zsh", "dash", "ksh", "mksh", "fish", "ash", "csh", "tcsh", "rbash", "pwsh", "elvish", "nu", "xonsh",
		"python", "node", "nodejs", "deno", "bun", "perl", "ruby", "php", "lua", "luajit", "tclsh", "wish", "osascript",
		"Rscript", "R",
		"julia", "groovy", "scala", "ghci",
		"guile", "racket", "irb",
		"ts-node", "tsx", "expect", "jshell",
		"pypy", "pypy3", "ipython":
		return true
	}
	return isPython(prog)
}

// isPython reports python3, python3.12 and their like.
func isPython(prog string) bool {
	rest, ok := strings.CutPrefix(prog, "python")
	return ok && strings.Trim(rest, "0123456789.") == ""
}
