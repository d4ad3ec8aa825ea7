package rules

import (
	"os"
	"testing"

	"ctpipe/internal/diag"
	"ctpipe/pipeline"
)

func load(t testing.TB, src string) *Set {
	t.Helper()
	f, fs := Parse("rules.toml", []byte(src))
	var set *Set
	if !diag.HasErrors(fs) {
		var more []diag.Finding
		set, more = Compile(f, Options{})
		fs = append(fs, more...)
	}
	if diag.HasErrors(fs) {
		for _, x := range fs {
			t.Log(diag.Format(x, diag.Sources{"rules.toml": []byte(src)}))
		}
		t.Fatal("the rules do not compile")
	}
	return set
}

func TestExample(t *testing.T) {
	src, err := os.ReadFile("testdata/example.toml")
	if err != nil {
		t.Fatal(err)
	}
	set := load(t, string(src))
	ev := &pipeline.Event{Kind: pipeline.KindTool, Tool: pipeline.Tool{Name: "Bash", Commands: []pipeline.Command{
		{Prog: "git", Sub: "status", Class: "read"}, {Prog: "git", Sub: "push", Args: []string{"-f"}, Class: "net"}}}}
	out := set.Judge(ev)
	t.Logf("%+v", out)
	ev.Unknown = []string{"tool.commands"}
	ev.Tool.Why = "unclosed quote"
	ev.Tool.Commands = nil
	t.Logf("%+v", set.Judge(ev))
}
func TestX(t *testing.T) {
	src := `
[[rule]]
id="a"
on="tool"
when = 'any(tool.comands, .prog == "git")'
then="deny"
[[rule]]
id="b"
on="tool"
when = '''
tool.name == "Bash" and
  any(tool.commands, .progg == "git")'''
then="deny"
[define]
x = 'tool.nam == "x"'
[[rule]]
id="c"
on="tool"
when = 'true and x'
then="deny"
[[rule]]
id="c3"
on="tool"
when = 'user.name == "x"'
then="deny"
[[rule]]
id="c4"
on="tool"
when = 'thread.branch == "x"'
then="deny"
[[rule]]
id="c5"
on="tool"
when = 'tool.name'
then="deny"
[[rule]]
id="c6"
on="tool"
when = 'tool.name == 3 or reduce([1], # + #acc) > 3 or now() or base'
then="deny"
`
	f, fs := Parse("rules.toml", []byte(src))
	_, more := Compile(f, Options{})
	for _, x := range append(fs, more...) {
		t.Log("\n" + diag.Format(x, diag.Sources{"rules.toml": []byte(src)}))
	}
}
