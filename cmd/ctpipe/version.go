package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// Set by the Makefile: -ldflags "-X main.version=… -X main.commit=…".
var (
	version = "0.1.0-dev"
	commit  = ""
)

var versionCommand = declaration{
	name: "version",
	doc:  "print version, commit and Go version",
	do:   printVersion,
}

func printVersion(c *subcommand, args []string) int {
	if code, done := c.parse(args, 0); done {
		return code
	}
	fmt.Fprintln(c.stdout, versionText())
	return exitOK
}

// versionText is what `ctpipe version` prints.
func versionText() string {
	c := commit
	if info, ok := debug.ReadBuildInfo(); c == "" && ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				c = s.Value[:min(12, len(s.Value))]
			}
		}
	}
	if c == "" {
		c = "unknown"
	}
	return fmt.Sprintf("ctpipe %s commit %s %s %s/%s", version, c, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
