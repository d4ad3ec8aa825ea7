package app

import (
	"path/filepath"

	"ctpipe/internal/home"
)

// obeyed are the files below the home directory that Claude's CLI, git and the
// shell obey: whoever writes them chooses what runs.
var obeyed = []string{
	".claude",
	".claude.json",
	".bashrc",
	".bash_profile",
	".profile",
	".zshrc",
	".zshenv",
	".zprofile",
	".bash_logout",
	".config/fish",
	".gitconfig",
	".config/git",
	".ssh",
}

// cliFiles are those of whoever runs ctpipe.
func cliFiles() []string {
	dir := home.Dir()
	if dir == "" {
		return nil
	}
	var out []string
	for _, name := range obeyed {
		out = append(out, filepath.Join(dir, name))
	}
	return out
}
