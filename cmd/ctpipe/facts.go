package main

import (
	"errors"
	"fmt"
	"os"

	"ctpipe/internal/home"
	"ctpipe/internal/shell"
)

var factsCommand = declaration{
	name: "facts",
	args: "'COMMAND LINE'",
	doc:  "say what is known about a command line before it runs",
	do:   facts,
}

// facts prints what the shell stage sees in a command line.
func facts(c *subcommand, args []string) int {
	asJSON := c.flags.Bool("json", false, "print the facts as JSON")
	cwd := c.flags.String("cwd", "", "the `directory` that the shell starts in (default: this one)")
	if code, done := c.parse(args, 1); done {
		return code
	}
	if len(c.words) != 1 {
		return c.bad(errors.New("want one command line, quoted: ctpipe facts 'git push -f'"))
	}
	if *cwd == "" {
		*cwd, _ = os.Getwd() // without one, relative paths are unknown
	}
	f := shell.Analyze(c.word(0), shell.Options{Cwd: *cwd, Home: home.Dir()})
	if !*asJSON {
		fmt.Fprint(c.stdout, shell.Describe(f))
		return exitOK
	}
	text, err := shell.JSON(f)
	if err != nil {
		return c.bad(err)
	}
	fmt.Fprintf(c.stdout, "%s\n", text)
	return exitOK
}
