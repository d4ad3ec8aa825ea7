package facts

import "testing"

// TestConfiguration (G1): what a repository's own configuration, and the
// operator's, could make git start when it only looks.
func TestConfiguration(t *testing.T) {
	for text, c := range map[string]struct{ local, global bool }{ // whether something may run
		"":                                                {false, false},
		"# [diff] external = x\n; y\n":                    {false, false},
		"[core]\n\tfsmonitor = true\n":                    {false, false},
		"[core]\n\tfsmonitor = ./x.sh\n":                  {true, true},
		"[CORE]\n\tFSMonitor = ./x.sh\n":                  {true, true},
		"[core] fsmonitor = ./x.sh":                       {true, true},
		"[core]\n\tsshCommand = x\n":                      {true, false},
		"[core]\n\tattributesFile = x\n":                  {true, false},
		"[core]\n\tworktree = ..\n":                       {true, false},
		"[core]\n\thooksPath = hooks\n":                   {false, false},
		"[core]\n\thooksPath = ~/none\n":                  {false, false},
		"[diff \"x\"]\n\ttextconv = x\n":                  {true, true},
		"[diff.x]\n\tcommand = x\n":                       {true, true},
		"[filter \"lfs\"]\nclean = git-lfs clean -- %f\n": {false, false},
		"[filter \"x\"]\nprocess = x\n":                   {true, true},
		"[alias]\n\tst = !x\n":                            {true, false},
		"[log]\n\tshowSignature = true\n":                 {true, true},
		"[log]\n\tshowSignature = false\n":                {false, false},
		"[extensions]\n\tpartialClone = o\n":              {true, true},
		"[remote \"o\"]\n\tpromisor = true\n":             {true, true},
		"[include]\n\tother = x\n":                        {false, false},
		"[include]\n\tpath = ~/none\n":                    {true, false},
		"[include]\n\tpath = ~/.gitconfig\n":              {true, true}, // without end
		"[core\nfsmonitor = x\n":                          {true, true},
		"[core]\nfsmon\\\nitor = ./x.sh\n":                {true, true},
		"[user]\n\tname = x\n":                            {false, false},
	} {
		for _, where := range []string{"local", "global"} {
			tr := newTree(t)
			for _, name := range []string{"HEAD", "objects/x", "refs/x", "config"} {
				tr.write(".git/"+name, "")
			}
			want := c.global
			if where == "local" {
				tr.write(".git/config", text)
				want = c.local
			} else {
				tr.write(tr.home+"/.gitconfig", text)
			}
			if got := !reads(tr.bash("git status")); got != want {
				t.Errorf("%s %q: something may run %v, want %v", where, text, got, want)
			}
		}
	}
}
