package app

import (
	"fmt"
	"strings"

	"ctpipe/internal/policy"
	"ctpipe/pipeline"
)

// attention is what every session's header warns of: the rules in force are not
// those on disk, a hook is switched off, or opaque calls run unasked.
func (s *server) attention(snap *pipeline.Snapshot) []string {
	var out []string
	if s.live != nil {
		switch _, _, refused := s.live.Current(); {
		case refused == nil:
		case len(refused.Held) > 0:
			out = append(out, "a save of rules.toml is held, since it lets more through; rev "+pipeline.ShortRev(snap.Rev)+" stays in force")
		default:
			out = append(out, "rules.toml on disk has mistakes since "+refused.Since.UTC().Format("15:04")+" UTC; rev "+pipeline.ShortRev(snap.Rev)+" stays in force")
		}
	}
	p := policy.Of(snap)
	if p == nil {
		return out
	}
	if p.Hooks != nil {
		if open := p.Hooks.Open(); len(open) > 0 {
			out = append(out, fmt.Sprintf("switched off after three time-outs: hook %s; what it would judge is decided by on_error", strings.Join(open, ", ")))
		}
	}
	if p.File.Default.Opaque == pipeline.Allow {
		out = append(out, `[default] opaque = "allow": calls that nobody can see into run unasked`)
	}
	return out
}
