package secrets

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// anArgument is what a command line may hold, among it the token in all its
// spellings.
var anArgument = rapid.SampledFrom([]string{"-rules", "a.toml", "--", "-", "", "token", "-tokens", "-token", "--token", "-token=SECRET", "--token=SECRET", "-debug"})

// T2: of a command line nothing is lost but the token, and the token is, however
// it is spelled.
func TestWithoutToken(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		argv, want := []string{"ctpipe"}, []string{"ctpipe"}
		for range rapid.IntRange(0, 8).Draw(rt, "arguments") {
			switch a := anArgument.Draw(rt, "argument"); a {
			case "-token", "--token":
				argv = append(argv, a, "SECRET")
			case "-token=SECRET", "--token=SECRET":
				argv = append(argv, a)
			default:
				argv, want = append(argv, a), append(want, a)
			}
		}
		got := withoutToken(argv)
		if !slices.Equal(got, want) || slices.ContainsFunc(got, func(a string) bool { return strings.Contains(a, "SECRET") }) {
			rt.Fatalf("%q of %q", got, argv)
		}
	})
}

// What a process hands on is taken over once, and only from a pipe.
func TestTakeOver(t *testing.T) {
	if taken, err := takeOver(); err != nil || taken != nil {
		t.Errorf("%v, %v", taken, err)
	}
	for text, want := range map[string]string{"x": "names no pipe", "2": "names no pipe", "99999": "taking tokens over"} {
		t.Setenv(secretsFD, text)
		if _, err := takeOver(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
		if os.Getenv(secretsFD) != "" {
			t.Error("the variable is left for those who come after")
		}
	}
}

// T1: the names of the variables that hold tokens stand in the rules file.
func TestExposed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "rules.toml")
	if err := os.WriteFile(file, []byte("[[platform]]\nid = \"a\"\ntoken_env = \"TEAM_SECRET\"\n[[platform]]\nid = \"b\"\ntoken_env = \"CTPIPE_TEST_UNSET\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TEAM_SECRET", "one")
	t.Setenv("CTPIPE_TOKEN", "")
	for _, c := range []struct {
		file, token string
		want        map[string]string
	}{
		{file, "", map[string]string{"TEAM_SECRET": "one"}},
		{file, "tok", map[string]string{"TEAM_SECRET": "one", flagToken: "tok"}},
		{file + ".gone", "", nil},
	} {
		got := exposed(c.file, c.token)
		if len(got) != len(c.want) {
			t.Errorf("%v", got)
		}
		for name, v := range c.want {
			if got[name] != v {
				t.Errorf("%s: %q", name, got[name])
			}
		}
	}
}
