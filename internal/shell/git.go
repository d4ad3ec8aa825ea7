package shell

import (
	"strings"

	"ctpipe/pipeline"
)

// gitCall is a git command line taken apart.
type gitCall struct {
	dir       string // -C
	sub       string
	args      []field  // after the subcommand
	strict    bool     // no global option that can make git run something
	config    []string // the settings given with -c
	elsewhere bool     // its programs or settings come from elsewhere
}

// splitGit takes git's own options off.
func splitGit(args []field) gitCall {
	g := gitCall{strict: true}
	for n := 0; n < len(args); n++ {
		w := args[n].text
		switch {
		case w == "-C" && n+1 < len(args):
			n++
			if g.dir != "" {
				g.strict = false
			}
			g.dir = args[n].text
			g.strict = g.strict && !args[n].dynamic && !args[n].glob
		case w == "--no-pager" || w == "-P" || w == "--no-optional-locks" || w == "--literal-pathspecs" || w == "--no-replace-objects" || w == "--no-lazy-fetch":
		case w == "-c" && n+1 < len(args):
			n++
			g.config = append(g.config, args[n].text)
			g.strict = false
		case strings.HasPrefix(w, "--exec-path=") || strings.HasPrefix(w, "--config-env"):
			g.elsewhere, g.strict = true, false
		case (w == "--git-dir" || w == "--work-tree" || w == "--namespace" || w == "--super-prefix") && n+1 < len(args):
			n++
			g.strict = false
		case strings.HasPrefix(w, "-"):
			g.strict = false
		default:
			g.sub, g.args = w, args[n+1:]
			return g
		}
	}
	return g
}

// classGit says what a git command does. A read stays one only until the
// caller has looked at the repository: see GitUse.
func classGit(a *analyzer, k call, p *pipeline.Command, i int) {
	g := splitGit(k.args())
	p.Sub, p.Git.Dir = g.sub, g.dir
	if g.dir != "" {
		k.sc.dirs = joinAll(k.sc.dirs, g.dir)
		a.argPath(field{text: g.dir}, Path{Cmd: i, Names: true}, k.sc)
	}
	p.Class, p.Git.Class = gitKind(g)
	if p.Class == pipeline.ClassRead && (!g.strict || k.words[0].text != "git" && !standardPath(k.words[0].text)) {
		p.Class = pipeline.ClassUnknown
	}
	switch g.sub {
	case "push":
		p.Git.Push = gitPush(g.args)
	case "rebase", "bisect", "filter-branch", "submodule", "difftool", "mergetool":
		for _, w := range g.args {
			if strings.HasPrefix(w.text, "-x") || w.text == "--exec" || strings.HasPrefix(w.text, "--exec=") ||
				w.text == "run" || w.text == "foreach" ||
				strings.HasSuffix(w.text, "-filter") || w.text == "-i" {
				a.opaque("git " + g.sub + " " + w.text + " runs a command")
				p.Class = pipeline.ClassExec
			}
		}
	}
	if p.Class == pipeline.ClassRead {
		a.gitRead(g, k, p, i)
		return
	}
	a.gitPaths(g, k, i, p.Git.Class != "read")
	if g.sub == "clone" {
		a.cloned(g, k, i)
	}
}

// cloned records the directory that a clone without one is given.
func (a *analyzer) cloned(g gitCall, k call, i int) {
	flags := spec{
		short: "lnqvs46", shortV: "bojuc",
		long: "local no-hardlinks no-checkout " +
			"quiet verbose shared bare mirror progress " +
			"recurse-submodules=? single-branch no-single-branch " +
			"no-tags shallow-submodules sparse " +
			"branch= origin= jobs= depth= reference= filter= shallow-since= " +
			"config= template= upload-pack= separate-git-dir= server-option=",
	}
	pos := flags.scan(g.args).pos
	if len(pos) != 1 || pos[0].dynamic {
		return
	}
	name := strings.TrimSuffix(strings.TrimRight(pos[0].text, "/"), ".git")
	name = name[strings.LastIndexAny(name, "/:")+1:]
	a.argPath(field{text: name}, Path{Cmd: i, Write: true}, k.sc)
}

// gitKind gives the class of the command and git's own: read, write, discard.
func gitKind(g gitCall) (pipeline.Class, string) {
	if gitReads(g) {
		return pipeline.ClassRead, "read"
	}
	switch g.sub {
	case "push":
		return pipeline.ClassNet, "write"
	case "fetch", "ls-remote":
		return pipeline.ClassNet, "read"
	case "pull", "clone", "remote", "submodule",
		"svn", "send-email", "request-pull", "p4", "lfs",
		"archive", "daemon", "http-push":
		return pipeline.ClassNet, "write"
	}
	if gitDiscards(g) {
		return pipeline.ClassWrite, "discard"
	}
	if gitReadNames[g.sub] != "" {
		return pipeline.ClassUnknown, "write" // for all we know
	}
	switch g.sub {
	case "":
		return pipeline.ClassUnknown, ""
	case "add", "commit",
		"merge", "rebase", "cherry-pick", "revert",
		"tag", "branch", "switch", "checkout", "restore",
		"stash", "mv", "rm", "reset", "clean",
		"init", "am", "apply",
		"notes", "worktree", "config",
		"gc", "prune", "repack",
		"update-ref", "update-index", "symbolic-ref", "sparse-checkout",
		"format-patch", "bundle",
		"replace", "maintenance", "fsck", "pack-refs",
		"read-tree", "write-tree", "commit-tree", "hash-object",
		"fast-import", "rerere":
		return pipeline.ClassWrite, "write"
	case "bisect", "filter-branch", "difftool", "mergetool", "gui", "citool", "instaweb", "web--browse", "help", "hook", "filter-repo":
		return pipeline.ClassExec, "write"
	}
	return pipeline.ClassExec, "write" // an alias or an external git-NAME
}

// gitDiscards reports commands that throw away work nobody else has.
func gitDiscards(g gitCall) bool {
	has := func(flags ...string) bool {
		for _, w := range g.args {
			for _, f := range flags {
				if w.text == f || len(f) == 2 && len(w.text) > 2 && w.text[0] == '-' && w.text[1] != '-' && strings.Contains(w.text[1:], f[1:]) {
					return true
				}
			}
		}
		return false
	}
	first := ""
	if len(g.args) > 0 {
		first = g.args[0].text
	}
	switch g.sub {
	case "reset":
		return has("--hard", "--merge", "--keep")
	case "clean":
		return !has("-n", "--dry-run")
	case "checkout":
		return has("--", "-f", "--force", "--ours", "--theirs", "-B") || first == "."
	case "switch":
		return has("-f", "--force", "--discard-changes", "-C", "--force-create")
	case "restore":
		return !has("--staged", "-S") || has("--worktree", "-W")
	case "stash":
		return first == "drop" || first == "clear"
	case "branch":
		return has("-D", "-f", "--force") || has("-d", "--delete") && has("--force")
	case "tag":
		return has("-d", "--delete", "-f", "--force")
	case "worktree":
		return first == "remove" && has("-f", "--force")
	case "rm":
		return has("-f", "--force")
	case "reflog":
		return first == "expire" || first == "delete"
	case "gc", "prune":
		return has("--prune=now") || g.sub == "prune"
	case "filter-branch", "filter-repo":
		return true
	case "rebase", "merge", "cherry-pick", "am", "revert":
		return has("--abort", "--skip", "--quit")
	case "update-ref":
		return has("-d")
	}
	return false
}

// gitPaths records what may be paths among a git command's words.
func (a *analyzer) gitPaths(g gitCall, k call, i int, write bool) {
	for n := 0; n < len(g.args); n++ {
		w := g.args[n]
		switch {
		case w.text == "-m" || w.text == "--message" || w.text == "-am" || w.text == "--author" || w.text == "--date":
			n++
			continue
		case strings.HasPrefix(w.text, "-"):
			name, _, _ := strings.Cut(w.text, "=")
			if name == "--message" || name == "--author" || name == "--format" || name == "--pretty" {
				continue
			}
			a.attached(w, Path{Cmd: i, Write: true}, k.sc)
			continue
		}
		if _, file, ok := strings.Cut(w.text, ":"); ok && g.sub != "push" && g.sub != "fetch" && !strings.Contains(w.text, "://") && !strings.HasPrefix(w.text, ":") {
			w.text = file
		}
		if g.sub == "push" || g.sub == "fetch" {
			continue
		}
		a.argPath(w, Path{Cmd: i, Write: write}, k.sc)
	}
}
