package stages

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"ctpipe/pipeline"
)

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

// below reports whether path is dir or below it, by whole elements: app-x is
// not in app.
func below(dir, path string) bool {
	return path == dir || strings.HasPrefix(path, strings.TrimSuffix(dir, string(filepath.Separator))+string(filepath.Separator))
}
