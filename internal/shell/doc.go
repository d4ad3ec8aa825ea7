// Package shell finds out, without running anything, what a command line would
// start: every simple command with its class, the paths it names, the hosts it
// reaches, and whether something about it can only be known when it runs.
//
// It is pure: it never looks at the file system. What needs the world (links,
// globs, secrets below a directory, a repository's configuration) is left to
// the stages that call it, and said so in the facts.
//
// Two words are used throughout. Facts are unknown when the text could not be
// understood at all: a parse error, control characters, too long, too deep.
// They are opaque when it was understood but something stays hidden until it
// runs: a dynamic word, eval, a pipe into a shell. Neither is ever class read.
package shell
