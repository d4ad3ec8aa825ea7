package display

import (
	"fmt"

	"ctpipe/internal/paginate"
)

// chromeView is a call of the browser extension: what is done on the page.
func chromeView(tool string, a args) view {
	v := view{head: "🌐 **Chrome**[" + orElse(plain(tool, nameRunes), "?") + "]"}
	if what := chromeAction(tool, a); what != "" {
		v.head += " " + what
	}
	return v
}

func chromeAction(tool string, a args) string {
	switch tool {
	case "computer":
		return code(mouseAction(a), inlineRune)
	case "navigate":
		return address(a.str("url"))
	case "find":
		return code(a.str("query"), inlineRune)
	case "gif", "gif_creator":
		return code(a.str("action"), nameRunes)
	case "read_page":
		if a.str("filter") == "interactive" {
			return "interactive elements"
		}
		return "accessibility tree"
	}
	return chromeWords[tool]
}

var chromeWords = map[string]string{
	"tabs_context":     "reading context",
	"tabs_context_mcp": "reading context",
	"tabs_create":      "creating new tab",
	"tabs_create_mcp":  "creating new tab",
	"form_input":       "setting value",
	"get_page_text":    "extracting content",
	"javascript":       "executing script",
	"javascript_tool":  "executing script",
}

// mouseAction is what the "computer" tool does with mouse and keys; raw text.
func mouseAction(a args) string {
	action := a.str("action")
	switch action {
	case "type":
		return fmt.Sprintf("type %q", paginate.Cut(a.str("text"), 30))
	case "key":
		return "key " + a.str("text")
	case "scroll":
		return "scroll " + a.str("scroll_direction")
	case "wait":
		seconds, _ := a.number("duration")
		return fmt.Sprintf("wait %ds", seconds)
	}
	if at, ok := a["coordinate"].([]any); ok && len(at) == 2 {
		return fmt.Sprintf("%s at (%v, %v)", action, at[0], at[1])
	}
	return action
}
