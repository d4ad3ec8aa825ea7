package command

import (
	"reflect"
	"testing"

	"ctpipe/pipeline"
)

// C1, FUN-15: what is a command and what is not.
func TestSplit(t *testing.T) {
	for text, want := range map[string]pipeline.ChatCommand{
		"!stop": {Name: "stop"}, " !STOP ": {Name: "stop"}, "!cancel": {Name: "stop"}, "!interrupt": {Name: "escape"},
		"!help !Stop":         {Name: "help", Args: []string{"!Stop"}, Text: "!Stop", HelpFor: "stop"},
		"!review 412\nplease": {Name: "review", Args: []string{"412", "please"}, Text: "412\nplease"},
		"/context":            {Name: "context", Slash: true}, "/stop": {Name: "stop", Slash: true},
	} {
		got, ok := Split(text)
		if len(want.Args) == 0 {
			want.Args = got.Args[:0]
		}
		if !ok || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %+v, %v", text, got, ok)
		}
	}
	for _, text := range []string{"", "!", "/", "! stop", "!!", "!1", "![x](y)", "/etc/hosts is odd", "//", "stop", "cancel", "help", "say !stop", "> !stop", "`!stop`"} {
		if c, ok := Split(text); ok {
			t.Errorf("%q is the command %+v", text, c)
		}
	}
}

// TestBare covers FUN-15: which words are commands without a mark.
func TestBare(t *testing.T) {
	for text, want := range map[string]string{"stop": "stop", " Stop\n": "stop", "CANCEL": "stop", "help": "help"} {
		if c, ok := Bare(text); !ok || c.Name != want || c.Slash || len(c.Args) != 0 {
			t.Errorf("%q: %+v, %v", text, c, ok)
		}
	}
	for _, text := range []string{"", "stop!", "stop.", "stop it", "please stop", "kill", "escape", "!stop", "`stop`", "s\u200btop", "ѕtop"} {
		if c, ok := Bare(text); ok {
			t.Errorf("%q is the command %+v", text, c)
		}
	}
}
