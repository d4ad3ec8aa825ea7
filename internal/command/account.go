package command

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"ctpipe/internal/markdown"
	"ctpipe/internal/paginate"
	"ctpipe/pipeline"
)

// userName is what a name on the server looks like. Anything else is nobody's,
// however much it looks like somebody's.
var userName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]*$`)

// bareName is a user name without its @.
func bareName(name string) string { return strings.ToLower(strings.TrimPrefix(name, "@")) }

// account is the account that a name means now; the error is a UserError.
func (c Call) account(ctx context.Context, name string) (pipeline.User, error) {
	bare := bareName(name)
	if !userName.MatchString(bare) {
		return pipeline.User{}, UserError("⚠️ " + markdown.CodeSpan(paginate.Cut(name, 64)) + " is no user name" + lookAlikes(bare))
	}
	u, found, err := c.Host.Account(ctx, bare)
	switch {
	case err != nil:
		c.Log.Warn("looking up a user", "err", err)
		return u, UserError(serverSilent("who " + markdown.Name(bare) + " is"))
	case !found:
		return u, UserError("⚠️ There is no user " + markdown.Name(bare))
	}
	return u, nil
}

func serverSilent(about string) string {
	return "❌ The chat server does not say " + about + "; try again in a moment"
}

// lookAlikes names the letters of a name that no user name has: a Cyrillic а
// passes for a Latin one with every reader.
func lookAlikes(name string) string {
	var odd []string
	for _, r := range name {
		if r > '~' && len(odd) < 8 {
			odd = append(odd, fmt.Sprintf("%s is U+%04X", markdown.CodeSpan(string(r)), r))
		}
	}
	if len(odd) == 0 {
		return ""
	}
	return ": user names have plain letters, and " + strings.Join(odd, ", ")
}
