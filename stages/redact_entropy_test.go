package stages

import (
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// T7: what is given to a secret's name goes, whatever its form; the name stays.
func TestRedactGivenValues(t *testing.T) {
	s := testRedact(false)
	for _, in := range []string{
		`api_key = "@"`, `API-KEY: @`, `"clientSecret":"@"`, `password=@`, `DB_PASSWORD='@'`, `export GITHUB_TOKEN=@`, `access_key => '@'`,
		"token: `@`", `aws_secret_access_key = @`, `{"refresh_token": "@", "x": 1}`, `--api-key=@`, "passphrase:@", `+  secret: @`,
	} {
		for _, value := range []string{"Zk3qP0vXw81LmTnB", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzKEY9", "hunter2-Tr0ub4dor&3+staple!"} {
			text := strings.Replace(in, "@", value, 1)
			if got, want := s.clean(text), strings.Replace(in, "@", redacted, 1); got != want {
				t.Errorf("%q became %q, want %q", text, got, want)
			}
			for end := range len(text) {
				if got := flushed(s, text[:end], false); strings.Contains(got, value[:6]) {
					t.Errorf("%q is shown as %q", text[:end], got)
				}
			}
		}
	}
}

// T7: nothing that tools print all day is taken for a secret: hashes, ids,
// lockfiles, images, and code that speaks of tokens.
func TestRedactLeavesOrdinaryOutput(t *testing.T) {
	raw, err := os.ReadFile("testdata/ordinary.txt")
	if err != nil {
		t.Fatal(err)
	}
	s := testRedact(false)
	for line := range strings.Lines(string(raw)) {
		if got := s.clean(line); got != line {
			t.Errorf("%q became %q", line, got)
		}
	}
	if got := s.clean(string(raw)); got != string(raw) {
		t.Error("the lines stay one by one, but not together")
	}
}

// T7: a private key is gone with its frame, whatever stands before its lines.
func TestRedactWholeKeys(t *testing.T) {
	s := testRedact(false)
	for _, prefix := range []string{"", "+", "-", " 12\t", "    12→", "> ", "│ "} {
		text := prefix + strings.ReplaceAll(fakeKey, "\n", "\n"+prefix) + "\nafter\n"
		if got := s.clean(text); strings.Contains(got, "MIIE") || strings.Contains(got, "BKcw") || !strings.HasSuffix(got, "after\n") {
			t.Errorf("prefix %q: %q", prefix, got)
		}
	}
	const pgp = "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlQOYBGNs\n-----END PGP PRIVATE KEY BLOCK-----"
	if got := s.clean("a " + pgp + " b"); got != "a "+redacted+" b" {
		t.Errorf("%q", got)
	}
}

// T7: the values of variables that are named like secrets are known by value.
func TestSecretValues(t *testing.T) {
	got := SecretValues([]string{
		"ANTHROPIC_API_KEY=zz-not-a-known-shape-1", "DB_PASSWORD=correct horse battery", "GH_TOKEN=abcdefABCDEF", "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMIK7MD",
		"DATABASE_AUTH=postgres://u:pw-pw-pw-pw@h/db", "SSH_AUTH_SOCK=/run/user/1000/agent.1", "TOKEN_URL=https://example.org/token1", "SECRET=short",
		"KEYBOARD=qwertz-de-latin1-x", "GPG_KEY=keyserver-unset", "PATH=/usr/bin:/bin", "MONKEY_NAME=abcdefghijkl123",
	})
	want := []string{"zz-not-a-known-shape-1", "abcdefABCDEF", "wJalrXUtnFEMIK7MD", "postgres://u:pw-pw-pw-pw@h/db"}
	if !slices.Equal(got, want) {
		t.Errorf("%q\nwant %q", got, want)
	}
}

// T7: a value is hidden across every border between two flushes.
func TestRedactGivenStream(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := testRedact(false)
		value := rapid.StringMatching(`[A-Za-z0-9]{8}[0-9]{4}[A-Za-z0-9_-]{12,40}`).Draw(t, "value")
		if !random(value) {
			t.Skip("not random")
		}
		text := rapid.SampledFrom([]string{"", "one\n", "a token, ", "x = 1; "}).Draw(t, "before") +
			rapid.SampledFrom([]string{"api_key=", `"secret": "`, "Password: ", "token => '"}).Draw(t, "name") + value +
			rapid.SampledFrom([]string{"", "\n", "\" b", "' ;"}).Draw(t, "after")
		for end := 0; end < len(text); end += rapid.IntRange(1, 9).Draw(t, "step") {
			if got := flushed(s, text[:end], false); strings.Contains(got, value[:5]) {
				t.Fatalf("%q is shown as %q", text[:end], got)
			}
		}
	})
}
