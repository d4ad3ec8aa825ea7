package secrets

import (
	"maps"
	"os"
	"slices"
)

// Env is the environment of the process together with the secrets that Hide
// took out of it. The zero value is the environment alone. It is safe for
// concurrent use.
type Env struct {
	taken map[string]string // by variable; and flagToken
}

// flagToken stands among the secrets that were taken for the token that was
// given on the command line.
const flagToken = "-token"

// Lookup is os.LookupEnv, and finds what Hide took away too.
func (e *Env) Lookup(name string) (string, bool) {
	if v, ok := e.taken[name]; ok {
		return v, true
	}
	return os.LookupEnv(name)
}

// FlagToken is the token that stood on the command line, "" if none did.
func (e *Env) FlagToken() string { return e.taken[flagToken] }

// Values are all secrets that were taken.
func (e *Env) Values() []string { return slices.Collect(maps.Values(e.taken)) }
