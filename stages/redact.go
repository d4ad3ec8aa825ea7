package stages

import (
	"context"
	"regexp"
	"strings"

	"ctpipe/pipeline"
)

// credentials are the forms of secrets that are known by their shape. The
// text around them stays, so that people see what was there (T7).
var credentials = regexp.MustCompile(strings.Join([]string{
	`-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----(?s:.*?)(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|\z)`,
	`\bAKIA[0-9A-Z]{16}\b`, `\bASIA[0-9A-Z]{16}\b`,
	`\bgh[pousr]_[A-Za-z0-9]{20,}`, `\bgithub_pat_[A-Za-z0-9_]{20,}`, `\bglpat-[A-Za-z0-9_-]{20,}`,
	`\bxox[abposr]-[A-Za-z0-9-]{10,}`, `\bsk-ant-[A-Za-z0-9_-]{20,}`, `\bsk-[A-Za-z0-9_-]{32,}`,
	`\bAIza[0-9A-Za-z_-]{35}`, `\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{5,}`,
	`\bnpm_[A-Za-z0-9]{30,}`, `\bhf_[A-Za-z0-9]{30,}`, `\bdop_v1_[a-f0-9]{40,}`,
}, "|"))

// tailStart matches the beginning of a credential at the end of a text that
// still grows: it must not be shown before it is known to be none.
var tailStart = regexp.MustCompile(`(?:-----BEGIN[^\n]*(?:\n[A-Za-z0-9+/=\n]*)?|-{1,5}(?:B(?:E(?:GI?)?)?)?|\b(?:AKIA|ASIA|gh[pousr]_|github_|glpat-|xox|sk-|AIza|eyJ|npm_|hf_|dop_)[A-Za-z0-9_.-]*)\z`)

const redacted = "•••"

// minSecret is how long a secret value must be to be looked for; shorter ones
// would black out ordinary words.
const minSecret = 8

type redact struct {
	values *strings.Replacer // ctpipe's own secrets
	own    []string
	lines  bool // a show rule or hook reads text: only whole lines go on
}

// newRedact is a gate, since its failure must withhold.
func newRedact(b *Build) (pipeline.Stage, error) {
	s := &redact{lines: b.ReadsText}
	var pairs []string
	for _, v := range b.Secrets {
		if len(v) >= minSecret {
			pairs, s.own = append(pairs, v, redacted), append(s.own, v)
		}
	}
	s.values = strings.NewReplacer(pairs...)
	return s, nil
}

func (s *redact) Handle(_ context.Context, r *pipeline.Run) error {
	text := s.clean(r.Text())
	if !r.Event.Show.Final {
		text = s.settled(text)
	}
	r.SetText(text)
	return nil
}

// Redact takes credentials out of a whole text.
func (s *redact) clean(text string) string {
	return credentials.ReplaceAllString(s.values.Replace(text), redacted)
}

// settled cuts a growing text where a secret could be in the making.
func (s *redact) settled(text string) string {
	if s.lines {
		text = text[:strings.LastIndexByte(text, '\n')+1]
	}
	if at := tailStart.FindStringIndex(text); at != nil {
		text = text[:at[0]]
	}
	for _, v := range s.own {
		for n := min(len(v)-1, len(text)); n > 0; n-- {
			if strings.HasSuffix(text, v[:n]) {
				text = text[:len(text)-n]
				break
			}
		}
	}
	return text
}

// Redactor returns a function that cleans text which is no show event: cards,
// notices, tool results.
func Redactor(b *Build) func(string) string {
	s, _ := newRedact(b)
	return s.(*redact).clean
}
