package stages

import (
	"cmp"
	"context"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"ctpipe/internal/facts"
	"ctpipe/pipeline"
)

// floor is what no rules.toml can change. It stands first in every chain, so
// its votes are in every trace.
type floor struct {
	protected []string
	opaque    pipeline.Verdict
	journal   func() error
}

func newFloor(b *Build) (pipeline.Stage, error) {
	f := &floor{opaque: b.Opaque, journal: b.Journal}
	if f.opaque == pipeline.Abstain {
		f.opaque = pipeline.Ask // nobody said that it may pass
	}
	for _, p := range b.Protected {
		if p != "" {
			f.protected = append(f.protected, filepath.Clean(p))
		}
	}
	return f, nil
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
	if tooMuch(r.Event) {
		f.deny(r, "flood", "the author writes more than limits.posts_per_minute")
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
// obeys, puts opaque calls before people, and lets none run that would go
// unrecorded where the journal is required.
func (f *floor) tool(r *pipeline.Run) {
	if f.journal != nil && f.journal() != nil {
		f.deny(r, "journal", "the journal cannot be written, and [journal] required is set")
	}
	voted := map[string]bool{} // each article once, for the first path it is about
	for i := range r.Event.Tool.Paths {
		p := &r.Event.Tool.Paths[i]
		if v := f.writing(r.Event.Tool.Name, p); v.Verdict != pipeline.Abstain && !voted[v.By] {
			voted[v.By] = true
			v.Source = pipeline.SourceFloor
			r.Vote(v)
		}
	}
	if why := hidden(r.Event); why != "" && f.opaque > pipeline.Allow {
		r.Vote(pipeline.Vote{Verdict: f.opaque, Source: pipeline.SourceFloor, By: "opaque", Why: why})
	}
}

// writing is the floor's vote on one path, Abstain if it has none.
func (f *floor) writing(tool string, p *pipeline.Path) pipeline.Vote {
	switch {
	case !p.Write, f.plan(tool, p.Real):
	case f.untouchable(p.Real):
		return pipeline.Vote{Verdict: pipeline.Deny, By: "protected",
			Why: p.Named + " belongs to ctpipe or to what Claude Code obeys; Claude may not write it"}
	case slices.ContainsFunc(f.protected, func(own string) bool { return below(p.Real, own) }):
		return pipeline.Vote{Verdict: pipeline.Ask, By: "holds-protected",
			Why: p.Named + " holds files of ctpipe's own or what Claude Code obeys"}
	case gitMachinery(p.Real):
		return pipeline.Vote{Verdict: pipeline.Ask, By: "git-machinery", Why: p.Named + " changes what git runs"}
	}
	return pipeline.Vote{}
}

// hidden says what of a call cannot be known before it runs, "" if nothing.
// Where a call writes, that includes which files: another call that runs now
// may have put a link in their place.
func hidden(ev *pipeline.Event) string {
	t := &ev.Tool
	writes := slices.ContainsFunc(t.Paths, func(p pipeline.Path) bool { return p.Write })
	switch {
	case t.Opaque || slices.Contains(ev.Unknown, "tool.commands"):
		return cmp.Or(t.Why, "what this call would start cannot be known")
	case slices.Contains(ev.Unknown, "tool.paths") && (writes || t.Name == "Bash" && !facts.OnlyReads(ev)):
		return "which files this call would write cannot be known"
	}
	return ""
}

// untouchable reports a path that Claude never writes: ctpipe's own files and
// the files that the CLI obeys, wherever they are. Names count in any case,
// since some file systems do not tell.
func (f *floor) untouchable(real string) bool {
	if slices.ContainsFunc(f.protected, func(p string) bool { return below(p, real) || patterned(p, real) }) {
		return true
	}
	git := false
	names := pathNames(real)
	for i, name := range names {
		last := i == len(names)-1
		switch {
		case name == ".claude" || name == ".mcp.json" || strings.HasPrefix(name, ".claude.json"):
			return true
		case git && (name == "refs" || name == "logs" || name == "objects"):
			git = false // a branch may be called hooks
		case git && (name == "hooks" || last && (name == "config" || name == "config.worktree")):
			return true
		}
		git = git || name == ".git"
	}
	return false
}

// plan reports Claude's own note of a plan: the CLI has it written to
// ~/.claude/plans/NAME.md before it asks for approval, and reads it from there
// for the card. It obeys nothing in it.
func (f *floor) plan(tool, real string) bool {
	dir, name := filepath.Split(real)
	home := filepath.Dir(filepath.Clean(dir))
	return (tool == "Write" || tool == "Edit") && filepath.Base(dir) == "plans" && filepath.Base(home) == ".claude" &&
		slices.Contains(f.protected, home) && planName.MatchString(name)
}

var planName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]*\.md$`)

// gitMachinery reports a path whose change may make git run something.
func gitMachinery(real string) bool {
	names := pathNames(real)
	base := names[len(names)-1]
	return base == ".gitattributes" || base == ".gitmodules" || slices.Contains(names, ".git")
}

// pathNames are the elements of a path in lower case, at least one.
func pathNames(path string) []string {
	return strings.Split(strings.ToLower(filepath.Clean(path)), string(filepath.Separator))
}

// patterned reports whether path is one that a protected pattern means: a folder's
// files by their names, also those that do not exist yet.
func patterned(pattern, path string) bool {
	if !strings.HasPrefix(filepath.Base(pattern), "*") || filepath.Dir(pattern) != filepath.Dir(path) {
		return false
	}
	fits, err := filepath.Match(strings.ToLower(filepath.Base(pattern)), strings.ToLower(filepath.Base(path)))
	return fits && err == nil
}

// below reports whether path is dir or below it, by whole elements (F1).
func below(dir, path string) bool {
	return path == dir || strings.HasPrefix(path, strings.TrimSuffix(dir, string(filepath.Separator))+string(filepath.Separator))
}
