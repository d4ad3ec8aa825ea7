package hooks

import (
	"strings"
	"testing"
)

func TestPatternLint(t *testing.T) {
	const instead = "not supported in hooks; use ct.match"
	for _, tt := range []struct{ name, line, want string }{
		{"method on a literal", `return ("x"):find("%b()")`, `:2:19: pattern "%b()": %b is ` + instead},
		{"method on a variable", `return s:match("%f[%w]")`, `:2:16: pattern "%f[%w]": %f is ` + instead},
		{"library", `return string.gsub(s, "(a)%1", "")`, `:2:23: pattern "(a)%1": back-reference %1 is ` + instead},
		{"gmatch, single quotes", `for w in s:gmatch('%f[%a]%a+') do end`, `:2:19: pattern "%f[%a]%a+": %f is ` + instead},
		{"long brackets", `return s:find([[%b<>]])`, `:2:15: `},
		{"no brackets of the call", `return s:match"%b()"`, `:2:15: `},
		{"key in brackets", `return string["match"](s, "%b()")`, `:2:27: `},
		{"behind other characters", `return "日本", s:match("%b()")`, `:2:22: `},
		{"spelled otherwise", `return s:match("%b\40)")`, `:2:10: pattern "%b()"`},
		{"as a condition", `if not (s:find("%b()") and 1 > 0) then return {s} end`, `:2:16: `},
		{"in a function in a table", `return { f = function(a) return a:find("%b()") end }`, `:2:40: `},
		{"not closed", `return s:match("(a")`, `unfinished capture`},
		{"set up to a sign", `return s:match("[a-%%]")`, `or ct.match`},
		{"not plain", `return s:find("%b()", 1, false)`, `:2:15: `},
		{"plain left out", `return s:find("%b()", #s)`, `:2:15: `},
		{"one value of a call", `return s:find("%b()", (tonumber("1")))`, `:2:15: `},

		{"plain", `return s:find("%b()", 1, true)`, ""},
		{"plain of the library", `return string.find(s, "%b()", 1, true)`, ""},
		{"perhaps plain", `local p = s == "x" return s:find("%b()", 1, p)`, ""},
		{"true by being there", `return s:find("%b()", 1, 0)`, ""},
		{"more values of a call", `return s:find("%b()", unpack({ 1, true }))`, ""},
		{"no signs for find", `return s:find("a)")`, ""},
		{"made up", `local p = "%b" .. "()" return s:match(p)`, ""},
		{"another library", `local string = { find = function() end } return string.find(s, "%b()")`, ""},
		{"the script's own method", `local M = {} function M:find(x) return x end function M:all() return self:find("%b()") end return M:all()`, ""},
		{"another method", `return s:rep("%b()")`, ""},
		{"a replacement", `return s:gsub("%((%w)%)", "%1")`, ""},
		{"too few", `return pcall(string.find, s, "%b()"), string.find(s)`, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, findings := compile("scripts/x.lua", []byte("local s = ...\n"+tt.line+"\n"))
			if tt.want == "" {
				if len(findings) > 0 {
					t.Fatal(findings)
				}
				return
			}
			if len(findings) != 1 || findings[0].ID != "lua-pattern" || !strings.Contains(findings[0].String(), tt.want) {
				t.Fatalf("%v, want %q", findings, tt.want)
			}
		})
	}
}

// What the check lets pass, the call does, and what it does not, fails there.
func TestPatternLintSaysWhatTheCallSays(t *testing.T) {
	for _, pat := range []string{"%b()", "%f[%w]", "(a)%1", "a)", "(a", "[a", "a%", "[%a-z]", "%a+", "^(%w*)-$", "plain"} {
		for _, fn := range []string{"find", "match", "gmatch", "gsub"} {
			rest := `)`
			if fn == "gsub" {
				rest = `, "")`
			}
			_, findings := compile("scripts/x.lua", []byte(`local s = "x" return s:`+fn+`("`+pat+`"`+rest))
			called := run1(t, build(t, toolHook(`local s, p = "x", "`+pat+`" s:`+fn+`(p`+rest)), toolEvent())
			if (len(findings) > 0) != (called.Err != nil) {
				t.Errorf("%s(%q): the check says %v, the call %v", fn, pat, findings, called.Err)
			}
			if len(findings) > 0 && called.Err != nil && !strings.Contains(called.Err.Error(), findings[0].Text) {
				t.Errorf("%s(%q): the check says %q, the call %v", fn, pat, findings[0].Text, called.Err)
			}
		}
	}
}

func TestPatternLintSaysItOnce(t *testing.T) {
	_, findings := compile("scripts/x.lua", []byte("local s = ...\nreturn s:find('%b()') or s:match('%b()')\n"))
	if len(findings) != 1 {
		t.Error(findings)
	}
}
