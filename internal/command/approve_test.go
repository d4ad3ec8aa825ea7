package command

import "testing"

func TestUnquoted(t *testing.T) {
	for words, want := range map[string]string{
		"touch x": "touch x", "`touch x`": "touch x", "```touch x```": "touch x", "```bash\ntouch x\n```": "touch x",
		"```\ntouch x\ntouch y\n```": "touch x\ntouch y", "echo `date`": "echo `date`", "`a` `b`": "`a` `b`", "`": "`", "``": "``", "": "",
	} {
		if got := unquoted(words); got != want {
			t.Errorf("%q: %q, want %q", words, got, want)
		}
	}
}
