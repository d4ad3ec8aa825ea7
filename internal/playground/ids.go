package playground

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
)

// newID gives a Mattermost-like id: 26 lower-case letters and digits.
func newID() string { return strings.ToLower(rand.Text()) }

// isID reports whether s has the form of a Mattermost id.
func isID(s string) bool {
	if len(s) != 26 {
		return false
	}
	for _, c := range []byte(s) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

// newSecret gives 256 bits that may stand in a URL's fragment and in a header.
func newSecret(r io.Reader) (string, error) {
	b := make([]byte, 32)
	if _, err := io.ReadFull(r, b); err != nil {
		return "", fmt.Errorf("reading random bytes for a playground secret: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(b), nil
}

// sameSecret compares in constant time; an empty secret equals nothing.
func sameSecret(want, got string) bool {
	return want != "" && subtle.ConstantTimeCompare([]byte(want), []byte(got)) == 1
}
