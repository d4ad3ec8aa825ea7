package command

import (
	"os"
	"slices"
	"strings"
	"testing"

	"ctpipe/pipeline"
)

// TestDeclarations: every command says what it is, once, and has one function.
func TestDeclarations(t *testing.T) {
	taken := map[string]string{}
	for _, c := range All {
		for _, name := range append(c.names(), c.Bare...) {
			if by, ok := taken[name]; ok && by != c.Name {
				t.Errorf("%s is both !%s and !%s", name, by, c.Name)
			}
			taken[name] = c.Name
			if cmd, ok := Split("!" + name); !ok || cmd.Name != c.Name && !slices.Contains(c.Bare, name) {
				t.Errorf("!%s is %+v, %v", name, cmd, ok)
			}
		}
		if n := slices.Compact(slices.Sorted(slices.Values(c.names()))); len(n) != 1+len(c.Aliases) {
			t.Errorf("!%s has a name twice: %q", c.Name, c.names())
		}
		if usage, _, _ := strings.Cut(c.Usage, " "); usage != "!"+c.Name {
			t.Errorf("!%s: usage %q", c.Name, c.Usage)
		}
		if c.Help == "" || strings.ContainsAny(c.Help, "\n|") {
			t.Errorf("!%s: help %q", c.Name, c.Help)
		}
		if c.Needs > c.Takes || (c.Answer == nil) == (c.Do == nil) || c.Alone && !c.Anywhere {
			t.Errorf("!%s: %+v", c.Name, c)
		}
		if s := c.Start; s != nil && (s.Do == nil || !strings.HasPrefix(s.Usage, "!"+c.Name+" ")) {
			t.Errorf("!%s at a start: %+v", c.Name, s)
		}
	}
	if names := Names(); len(names) != len(slices.Compact(slices.Sorted(slices.Values(names)))) {
		t.Errorf("a name is there twice: %q", names)
	}
}

// TestReadme: the README has the table of !help, and !help has every command.
func TestReadme(t *testing.T) {
	raw, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	table := Table(All)
	if !strings.Contains(string(raw), table) {
		t.Errorf("README.md lacks the table of commands:\n%s", table)
	}
	for _, c := range All {
		if row := strings.ReplaceAll(c.Usage, "|", "\\|"); !strings.Contains(table, "| `"+row+"` | "+c.Help+" |\n") {
			t.Errorf("no row for !%s", c.Name)
		}
		if got := (&fake{}).run("!help "+c.Name, pipeline.User{}, nil); got != "`"+c.Usage+"` — "+c.Help {
			t.Errorf("!help %s: %q", c.Name, got)
		}
	}
}

// TestWithoutSession: what needs no session works without one.
func TestWithoutSession(t *testing.T) {
	for _, c := range All {
		if !c.Anywhere {
			continue
		}
		text := "!" + c.Name
		if c.Needs > 0 {
			text += " x"
		}
		if got := (&fake{}).run(text, pipeline.User{}, nil); got == "" {
			t.Errorf("%s says nothing", text)
		}
	}
}

// TestEnds: what may overtake is !stop, !escape and !kill, and no other.
func TestEnds(t *testing.T) {
	var ends []string
	for _, c := range All {
		if c.Ends {
			ends = append(ends, c.Name)
		}
	}
	if want := []string{"escape", "stop", "kill"}; !slices.Equal(ends, want) {
		t.Errorf("%q, want %q", ends, want)
	}
}

// TestEffect covers FUN-09: a command with too few or too many arguments answers
// its usage, and nothing is done.
func TestEffect(t *testing.T) {
	for _, c := range All {
		for n := range 5 {
			r := Request{Command: pipeline.ChatCommand{Name: c.Name, Args: make([]string, n)}, Own: All}
			usage := c.Effect(r) == pipeline.Effect(pipeline.Reply{Text: "Usage: `" + c.Usage + "`"})
			if usage == c.Fits(n) {
				t.Errorf("!%s with %d arguments: usage %v", c.Name, n, usage)
			}
		}
	}
}
