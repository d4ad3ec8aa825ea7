package stages

import (
	"regexp"
	"strings"
)

// secretName is the name of a variable that holds a secret.
var secretName = regexp.MustCompile(`(?i)(^|_)(KEY|APIKEY|TOKEN|SECRET|PASSWORD|PASSWD|PASS|PASSPHRASE|CREDENTIALS?|AUTH)(_|$)`)

// minVariable is how long the value of a variable must be to be looked for.
const minVariable = 12

// SecretValues are the values of an environment (NAME=value) that look like
// secrets by their names: Claude gets some of these variables, so that they may
// come back in what a tool prints. What is a path, an address without a
// password, or a word of the language is none.
func SecretValues(env []string) []string {
	var out []string
	for _, pair := range env {
		name, value, _ := strings.Cut(pair, "=")
		value = strings.TrimSpace(value)
		if len(value) >= minVariable && secretName.MatchString(name) && !harmless(value) {
			out = append(out, value)
		}
	}
	return out
}

func harmless(value string) bool {
	if strings.HasPrefix(value, "/") || strings.HasPrefix(value, "~/") || strings.ContainsAny(value, " \t\n") && !strings.Contains(value, pemBegin) {
		return true
	}
	if strings.Contains(value, "://") {
		return !byName.MatchString(value)
	}
	return !strings.ContainsAny(value, "0123456789") && strings.ToLower(value) == value
}
