package stages

import (
	"context"
	"strings"
	"testing"

	"ctpipe/pipeline"

	"pgregory.net/rapid"
)

// Shapes only: none of these was ever a credential.
var fakeTokens = []string{
	"AKIAABCDEFGHIJKLMNOP", "ASIAABCDEFGHIJKLMNOP",
	"ghp_" + strings.Repeat("aB3", 12), "gho_" + strings.Repeat("aB3", 12), "ghs_" + strings.Repeat("aB3", 12),
	"github_pat_" + strings.Repeat("x9_Y", 15), "glpat-" + strings.Repeat("q-7_", 6),
	"xoxb-" + strings.Repeat("12-ab", 5), "xapp-1-" + strings.Repeat("A1", 10),
	"sk-ant-api03-" + strings.Repeat("Zz_9-", 10), "sk-" + strings.Repeat("aB1", 16), "sk_live_" + strings.Repeat("aB1", 8),
	"whsec_" + strings.Repeat("ab+/", 6), "AIza" + strings.Repeat("Sy_-1", 7), "ya29." + strings.Repeat("a0_-", 8),
	"npm_" + strings.Repeat("aB1", 12), "hf_" + strings.Repeat("aB1", 11), "dop_v1_" + strings.Repeat("a1b2", 12),
	"pypi-" + strings.Repeat("AgEI", 12), "SG." + strings.Repeat("aB1_", 5) + "." + strings.Repeat("c-2D", 8),
	"eyJ" + strings.Repeat("hbGc", 5) + ".eyJ" + strings.Repeat("zdWI", 6) + "." + strings.Repeat("a_-9", 8),
}

const (
	fakeKeyBody = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj\n"
	fakeKey     = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\n" + fakeKeyBody + "-----END RSA PRIVATE KEY-----"
	ownToken    = "abcabcabcabcabcabcabcabcab" // begins as it ends
	longerToken = "abcabcabcabcabcabcabcabcabXYZ"
)

func testRedact(lines bool) *redact {
	return redactOf(&Build{Secrets: []string{ownToken, longerToken, "short"}, ReadsText: lines})
}

// T7: every shape goes, what is around it stays.
func TestRedactShapes(t *testing.T) {
	s := testRedact(false)
	for _, token := range append(fakeTokens, ownToken, longerToken, fakeKey) {
		for _, around := range [][2]string{{"", ""}, {"key = \"", "\" # mine"}, {"(", ")"}, {"a\n", "\nb"}, {"é", "."}} {
			if got, want := s.clean(around[0]+token+around[1]), around[0]+redacted; !strings.HasPrefix(got, want) || len(got) > len(want)+len(around[1]) {
				t.Errorf("%q in %q became %q", token, around, got)
			}
		}
	}
	for in, want := range map[string]string{
		"curl https://bo:hunter2hunter2@git.example.org/x":                     "curl https://bo:•••@git.example.org/x",
		"redis://:s3cr3ts3cr3t@h:6379":                                         "redis://:•••@h:6379",
		"Authorization: Bearer abcdef0123456789abcdef":                         "Authorization: Bearer •••",
		"-H 'authorization: basic Ym86aHVudGVyMmh1bnRl'":                       "-H 'authorization: basic •••'",
		"-----BEGIN PRIVATE KEY-----\nMIIE":                                    "•••", // and never an end
		`{"k":"-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----"}`: `{"k":"•••"}`,
		`x\nghp_` + strings.Repeat("a1", 18):                                   `x\n•••`,
	} {
		if got := s.clean(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

func TestRedactLeavesOrdinaryText(t *testing.T) {
	s := testRedact(false)
	for _, text := range []string{
		"", "short", "task-runner-for-the-very-long-branch-name-of-mine", "risk-assessment-2026-for-the-whole-of-the-company",
		"https://example.org:8080/a?b=c@d", "git@github.com:o/r.git", "the bearer of bad news", "a basic introduction to everything",
		"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----", "ghp_short", "AKIA", "sha256:9f86d081884c7d659a2feaa0c55ad015", "eyJ.a.b",
	} {
		if got := s.clean(text); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
}

func flushed(s *redact, text string, final bool) string {
	snap := &pipeline.Snapshot{Default: map[pipeline.Kind]pipeline.Verdict{pipeline.KindShow: pipeline.Allow},
		Chains: map[pipeline.Kind][]pipeline.Link{pipeline.KindShow: {{Name: "redact", Role: pipeline.Gate, Stage: s}}}}
	return snap.Judge(context.Background(), &pipeline.Event{Kind: pipeline.KindShow, Show: pipeline.Show{Text: text, Final: final}}).Text()
}

// T7: wherever a growing text is flushed, no secret and no telling part of one
// is ever shown, and in the end the text is the clean one.
func TestRedactStream(t *testing.T) {
	secrets := append([]string{ownToken, longerToken, fakeKey}, fakeTokens...)
	plain := rapid.SampledFrom([]string{"", "hello ", "a\n", "- ", "--", "ab", "x=", "\"", "```\n", "é", "https://", "abc", "sk"})
	rapid.Check(t, func(t *rapid.T) {
		s := testRedact(rapid.Bool().Draw(t, "lines"))
		secret := rapid.SampledFrom(secrets).Draw(t, "secret")
		before := strings.Join(rapid.SliceOfN(plain, 0, 4).Draw(t, "before"), "") + rapid.SampledFrom([]string{" ", "\n", "'", "="}).Draw(t, "sep")
		text := before + secret + rapid.SampledFrom([]string{" ", "\n", "'", ""}).Draw(t, "sep2") + strings.Join(rapid.SliceOfN(plain, 0, 4).Draw(t, "after"), "")
		for end := 0; end <= len(text); end += rapid.IntRange(1, 9).Draw(t, "step") {
			got := flushed(s, text[:end], false)
			for i := 0; i+12 <= len(secret); i++ {
				if part := secret[i : i+12]; !strings.HasPrefix(part, "-----") && strings.Contains(got, part) && !strings.Contains(before, part) {
					t.Fatalf("%q of %q is shown: %q", part, secret, got)
				}
			}
		}
		if got, want := flushed(s, text, true), s.clean(text); got != want {
			t.Fatalf("at last %q, want %q", got, want)
		}
	})
}

// Holding back costs ordinary text no more than its last word.
func TestRedactDoesNotStall(t *testing.T) {
	s := testRedact(false)
	text := "I ran the tests, task-runner and the linter: all is well - 3 of 3 pass. See https://example.org/a/b for more.\n| a | b |\n|---|---|\n"
	for end := range len(text) + 1 {
		got := flushed(s, text[:end], false)
		if !strings.HasPrefix(text, got) || strings.ContainsAny(text[len(got):end], " \n") {
			t.Errorf("%q is held back to %q", text[:end], got)
		}
	}
	if got := flushed(testRedact(true), "one\ntwo", false); got != "one\n" {
		t.Errorf("%q: only whole lines where somebody reads them", got)
	}
}

func BenchmarkRedact(b *testing.B) {
	s := testRedact(false)
	text := strings.Repeat("The quick brown fox jumps over the lazy dog, line by line.\n", 1<<20/60)
	for name, text := range map[string]string{"4KiB": text[:4096], "1MiB": text, "1MiBWithToken": text + fakeTokens[2]} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				s.clean(s.settled(text))
			}
		})
	}
}
