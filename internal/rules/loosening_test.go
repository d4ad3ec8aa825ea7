package rules

import (
	"strings"
	"testing"
)

func TestLoosens(t *testing.T) {
	const allow = "[[rule]]\nid=\"a\"\non=\"tool\"\nwhen='tool.name == \"Read\"'\nthen=\"allow\"\n"
	const deny = "[[rule]]\nid=\"d\"\non=\"tool\"\nwhen='tool.opaque'\nthen=\"deny\"\n"
	const post = "[[rule]]\nid=\"p\"\non=\"reaction\"\nwhen='user.allowed'\nthen=\"deny\"\n"
	for _, c := range []struct {
		name, old, next string
		want            string // "" : not looser
	}{
		{"same", allow + deny, allow + deny, ""},
		{"order", allow + deny, deny + allow, ""},
		{"why", deny, deny + "why=\"x\"\n", ""},
		{"allow added", deny, allow + deny, "rule a added"},
		{"allow removed", allow + deny, deny, ""},
		{"allow changed", allow, strings.Replace(allow, "Read", "Edit", 1), "rule a changed"},
		{"deny added", allow, allow + deny, ""},
		{"deny removed", deny, "", "rule d removed"},
		{"deny changed", deny, strings.Replace(deny, "tool.opaque", "false", 1), "rule d changed"},
		{"deny excepted", deny, deny + "unless='session.tainted'\n", "rule d changed"},
		{"deny to shadow", deny, deny + "mode=\"shadow\"\n", "rule d moved to shadow"},
		{"deny off", deny, deny + "mode=\"off\"\n", "rule d moved to off"},
		{"shadow allow enforced", allow + "mode=\"shadow\"\n", allow, "rule a added"},
		{"shadow deny changed", deny + "mode=\"shadow\"\n", strings.Replace(deny, "opaque", "pipe.decoded", 1) + "mode=\"shadow\"\n", ""},
		{"reaction rule removed", post, "", "rule p removed"},
		{"reaction rule added", "", post, "rule p added"},
		{"default", "", "default = { tool = \"deny\" }\n", "[default] tool"},
		{"on_error", "", "on_error = { tool = \"deny\" }\n", "[on_error] tool"},
		{"groups", "[groups]\na=[\"x\"]\n", "[groups]\na=[\"x\",\"y\"]\n", "[groups] a"},
		{"groups order", "[groups]\na=[\"x\",\"y\"]\n", "[groups]\na=[\"y\",\"x\"]\n", ""},
		{"approvers", "", "[approval]\napprovers=[\"invited\"]\n", "approvers"},
		{"define", "[define]\nx='true'\n", "[define]\nx='false'\n", "[define]"},
		{"hook removed", "[[hook]]\nscript=\"a.lua\"\n", "", "hook a.lua removed"},
		{"hook added", "", "[[hook]]\nscript=\"a.lua\"\n", ""},
		{"hook may", "[[hook]]\nscript=\"a.lua\"\n", "[[hook]]\nscript=\"a.lua\"\nmay=[\"allow\"]\n", "hook a.lua may"},
		{"pipeline", "", "[pipeline]\ntool=[\"settle\"]\n", "[pipeline]"},
		{"bypass", "", "[claude]\nskip_permissions=true\n", "permissions"},
		{"platform bypass", "[[platform]]\n", "[[platform]]\nskip_permissions=true\n", "permissions"},
		{"roots", "", "[claude]\nroots=[\"/srv\"]\n", "[claude] roots"},
		{"allowed users", "[playground]\nallowed_users=[\"a\"]\n", "", "allowed_users"},
		{"owners", "[groups]\ncore=[\"ana\"]\n", "[groups]\ncore=[\"ana\"]\n[reload]\nowners=[\"core\"]\n", "[reload] owners"},
		{"confirm", "[reload]\nconfirm=\"loosening\"\n", "", "confirm"},
		{"journal", "[journal]\nrequired=true\n", "", "journal"},
		{"stage", "", "[stage.redact]\noff=true\n", "[stage]"},
		{"mcp added", "", "[[mcp]]\ntool=\"mcp__a__b\"\nargs={}\n", "[[mcp]] mcp__a__b added"},
		{"mcp changed", "[[mcp]]\ntool=\"mcp__a__b\"\nargs={x=\"read\"}\n", "[[mcp]]\ntool=\"mcp__a__b\"\nargs={x=\"text\"}\n", "[[mcp]] mcp__a__b changed"},
		{"mcp optional", "[[mcp]]\ntool=\"mcp__a__b\"\nargs={x=\"read\"}\n", "[[mcp]]\ntool=\"mcp__a__b\"\nargs={x=\"read?\"}\n", "[[mcp]] mcp__a__b changed"},
		{"mcp removed", "[[mcp]]\ntool=\"mcp__a__b\"\nargs={}\n", "", "[[mcp]] mcp__a__b removed"},
		{"mcp order", "[[mcp]]\ntool=\"mcp__a__b\"\nargs={}\n[[mcp]]\ntool=\"mcp__a__c\"\nargs={}\n", "[[mcp]]\ntool=\"mcp__a__c\"\nargs={}\n[[mcp]]\ntool=\"mcp__a__b\"\nargs={}\n", ""},
		{"a notice's rule", "", "[[rule]]\nid=\"n\"\non=\"session\"\nwhen='true'\nreply=\"x\"\n", ""},
		{"log level", "", "[log]\nlevel=\"debug\"\n", ""},
	} {
		old, _ := Parse("rules.toml", []byte(c.old))
		next, fs := Parse("rules.toml", []byte(c.next))
		if len(fs) > 0 {
			t.Errorf("%s: %v", c.name, fs)
		}
		got := strings.Join(Loosens(old, next), "; ")
		if c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q", c.name, got)
		}
	}
}
