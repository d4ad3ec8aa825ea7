package stages

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strings"

	"ctpipe/pipeline"
)

// A tokenForm is a form of secret that is known by how it begins.
type tokenForm struct{ lead, body string }

var shapes = []tokenForm{
	{"AKIA", `[0-9A-Z]{16}`}, {"ASIA", `[0-9A-Z]{16}`},
	{"ghp_", `[A-Za-z0-9]{20,}`}, {"gho_", `[A-Za-z0-9]{20,}`}, {"ghu_", `[A-Za-z0-9]{20,}`}, {"ghs_", `[A-Za-z0-9]{20,}`},
	{"ghr_", `[A-Za-z0-9]{20,}`}, {"github_pat_", `[A-Za-z0-9_]{20,}`}, {"glpat-", `[A-Za-z0-9_.-]{20,}`},
	{"xoxa-", slackBody}, {"xoxb-", slackBody}, {"xoxo-", slackBody}, {"xoxp-", slackBody}, {"xoxr-", slackBody},
	{"xoxs-", slackBody}, {"xapp-", slackBody}, {"sk-", `[A-Za-z0-9_-]{32,}`}, {"sk-ant-", `[A-Za-z0-9_-]{20,}`},
	{"sk_live_", `[A-Za-z0-9]{16,}`}, {"rk_live_", `[A-Za-z0-9]{16,}`}, {"whsec_", `[A-Za-z0-9+/=]{20,}`},
	{"AIza", `[0-9A-Za-z_-]{35}`}, {"ya29.", `[0-9A-Za-z_-]{20,}`}, {"npm_", `[A-Za-z0-9]{30,}`}, {"hf_", `[A-Za-z0-9]{30,}`},
	{"dop_v1_", `[a-f0-9]{40,}`}, {"pypi-", `[A-Za-z0-9_-]{40,}`}, {"SG.", `[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}`},
	{"eyJ", `[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{5,}`},
}

const (
	slackBody = `[A-Za-z0-9-]{10,}`
	pemBegin  = "-----BEGIN"
	redacted  = "•••"
)

// credentials match all shapes and private keys. The text around them stays,
// so that people see what was there.
var credentials = regexp.MustCompile(
	pemBegin + ` [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----(?s:.*?)(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|\z)|` + joinShapes())

// byName are secrets known by what stands before them, which stays: the
// password of an address, and the token of a header.
var byName = regexp.MustCompile(`(://[^\s/:@]*:)[^\s/@]+@|((?i:bearer|basic)[ \t]+)[A-Za-z0-9._~+/=-]{16,}`)

func joinShapes() string {
	out := make([]string, len(shapes))
	for i, s := range shapes {
		out[i] = regexp.QuoteMeta(s.lead) + s.body
		if len(s.lead) == 3 {
			out[i] = `\b` + out[i] // a short lead is also the end of a word
		}
	}
	return strings.Join(out, "|")
}

// minSecret is how long a secret value must be to be looked for; shorter ones
// would black out ordinary words.
const minSecret = 8

type redact struct {
	values *strings.Replacer // ctpipe's own secrets
	own    []string
	lines  bool // a show rule or hook reads text: only whole lines go on
}

// newRedact is a gate, since its failure must withhold.
func newRedact(b *Build) (pipeline.Stage, error) { return redactOf(b), nil }

func redactOf(b *Build) *redact {
	s := &redact{lines: b.ReadsText}
	for _, v := range b.Secrets {
		if len(v) >= minSecret {
			s.own = append(s.own, v)
		}
	}
	// The replacer takes the first that fits: a value that begins like a
	// longer one must not leave the rest of that behind.
	slices.SortFunc(s.own, func(x, y string) int { return cmp.Compare(len(y), len(x)) })
	var pairs []string
	for _, v := range s.own {
		pairs = append(pairs, v, redacted)
	}
	s.values = strings.NewReplacer(pairs...)
	return s
}

func (s *redact) Handle(_ context.Context, r *pipeline.Run) error {
	shown := func(text string) string {
		text = s.values.Replace(text)
		if !r.Event.Show.Final {
			text = s.settled(text)
		}
		return withoutTokens(text)
	}
	r.SetText(shown(r.Text()))
	r.Forms = r.Forms.Map(shown)
	return nil
}

// clean takes credentials out of a whole text.
func (s *redact) clean(text string) string { return withoutTokens(s.values.Replace(text)) }

func withoutTokens(text string) string {
	if suspicious(text) {
		text = credentials.ReplaceAllString(text, redacted)
	}
	if strings.Contains(text, "://") || containsFold(text, "bearer") || containsFold(text, "basic") {
		text = byName.ReplaceAllStringFunc(text, func(m string) string {
			if parts := byName.FindStringSubmatch(m); parts[1] != "" {
				return parts[1] + redacted + "@"
			} else {
				return parts[2] + redacted
			}
		})
	}
	return withoutGiven(text)
}

// suspicious is a quick look whether the regular expression is worth it: a
// growing block passes here ten times a second.
func suspicious(text string) bool {
	return strings.Contains(text, pemBegin) ||
		slices.ContainsFunc(shapes, func(s tokenForm) bool { return strings.Contains(text, s.lead) })
}
