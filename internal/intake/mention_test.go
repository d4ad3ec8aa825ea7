package intake

import (
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"
)

// TestMentions: the bot is addressed by its whole name only, in any case, at
// the start or inside; what is left reads as if the name had never been there.
func TestMentions(t *testing.T) {
	for text, want := range map[string]string{
		"@bot do it": "do it", "@bot  do it": "do it", "@BOT": "", "\n@Bot\ndo it": "do it", "@bot: do it": "do it", "@bot, do it": "do it",
		"please @Bot do it": "please do it", "do it @bot": "do it", "do it, @bot!": "do it,!", "ask @bot.": "ask.", "is it you, @bot?": "is it you,?",
		"(@bot)": "", "(@bot) go": "go", "see (cc @bot) there": "see (cc) there", "[@bot] x": "[] x", "a,@bot b": "a, b", "/@bot": "/",
		"one\n@bot two": "one\ntwo", "@bot @bot twice": "twice", "@bot and @bot-2": "and @bot-2", "İ @bot x": "İ x", "@bot - x": "- x",
		"@bot-2 do it": "no", "@bot.x do it": "no", "@bot_2": "no", "@bots": "no", "me@bot": "no", "@@bot": "no", "ф@bot": "no", "no bot": "no", "": "no",
	} {
		rest, found := mentioned("bot", text)
		if found != (want != "no") || found && rest != want {
			t.Errorf("%q: %q %v, want %q", text, rest, found, want)
		}
	}
}

// TestMentionedProperties: text without the bot's name comes back as it was, up
// to the blanks around it; and of a text with it no word is lost but the name.
func TestMentionedProperties(t *testing.T) {
	pieces := []string{"@bot", "@Bot", "@bot-2", "@bot.", "bot", "@", " ", "  ", "\n", ",", ":", "(", ")", "word", "ü", "İ", "@alice", ".", "-"}
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 12).Draw(t, "text"), "")
		rest, found := mentioned("bot", text)
		if !found && rest != strings.TrimSpace(text) {
			t.Fatalf("%q became %q, though nobody was named", text, rest)
		}
		if !strings.Contains(strings.ToLower(text), "@bot") && found {
			t.Fatalf("%q names the bot", text)
		}
		letters := func(s string) string {
			return strings.Map(func(r rune) rune {
				if unicode.IsLetter(r) {
					return r
				}
				return -1
			}, s)
		}
		was, is := letters(text), letters(rest)
		if names := (len(was) - len(is)) / len("bot"); found != (names > 0) || (len(was)-len(is))%len("bot") != 0 {
			t.Fatalf("%q became %q", text, rest)
		}
	})
}

// TestAsideIsNamed: a message is to somebody else where it begins with the name
// of an account that is not the bot's; nobody is asked about other texts.
func TestAsideIsNamed(t *testing.T) {
	for text, want := range map[string]struct {
		asked string
		aside bool
	}{
		"@alice hm": {"alice", true}, "  @Alice: hm": {"alice", true}, "@alice.": {"alice", true}, "@a.b-c x": {"a.b-c", true}, "@nobody x": {"nobody", false},
		"@bot x": {}, "@BOT": {}, "@here x": {}, "@all x": {}, "@channel x": {}, "x @alice": {}, "@": {}, "": {}, "@alice @bot": {"alice", true},
	} {
		asked := ""
		got := Aside("bot", text, func(name string) bool { asked = name; return name != "nobody" })
		if got != want.aside || asked != want.asked {
			t.Errorf("%q: %v, asked for %q", text, got, asked)
		}
	}
}
