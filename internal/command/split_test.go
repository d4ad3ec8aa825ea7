package command

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode"

	"ctpipe/pipeline"

	"pgregory.net/rapid"
)

// splitHolds says what Split may never do, whatever somebody writes.
func splitHolds(t rapid.TB, text string) {
	trimmed := strings.TrimSpace(text)
	c, ok := Split(text)
	marked := len(trimmed) > 1 && (trimmed[0] == '!' || trimmed[0] == '/') && isLetter(trimmed[1])
	switch {
	case ok && !marked:
		t.Fatalf("%q is the command %+v", text, c)
	case !ok && marked && trimmed[0] == '!':
		t.Fatalf("%q is no command", text)
	case !ok:
		return
	}
	if c.Slash != (trimmed[0] == '/') || c.Name != strings.ToLower(c.Name) || c.Name == "" || strings.ContainsFunc(c.Name, unicode.IsSpace) {
		t.Fatalf("%q: %+v", text, c)
	}
	if !strings.HasSuffix(trimmed, c.Text) || strings.Join(c.Args, " ") != strings.Join(strings.Fields(c.Text), " ") {
		t.Fatalf("%q: the rest is %q, %q", text, c.Text, c.Args)
	}
	if known, ok := Find(c.Name); ok && !c.Slash && known.Name != c.Name {
		t.Fatalf("%q: %s is not the canonical name", text, c.Name)
	}
}

// startHolds says what SplitStart may never do.
func startHolds(t rapid.TB, text string) {
	commands, prompt, err := SplitStart(text)
	if err != nil {
		var forPeople UserError
		if !errors.As(err, &forPeople) || !strings.HasSuffix(err.Error(), NothingStarted) || commands != nil || prompt != "" {
			t.Fatalf("%q: %+v, %q, %v", text, commands, prompt, err)
		}
		return
	}
	if !strings.HasSuffix(strings.TrimSpace(text), prompt) {
		t.Fatalf("%q: the request became %q", text, prompt)
	}
	if c, ok := Split(prompt); ok && !c.Slash {
		t.Fatalf("%q: the request is the command %+v", text, c)
	}
	rest := text
	for i, c := range commands {
		known, ok := Find(c.Name)
		if !ok || known.Start == nil || len(c.Args) != 1 || c.Args[0] == "" || c.Text != c.Args[0] || c.Slash {
			t.Fatalf("%q: %+v", text, c)
		}
		if slices.ContainsFunc(commands[:i], func(o pipeline.ChatCommand) bool { return o.Name == c.Name }) {
			t.Fatalf("%q: %s twice", text, c.Name)
		}
		_, after, found := strings.Cut(rest, c.Text)
		if !found {
			t.Fatalf("%q: %q is not in it, or not in order", text, c.Text)
		}
		rest = after
	}
	if first, ok := Split(text); ok && Shapes(first) != (len(commands) > 0) && !slices.Contains(worktreeCommand.Start.Not, strings.ToLower(first.Args[0])) {
		t.Fatalf("%q begins a start: %v; %+v", text, Shapes(first), commands)
	}
}

// wordy are the texts that people write: commands, nearly commands, and prose.
var wordy = rapid.Custom(func(t *rapid.T) string {
	word := rapid.OneOf(
		rapid.SampledFrom(append(Names(), "stpo", "x", "list", "Fix/It", "\"a b\"", "\"", "!", "/", "/etc/hosts", "interactive", "opus")),
		rapid.StringN(0, 6, -1))
	var b strings.Builder
	for range rapid.IntRange(0, 8).Draw(t, "words") {
		b.WriteString(rapid.SampledFrom([]string{"!", "", "", "/", "!!"}).Draw(t, "mark"))
		b.WriteString(word.Draw(t, "word"))
		b.WriteString(rapid.SampledFrom([]string{" ", "  ", "\n", "\t", "\u00a0", ""}).Draw(t, "blank"))
	}
	return b.String()
})

// TestSplitProperties covers C1 and FUN-09 for whatever somebody writes.
func TestSplitProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := wordy.Draw(t, "text")
		splitHolds(t, text)
		startHolds(t, text)
	})
}

// TestSplitStartRoundTrip covers FUN-09: what is put before a request comes off
// again, in order, and the request is as it was.
func TestSplitStartRoundTrip(t *testing.T) {
	var shaping []string
	for _, c := range All {
		if c.Start != nil {
			shaping = append(shaping, c.Name)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfNDistinct(rapid.SampledFrom(shaping), 0, len(shaping), rapid.ID[string]).Draw(t, "names")
		request := rapid.StringMatching(`[a-z/][a-z ,\n!]{0,20}[a-z]`).Draw(t, "request")
		var want []pipeline.ChatCommand
		text := ""
		for _, name := range names {
			arg := rapid.StringMatching(`[a-zA-Z0-9/.~-]{1,8}( [a-z]{1,4})?`).Draw(t, "arg")
			quoted := arg
			if strings.Contains(arg, " ") {
				quoted = `"` + arg + `"`
			}
			text += "!" + name + rapid.SampledFrom([]string{" ", "\n", "  "}).Draw(t, "blank") + quoted + " "
			want = append(want, pipeline.ChatCommand{Name: name, Args: []string{arg}, Text: arg})
		}
		got, prompt, err := SplitStart(text + request)
		same := slices.EqualFunc(got, want, func(a, b pipeline.ChatCommand) bool { return a.Name == b.Name && a.Text == b.Text })
		if err != nil || prompt != request || !same {
			t.Fatalf("%q: %+v, %q, %v", text+request, got, prompt, err)
		}
	})
}

func FuzzSplit(f *testing.F) {
	for _, text := range []string{"", "!stop", " !HELP !Stop", "/context", "/etc/hosts", "!cd \"/a b\" !model opus do y", "!worktree list", "![x](y)", "!é", "!a\u00a0b"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		splitHolds(t, text)
		startHolds(t, text)
	})
}
