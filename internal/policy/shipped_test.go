package policy

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"ctpipe/hooks"
	"ctpipe/internal/diag"
)

var commentedHook = regexp.MustCompile(`(?m)^# (\[\[hook\]\].*\n)# (script = "(scripts/\w+\.lua)"\n)(?:# (may .*\n))?`)

// Every shipped script stands in the shipped rules.toml behind a comment; each
// of them alone, with the comment marks taken away, passes its tests.
func TestShippedHooksAreListedAndOff(t *testing.T) {
	raw, err := os.ReadFile("../../rules.toml")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]string{}
	for _, m := range commentedHook.FindAllStringSubmatch(string(raw), -1) {
		listed[m[3]] = m[1] + m[2] + m[4]
	}
	scripts, err := filepath.Glob("../../scripts/*.lua")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range scripts {
		if strings.HasSuffix(path, ".d.lua") {
			continue
		}
		name := "scripts/" + filepath.Base(path)
		text, ok := listed[name]
		if !ok {
			t.Errorf("rules.toml does not list %s", name)
			continue
		}
		dir := t.TempDir()
		script, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Mkdir(filepath.Join(dir, "scripts"), 0o755); err != nil {
			t.Fatal(err)
		}
		rules := string(raw) + "\n[groups]\noncall = [\"alice\"]\n\n" + text
		for file, b := range map[string][]byte{"rules.toml": []byte(rules), name: script} {
			if err := os.WriteFile(filepath.Join(dir, file), b, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		l := &Loader{Path: filepath.Join(dir, "rules.toml"), Getenv: func(string) (string, bool) { return "", false }, Store: &hooks.Memory{}}
		p, _, findings := l.Load()
		if diag.HasErrors(findings) || len(p.File.Hooks) != 1 {
			t.Errorf("%s: %v", name, findings)
		}
	}
}

// A platform whose allowed_users is empty lets anyone in the channel start
// sessions, as rules.toml says; its tests hold there too.
func TestShippedRulesOnAnOpenPlatform(t *testing.T) {
	raw, err := os.ReadFile("../../rules.toml")
	if err != nil {
		t.Fatal(err)
	}
	open := "\n[[platform]]\nid = \"main\"\nurl = \"https://chat.example.org\"\nchannel = \"eng/claude\"\nbot_name = \"claude-code\"\ntoken_env = \"CTPIPE_TOKEN\"\n"
	if p, _, findings := write(t, map[string]string{"rules.toml": string(raw) + open}).Load(); p == nil {
		t.Error(text(findings))
	}
}
