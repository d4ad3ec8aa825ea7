package stages

import (
	"math"
	"regexp"
	"strings"
)

// A value that is given to a secret's name is taken for a secret if it looks
// random. Without the name, nothing tells a token from the hashes that builds,
// lockfiles and git print all day, and those stay readable.
var (
	givenName = `(?i:api[_-]?key|apikey|secret|token|passw(?:or)?d|passphrase|credentials?|access[_-]?key|private[_-]?key)[A-Za-z0-9_-]{0,32}`
	giving    = `["'` + "`" + `]?[ \t]*(?:=>|:=|[:=])[ \t]*["'` + "`" + `]?`
	given     = regexp.MustCompile(`(` + givenName + giving + `)(` + givenValue + `{16,})`)
	givenTail = regexp.MustCompile(givenName + giving + `(` + givenValue + `*)$`)
)

const givenValue = `[A-Za-z0-9+/_.=~!@#%^&*-]`

// Entropies in bits per character: random base64 of twenty characters has more
// than four, random hex three and a half, words and paths about three.
const (
	randomBits = 3.3
	denseBits  = 4.2 // with hardly a digit, but in both cases
	tailBytes  = 512 // a value that still grows is looked for that far back
)

// withoutGiven takes values out that are given to a secret's name.
func withoutGiven(text string) string {
	if !namesSecret(text) {
		return text
	}
	return given.ReplaceAllStringFunc(text, func(m string) string {
		parts := given.FindStringSubmatch(m)
		if !random(parts[2]) {
			return m
		}
		return parts[1] + redacted
	})
}

var secretWords = []string{"key", "secret", "token", "passw", "passphrase", "credential"}

// nameBytes is how far before its sign of assignment a name begins at most.
const nameBytes = 64

// namesSecret is a quick look whether the regular expression is worth it:
// signs of assignment are rare, and secret words before them rarer.
func namesSecret(text string) bool {
	for from := 0; ; {
		at := strings.IndexAny(text[from:], "=:")
		if at < 0 {
			return false
		}
		at += from
		name := text[max(from, at-nameBytes):at]
		for _, w := range secretWords {
			if containsFold(name, w) {
				return true
			}
		}
		from = at + 1
	}
}

// random reports a value that nobody would have written by hand: with digits,
// and with no character much more frequent than others.
func random(v string) bool {
	v = strings.TrimRight(v, ".=,;")
	digits, others, upper, lower := 0, 0, false, false
	for _, r := range v {
		upper, lower = upper || r >= 'A' && r <= 'Z', lower || r >= 'a' && r <= 'z'
		switch {
		case r >= '0' && r <= '9':
			digits++
		case strings.ContainsRune("+=~!@#%^&*", r):
			others++
		}
	}
	switch {
	case len(v) < 16 || digits == 0:
		return false
	case uuid.MatchString(v), strings.Contains(v, "://"), strings.HasPrefix(v, "/"), strings.HasPrefix(v, "./"), strings.HasPrefix(v, "sha"), strings.HasPrefix(v, "=="):
		return false
	case numeric(v):
		return false
	}
	bits := entropy(v)
	return bits >= randomBits && digits+2*others >= 3 || bits >= denseBits && upper && lower
}

var uuid = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// numeric reports numbers, dates, versions and addresses.
func numeric(v string) bool { return strings.Trim(v, "0123456789.:-+_/TZv") == "" }

func entropy(v string) float64 {
	var count [256]int
	for i := range len(v) {
		count[v[i]]++
	}
	bits := 0.0
	for _, n := range count {
		if n > 0 {
			p := float64(n) / float64(len(v))
			bits -= p * math.Log2(p)
		}
	}
	return bits
}

// givenAt is where a value begins at the end of text that is being given to a
// secret's name.
func givenAt(text string) int {
	from := max(0, len(text)-tailBytes)
	from += strings.LastIndexByte(text[from:], '\n') + 1
	if !namesSecret(text[from:]) {
		return len(text)
	}
	if m := givenTail.FindStringSubmatchIndex(text[from:]); m != nil {
		return from + m[2]
	}
	return len(text)
}
