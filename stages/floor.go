package stages

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"ctpipe/pipeline"
)

// floor is what no rules.toml can change. It stands first in every chain, so
// its votes are in every trace.
type floor struct {
	protected []string
	opaque    pipeline.Verdict
}

func newFloor(b *Build) (pipeline.Stage, error) {
	return &floor{protected: b.Protected, opaque: b.Opaque}, nil
}

// Handle votes. The chain builder puts the floor before every other gate, and
// behind the enrich stages, whose facts it reads.
func (f *floor) Handle(_ context.Context, r *pipeline.Run) error {
	switch r.Event.Kind {
	case pipeline.KindPost, pipeline.KindStart, pipeline.KindCommand:
		f.person(r)
	case pipeline.KindReaction:
		f.reacting(r)
	case pipeline.KindTool:
		f.tool(r)
	}
	return nil
}

func (f *floor) deny(r *pipeline.Run, by, why string) {
	r.Vote(pipeline.Vote{Verdict: pipeline.Deny, Source: pipeline.SourceFloor, By: by, Why: why})
}

// person lets only posts through that the server says a person wrote (I2, I6,
// SEC-11). Which person may do what is for the rules.
func (f *floor) person(r *pipeline.Run) {
	u, origin := r.Event.User, r.Event.Post.Origin
	switch {
	case u.ID == "":
		f.deny(r, "nobody", "the author is unknown")
	case u.Bot || origin != "person":
		f.deny(r, "not-a-person", "posts by bots, webhooks, integrations and the server are not a person's")
	case !u.Active:
		f.deny(r, "deactivated", "the author's account is deactivated")
	}
}

func (f *floor) reacting(r *pipeline.Run) {
	switch u := r.Event.User; {
	case u.ID == "":
		f.deny(r, "nobody", "whose reaction it is is unknown")
	case u.Bot:
		f.deny(r, "not-a-person", "a bot's reaction decides nothing")
	case !u.Active:
		f.deny(r, "deactivated", "the account is deactivated")
	}
}

// tool keeps Claude's hands off ctpipe's own files and off what the CLI
// obeys, and puts opaque calls before people.
func (f *floor) tool(r *pipeline.Run) {
	t := &r.Event.Tool
	for i := range t.Paths {
		if p := &t.Paths[i]; p.Write && f.untouchable(p.Real) {
			f.deny(r, "protected", p.Named+" belongs to ctpipe or to what Claude Code obeys; Claude may not write it")
			break
		}
	}
	for i := range t.Paths {
		if p := &t.Paths[i]; p.Write && gitMachinery(p.Real) {
			r.Vote(pipeline.Vote{Verdict: pipeline.Ask, Source: pipeline.SourceFloor, By: "git-machinery",
				Why: p.Named + " changes what git runs"})
			break
		}
	}
	unknown := slices.Contains(r.Event.Unknown, "tool.commands")
	if (t.Opaque || unknown) && f.opaque > pipeline.Allow {
		why := t.Why
		if why == "" {
			why = "what this call would start cannot be known"
		}
		r.Vote(pipeline.Vote{Verdict: f.opaque, Source: pipeline.SourceFloor, By: "opaque", Why: why})
	}
}

// untouchable reports a path that Claude never writes: ctpipe's own files and
// the files that the CLI obeys, wherever they are.
func (f *floor) untouchable(real string) bool {
	for _, p := range f.protected {
		if below(p, real) {
			return true
		}
	}
	for dir := real; ; {
		parent, name := filepath.Dir(dir), filepath.Base(dir)
		switch {
		case name == ".claude" || name == ".mcp.json" || strings.HasPrefix(name, ".claude.json"):
			return true
		case filepath.Base(parent) == ".git" && (name == "hooks" || name == "config"):
			return true
		}
		if parent == dir {
			return false
		}
		dir = parent
	}
}

// gitMachinery reports a path whose change may make git run something.
func gitMachinery(real string) bool {
	base := filepath.Base(real)
	return base == ".gitattributes" || base == ".gitmodules" || slices.Contains(strings.Split(real, string(filepath.Separator)), ".git")
}

// below reports whether path is dir or below it, by whole elements (F1).
func below(dir, path string) bool {
	return path == dir || strings.HasPrefix(path, strings.TrimSuffix(dir, string(filepath.Separator))+string(filepath.Separator))
}
