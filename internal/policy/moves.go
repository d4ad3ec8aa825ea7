package policy

import (
	"maps"
	"slices"

	"ctpipe/internal/rules"
)

// moves says what of the world that ctpipe trusts another policy changes:
// which servers tell it who people are, and by which token; which program is
// Claude; and where the record of what was accepted is. A token's source may
// be a command, which a policy that waits must not have run.
func moves(old, next *Policy) []string {
	var out []string
	if old.Config.Command != next.Config.Command {
		out = append(out, "[claude] command changed")
	}
	if old.Config.StateDir != next.Config.StateDir {
		out = append(out, "[state] dir changed")
	}
	was, now := platforms(old), platforms(next)
	for _, id := range slices.Sorted(maps.Keys(now)) {
		a, known := was[id]
		b := now[id]
		switch {
		case !known:
			out = append(out, "platform "+id+" added")
		case a.URL != b.URL || a.Channel != b.Channel || a.BotName != b.BotName:
			out = append(out, "platform "+id+" is another server, channel or bot")
		case a.Token != b.Token || a.TokenEnv != b.TokenEnv || a.TokenFile != b.TokenFile || a.TokenCmd != b.TokenCmd:
			out = append(out, "platform "+id+" has another token")
		}
	}
	if len(was) > 0 && len(now) == 0 {
		out = append(out, "no platform any more: the playground, where everybody on the page may be anybody")
	}
	return out
}

func platforms(p *Policy) map[string]rules.Platform {
	out := map[string]rules.Platform{}
	for _, conf := range p.Config.Platforms {
		out[conf.ID] = conf
	}
	return out
}
