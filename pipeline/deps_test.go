package pipeline_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// The dependency rule of the house: the vocabulary stands on the standard
// library alone, plumbing does not know other plumbing, and only internal/app
// knows everything. The command line has nothing to do with chats, sessions and
// what they keep.
func TestDependencies(t *testing.T) {
	goTool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("no go tool to list packages with")
	}
	deps := func(pkg string) (own, foreign []string) {
		out, err := exec.Command(goTool, "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", pkg).Output()
		if err != nil {
			t.Fatalf("go list -deps %s: %v", pkg, err)
		}
		for p := range strings.FieldsSeq(string(out)) {
			switch {
			case p == pkg:
			case strings.HasPrefix(p, "ctpipe/"):
				own = append(own, strings.TrimPrefix(p, "ctpipe/"))
			default:
				foreign = append(foreign, p)
			}
		}
		return own, foreign
	}
	if own, foreign := deps("ctpipe/pipeline"); len(own)+len(foreign) > 0 {
		t.Errorf("pipeline imports more than the standard library: %v %v", own, foreign)
	}
	for pkg, never := range map[string][]string{
		"internal/mattermost": {"internal/claude", "internal/session", "internal/policy", "stages", "hooks"},
		"internal/claude":     {"internal/mattermost", "internal/session", "internal/policy", "stages", "hooks"},
		"internal/shell":      {"internal/mattermost", "internal/claude", "internal/session", "internal/policy", "stages", "hooks"},
		"internal/facts":      {"internal/mattermost", "internal/claude", "internal/session", "internal/policy", "stages", "hooks"},
		"internal/transcript": {"internal/session", "internal/policy", "stages", "hooks", "internal/state"},
		"internal/rules":      {"internal/mattermost", "internal/claude", "internal/session", "internal/policy", "stages", "hooks"},
		"internal/secrets":    {"internal/mattermost", "internal/claude", "internal/session", "internal/policy", "internal/state", "stages", "hooks"},
		"hooks":               {"internal/mattermost", "internal/claude", "internal/session", "internal/policy", "stages"},
		"stages":              {"internal/mattermost", "internal/session", "internal/policy", "internal/playground", "internal/state"},
		"internal/command":    {"internal/mattermost", "internal/session", "internal/policy", "stages", "hooks"},
		"internal/roster":     {"internal/claude", "internal/session", "internal/policy", "stages", "hooks"},
		"internal/attachment": {"internal/session", "internal/policy", "stages", "hooks"},
		"internal/intake":     {"internal/session", "internal/policy", "stages", "hooks"},
		"internal/policy":     {"internal/mattermost", "internal/session", "internal/playground"},
		"internal/hooktrial":  {"internal/mattermost", "internal/session", "internal/playground", "internal/state"},
		"internal/board":      {"internal/session", "internal/policy", "internal/playground", "stages", "hooks"},
		"internal/memory":     {"internal/mattermost", "internal/claude", "internal/session", "internal/policy", "pipeline", "stages", "hooks"},
		"internal/session":    {"internal/policy", "internal/playground"},
	} {
		own, _ := deps("ctpipe/" + pkg)
		for _, dep := range own {
			if slices.Contains(never, dep) || strings.HasPrefix(dep, "cmd/") {
				t.Errorf("%s imports %s", pkg, dep)
			}
		}
	}
	out, err := exec.Command(goTool, "list", "-f", `{{.ImportPath}}: {{join .Imports " "}}`, "ctpipe/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for line := range strings.Lines(string(out)) {
		pkg, imports, _ := strings.Cut(line, ":")
		list := strings.Fields(imports)
		within := func(names ...string) bool {
			return !slices.ContainsFunc(names, func(name string) bool { return !slices.Contains(list, "ctpipe/"+name) })
		}
		if pkg != "ctpipe/cmd/ctpipe" && within("internal/app") {
			t.Errorf("%s imports internal/app; only cmd/ctpipe may", pkg)
		}
		if pkg != "ctpipe/internal/app" && within("internal/session", "internal/policy", "internal/playground") {
			t.Errorf("%s imports everything; only internal/app may", pkg)
		}
		for _, name := range []string{"internal/session", "internal/mattermost", "internal/playground", "internal/state"} {
			if strings.HasPrefix(pkg, "ctpipe/cmd/") && within(name) {
				t.Errorf("%s imports %s: what runs belongs to internal/app", pkg, name)
			}
		}
	}
}
