package policy

import (
	"context"
	"fmt"
	"strings"
)

// First decides which policy ctpipe starts with: next, which is what is on
// disk, or, where next lets more through than the last accepted policy did and
// that one wanted a person's yes, the last accepted one. What is then held is
// given back, for Hold. Last is what the accepted policy was made of, nil for
// none. A last policy that can no longer be built judges nothing: then there is
// no start before somebody accepts next.
func (l *Loader) First(next *Policy, last map[string][]byte, accepted Acceptances) (p *Policy, held []string, err error) {
	if last == nil || revision(last) == next.Snapshot.Rev {
		return next, nil, nil
	}
	if accepted.has(next.Sources) {
		return next, nil, accepted.forget(next.Snapshot.Rev)
	}
	old, findings := l.Build(last, nil)
	if old == nil {
		if !l.confirms(next) {
			return next, nil, nil
		}
		return nil, nil, fmt.Errorf("the policy that was last in force cannot be built any more (%s), so nobody can say what %s loosens; "+
			"look it through, then `ctpipe rules accept %s`", firstError(findings), l.Path, next.Snapshot.Rev)
	}
	if !l.confirms(old) {
		return next, nil, nil
	}
	if held = loosens(old, next); len(held) == 0 {
		return next, nil, nil
	}
	return old, held, nil
}

// Hold says, after Begin, that next is on disk but waits for a person.
func (l *Live) Hold(ctx context.Context, next *Policy, loosened []string) {
	current, _, _ := l.Current()
	l.hold(current, next, loosened, l.compare(ctx, current, next))
}

// restart says what only a restart puts in force. Tokens are never printed.
func restart(started, next *Policy) []string {
	var out []string
	for _, k := range []struct{ key, old, next string }{
		{"state.dir", started.Config.StateDir, next.Config.StateDir},
		{"playground.listen", started.Config.Playground.Listen, next.Config.Playground.Listen},
		{"log.level", started.Config.LogLevel, next.Config.LogLevel},
		{"journal.keep", started.File.Journal.Keep.String(), next.File.Journal.Keep.String()},
	} {
		if k.old != k.next {
			out = append(out, fmt.Sprintf("%s old=%s new=%s", k.key, k.old, k.next))
		}
	}
	seen := map[string]bool{}
	for _, now := range next.Config.Platforms {
		seen[now.ID] = true
		i := indexOf(started, now.ID)
		if i < 0 {
			out = append(out, "platform "+now.ID+" is new")
			continue
		}
		was := started.Config.Platforms[i]
		var diff []string
		for _, k := range []struct{ key, old, next string }{
			{"url", was.URL, now.URL}, {"channel", was.Channel, now.Channel}, {"bot_name", was.BotName, now.BotName},
			{"token_env", was.TokenEnv, now.TokenEnv}, {"token_file", was.TokenFile, now.TokenFile},
		} {
			if k.old != k.next {
				diff = append(diff, fmt.Sprintf("%s old=%s new=%s", k.key, k.old, k.next))
			}
		}
		if was.TokenCmd != now.TokenCmd {
			diff = append(diff, "token_cmd changed")
		}
		if was.Token != now.Token {
			diff = append(diff, "token changed")
		}
		if len(diff) > 0 {
			out = append(out, "platform "+now.ID+": "+strings.Join(diff, ", "))
		}
	}
	for _, was := range started.Config.Platforms {
		if !seen[was.ID] {
			out = append(out, "platform "+was.ID+" is gone")
		}
	}
	return out
}

func indexOf(p *Policy, id string) int {
	for i, conf := range p.Config.Platforms {
		if conf.ID == id {
			return i
		}
	}
	return -1
}
