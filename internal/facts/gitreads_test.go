package facts

import (
	"testing"
)

// TestGitMayRun (G1): git is reading only in the session's own repository, and
// only while its configuration and attributes name nothing that runs.
func TestGitMayRun(t *testing.T) {
	fresh := func(t *testing.T) tree {
		tr := newTree(t)
		tr.git("init", "-q")
		tr.write("a.go", "x")
		tr.git("add", "a.go")
		tr.git("commit", "-qm", "x")
		return tr
	}
	tr := fresh(t)
	tr.write("sub/b", "")
	for _, c := range []string{"git status", "git log -3", "git -C sub status", "cd sub && git diff", "git diff -- a.go", "git show HEAD:a.go", "git show HEAD -- a.go", "git grep x"} {
		if !reads(tr.bash(c)) {
			t.Errorf("%s is no reading in a clean repository", c)
		}
	}
	for _, c := range []string{"git show HEAD -- sub", "git -C " + tr.outside + " status"} {
		if reads(tr.bash(c)) {
			t.Errorf("%s is reading", c)
		}
	}
	for name, spoil := range map[string]func(tree){
		"fsmonitor":     func(tr tree) { tr.git("config", "core.fsmonitor", "./x.sh") },
		"external diff": func(tr tree) { tr.git("config", "diff.external", "./x.sh") },
		"textconv":      func(tr tree) { tr.git("config", "diff.x.textconv", "./x.sh") },
		"filter":        func(tr tree) { tr.git("config", "filter.x.clean", "./x.sh") },
		"pager":         func(tr tree) { tr.git("config", "core.pager", "./x.sh") },
		"alias":         func(tr tree) { tr.git("config", "alias.x", "!./x.sh") },
		"include":       func(tr tree) { tr.git("config", "include.path", "../x") },
		"worktree":      func(tr tree) { tr.git("config", "core.worktree", tr.outside) },
		"hook":          func(tr tree) { tr.write(".git/hooks/post-index-change", "#!/bin/sh\n") },
		"hooksPath":     func(tr tree) { tr.git("config", "core.hooksPath", "h"); tr.write("h/post-index-change", "") },
		"global":        func(tr tree) { tr.write(tr.home+"/.gitconfig", "[core]\n\tfsmonitor = ./x.sh\n") },
		"global include": func(tr tree) {
			tr.write(tr.home+"/.gitconfig", "[include]\npath = ~/more\n")
			tr.write(tr.home+"/more", "[diff]external=x\n")
		},
		"submodules":     func(tr tree) { tr.write(".gitmodules", "") },
		"one line":       func(tr tree) { tr.write(".git/config", "[core] fsmonitor = ./x.sh\n") },
		"continued line": func(tr tree) { tr.write(".git/config", "[core]\nfsmon\\\nitor = ./x.sh\n") },
	} {
		tr := fresh(t)
		if !reads(tr.bash("git status")) {
			t.Fatalf("%s: not reading before", name)
		}
		spoil(tr)
		if reads(tr.bash("git status")) {
			t.Errorf("%s: git status is still reading", name)
		}
	}
}

// TestPlantedRepository: a repository made by four harmless writes is not the
// session's own.
func TestPlantedRepository(t *testing.T) {
	tr := newTree(t)
	tr.git("init", "-q")
	tr.write("d/HEAD", "ref: refs/heads/main\n")
	tr.write("d/config", "[core]\n\tbare = false\n\tworktree = .\n\tfsmonitor = ./x.sh\n")
	tr.write("d/objects/x", "")
	tr.write("d/refs/x", "")
	for _, c := range []string{"git -C d status", "cd d && git status", "cd d; git log"} {
		if reads(tr.bash(c)) {
			t.Errorf("%s is reading", c)
		}
	}
	tr.write("e/.git", "gitdir: ../d\n")
	if reads(tr.bash("git -C e status")) {
		t.Error("a .git file leads to a planted repository")
	}
	if !reads(tr.bash("git status")) {
		t.Error("the session's own is still fine")
	}
}

// TestTrackedSecrets: git diff and git grep show tracked credential files.
func TestTrackedSecrets(t *testing.T) {
	tr := newTree(t)
	tr.git("init", "-q")
	tr.write("a.go", "x")
	tr.write("conf/.env", "x")
	tr.git("add", ".")
	for c, want := range map[string]bool{"git diff": false, "git grep x": false, "git diff -- a.go": true, "git diff --stat": true, "git status": true, "git diff -- conf": false} {
		if got := reads(tr.bash(c)); got != want {
			t.Errorf("%s: reads %v", c, got)
		}
	}
	tr.git("update-index", "--index-version", "4")
	if reads(tr.bash("git diff")) {
		t.Error("version 4 of the index is not read")
	}
}
