package stages

import (
	"testing"

	"ctpipe/internal/facts"
	"ctpipe/pipeline"
)

// TestFloorSeesWhereFilesGo (S5): however a command brings a file to a place
// that Claude Code obeys, the floor denies it, or asks where only an archive
// names the files.
func TestFloorSeesWhereFilesGo(t *testing.T) {
	dir, home := t.TempDir(), t.TempDir()
	f := &floor{opaque: pipeline.Ask}
	for command, want := range map[string]pipeline.Verdict{
		"cp -r x/.claude .":                      pipeline.Deny,
		"cp -t .claude settings.json":            pipeline.Deny,
		"cp -t.claude settings.json":             pipeline.Deny,
		"mv x/.mcp.json .":                       pipeline.Deny,
		"ln -s x/.mcp.json":                      pipeline.Deny,
		"install -D x .claude/settings.json":     pipeline.Deny,
		"rsync -a x/.claude .":                   pipeline.Deny,
		"scp host:x/.mcp.json .":                 pipeline.Deny,
		"curl -O https://a.example/.mcp.json":    pipeline.Deny,
		"curl -so.mcp.json https://a.example/x":  pipeline.Deny,
		"wget https://a.example/.mcp.json":       pipeline.Deny,
		"wget -O .mcp.json https://a.example/x":  pipeline.Deny,
		"sort -o.mcp.json x":                     pipeline.Deny,
		"sort --output=.mcp.json x":              pipeline.Deny,
		"sed 's/a/b/w.mcp.json' x":               pipeline.Deny,
		"sed -n 'w .mcp.json' x":                 pipeline.Deny,
		"sed -i s/a/b/ .mcp.json":                pipeline.Deny,
		"git diff --output .mcp.json":            pipeline.Deny,
		"kubectl cp pod:/x .mcp.json":            pipeline.Deny,
		"dd of=.mcp.json":                        pipeline.Deny,
		"tee .mcp.json":                          pipeline.Deny,
		"echo x >> .claude/settings.local.json":  pipeline.Deny,
		"cp x .git/hooks/pre-commit":             pipeline.Deny,
		"tar xf x.tar":                           pipeline.Ask,
		"unzip x.zip":                            pipeline.Ask,
		"patch -p1 < x":                          pipeline.Ask,
		"git apply x":                            pipeline.Ask,
		"curl -OJ https://a.example/x":           pipeline.Ask,
		"awk '{ print > \".mcp.json\" }' x":      pipeline.Ask,
		"sed -i '1e cp x .mcp.json' y":           pipeline.Ask,
		"rsync -e 'sh -c id' x host:y":           pipeline.Ask,
		"git fetch --upload-pack='touch x' .":    pipeline.Ask,
		"cp x y":                                 pipeline.Abstain,
		"cp -r src dst":                          pipeline.Abstain,
		"curl -fsSL https://a.example/.mcp.json": pipeline.Abstain,
		"tar tf x.tar":                           pipeline.Abstain,
		"git fetch origin":                       pipeline.Abstain,
	} {
		ev := &pipeline.Event{Kind: pipeline.KindTool, Session: pipeline.Session{Dir: dir},
			Tool: pipeline.Tool{Name: "Bash", Cwd: dir, Input: map[string]any{"command": command}}}
		s := &pipeline.Snapshot{Chains: map[pipeline.Kind][]pipeline.Link{pipeline.KindTool: {
			{Name: "shell", Role: pipeline.Enrich, Stage: NewShell(home)},
			{Name: "paths", Role: pipeline.Enrich, Stage: NewPaths(facts.Disk{}, home)},
			{Name: "floor", Role: pipeline.Gate, Stage: f}}}}
		r := s.Judge(t.Context(), ev)
		if got := pipeline.Max(r.Votes()); got != want {
			t.Errorf("%s: %s by %s, want %s; paths %+v", command, got, by(r), want, ev.Tool.Paths)
		}
	}
}
