package session

import "ctpipe/internal/claude"

// exits ends the agent on its own.
func (a *fakeAgent) exits(code int) { a.h.Exit(claude.Exit{Code: code}) }
