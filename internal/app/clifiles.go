package app

import (
	"os"
	"path/filepath"
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
	home, err := os.UserHomeDir()
	if err != nil {
		return nil
	}
	var out []string
	for _, name := range obeyed {
		out = append(out, filepath.Join(home, name))
	}
	return out
}
