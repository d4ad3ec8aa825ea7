package app

import (
	"io"

	"ctpipe/internal/rules"
	"ctpipe/internal/secrets"
)

// Options are what the command line says.
type Options struct {
	Rules   string       // the policy file, as given
	Flags   rules.Flags  // that stand for keys of rules.toml, as written
	Env     *secrets.Env // where tokens and settings are looked up
	Version string       // of ctpipe, as people read it

	Stdout io.Writer // what was found at the start, and where the chat is
	Stderr io.Writer // the log, and mistakes in rules.toml
}

// SetupError is something that must be mended before ctpipe can run: rules.toml,
// a flag, the machine, a token.
type SetupError struct{ Err error }

// Error is the text of Err.
func (e *SetupError) Error() string { return e.Err.Error() }

// Unwrap gives Err.
func (e *SetupError) Unwrap() error { return e.Err }
