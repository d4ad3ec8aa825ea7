package hooks

import (
	"ctpipe/pipeline"
)

// apiFunction documents one function that a script may call. docs/hooks.md and
// scripts/ct.d.lua are generated from these, and every example is run.
type apiFunction struct {
	Name    string // "ct.store.incr"
	Params  []param
	Returns string // LuaLS types: "string?", "boolean"
	Doc     string
	Example string // the body of function(ev)
	On      pipeline.Kind
}

// param is a parameter of a function, or a field of an options table.
type param struct {
	Name string // a trailing ? marks what may be left out
	Type string // LuaLS type
	Doc  string
}

// reference lists every function of ct, in the order of the documentation.
var reference = []apiFunction{
	{Name: "ct.allow", Params: []param{{"why?", "string", "for people and Claude"}}, Returns: "ct.Answer", On: pipeline.KindTool,
		Doc:     `Votes allow. An error unless the hook's [[hook]] says may = ["allow"].`,
		Example: `if ev.tool.name == "Bash" then return ct.allow("seen") end`},
	{Name: "ct.ask", Params: []param{{"why?", "string", "for people and Claude"},
		{"opts?", "{ approvers?: string|string[], quorum?: integer, ttl?: string|number, requester?: boolean }", "who may answer, how many of them, for how long, and whether a requester counts"}},
		Returns: "ct.Answer", On: pipeline.KindTool,
		Doc:     `Votes ask: people decide.`,
		Example: `return ct.ask("touches production", { approvers = { "oncall" }, quorum = 2, ttl = "15m", requester = false })`},
	{Name: "ct.deny", Params: []param{{"why?", "string", "for people and Claude"}}, Returns: "ct.Answer", On: pipeline.KindTool,
		Doc:     `Votes deny. Say what to do instead: Claude reads it.`,
		Example: `return ct.deny("push a new branch and open a PR")`},
	{Name: "ct.text", Params: []param{{"text", "string", "the new text"}}, Returns: "ct.Answer", On: pipeline.KindShow,
		Doc:     `Replaces the text of a show or post event. It passes redact again.`,
		Example: `return ct.text(ct.gsub(ev.show.text, "colour", "color"))`},
	{Name: "ct.input", Params: []param{{"input", "table", "the whole new input"}}, Returns: "ct.Answer", On: pipeline.KindTool,
		Doc:     `Replaces a tool's input. The rewritten call passes all gates again, once.`,
		Example: "local input = ct.copy(ev.tool.input)\ninput.timeout = 1000\nreturn ct.input(input)"},
	{Name: "ct.set", Params: []param{{"settings", "{ dir?: string, model?: string, mode?: string }", "what the session starts with"}},
		Returns: "ct.Answer", On: pipeline.KindStart,
		Doc:     `Chooses where and how a session starts. It is no vote; of all modes set, the most careful wins.`,
		Example: `if ev.thread.channel_name == "web" then return ct.set{ dir = "~/web", mode = "default" } end`},
	{Name: "ct.style", Params: []param{{"style?", `"full"|"line"|"fold"|"file"|"hidden"`, "how it is shown"},
		{"opts?", "{ max_lines?: integer, template?: string, text?: string }", "text also replaces the text"}}, Returns: "ct.Answer", On: pipeline.KindShow,
		Doc:     `Says how a show event is shown. It is no vote; a rule that gives a style comes first.`,
		Example: `if ev.show.lines > 40 then return ct.style("fold", { max_lines = 20 }) end`},
	{Name: "ct.reply", Params: []param{{"text", "string", "Markdown"}}, Returns: "ct.Answer", On: pipeline.KindCommand,
		Doc:     `Posts in the thread, if the run stands. May also be returned.`,
		Example: `return ct.reply("usage: !review <pr number>")`},
	{Name: "ct.prompt", Params: []param{{"text", "string", "what Claude reads"}}, Returns: "ct.Answer", On: pipeline.KindCommand,
		Doc:     `Sends a prompt to Claude, if the run stands. May also be returned.`,
		Example: `return ct.prompt("Review pull request #" .. ev.command.args[1])`},
	{Name: "ct.react", Params: []param{{"emoji", "string", "its name, without colons"}}, On: pipeline.KindCommand,
		Doc:     `Puts an emoji on the post in question.`,
		Example: `ct.react("eyes")`},
	{Name: "ct.label", Params: []param{{"key", "string", "up to 64 bytes"}, {"value", "string|number|boolean", ""}}, On: pipeline.KindShow,
		Doc:     `Notes a value in the journal and in the header of the session.`,
		Example: `ct.label("lines", ev.show.lines)`},
	{Name: "ct.glob", Params: []param{
		{"pattern", "string", "as glob in rules: * and ? stay in one path element, ** spans elements, [a-z], {a,b}"},
		{"path", "string", ""},
	}, Returns: "boolean", On: pipeline.KindTool,
		Doc:     `Matches a whole path.`,
		Example: "for _, p in ipairs(ev.tool.paths) do\n  if p.write and ct.glob(\".github/**\", p.rel) then return ct.ask(\"changes CI\") end\nend"},
	{Name: "ct.match", Params: []param{{"re", "string", "RE2 expression"}, {"text", "string", ""}}, Returns: "string? ...", On: pipeline.KindTool,
		Doc:     `Gives the captures of the first match, or the match itself where there are none, or nil.`,
		Example: "local host = ct.match([[https?://([^/:]+)]], \"see https://example.org/x\")\nif host == \"example.org\" then ct.log(host) end"},
	{Name: "ct.gsub", Params: []param{
		{"text", "string", ""},
		{"re", "string", "RE2 expression"},
		{"repl", "string", "$1, ${name}; $$ is a dollar sign"},
	}, Returns: "string, integer", On: pipeline.KindShow,
		Doc:     `Replaces every match; gives the text and how many there were.`,
		Example: "local text, n = ct.gsub(ev.show.text, [[\\b\\d{16}\\b]], \"•••\")\nif n > 0 then return ct.text(text) end"},
	{Name: "ct.within", Params: []param{
		{"time", "ev.Time|integer", "ev.time, or Unix seconds"},
		{"spec", "string", `"Mon-Fri 09:00-17:00", several joined by commas`},
		{"zone", "string", `"Europe/Berlin"`},
	}, Returns: "boolean", On: pipeline.KindTool,
		Doc:     `As within in rules: tells whether an instant falls into a window of the week. The end is outside; hours may run past midnight.`,
		Example: `if not ct.within(ev.time, "Mon-Thu 09:00-16:00", "Europe/Berlin") then return ct.deny("too late") end`},
	{Name: "ct.copy", Params: []param{{"value", "any", "a part of the event, or a table"}}, Returns: "any", On: pipeline.KindTool,
		Doc:     `Gives a deep copy that may be changed; the event itself is read-only.`,
		Example: `local input = ct.copy(ev.tool.input)`},
	{Name: "ct.log", Params: []param{{"...", "any", ""}}, On: pipeline.KindTool,
		Doc:     `Writes a line to ctpipe's log: at most 64 per call, 2 KiB each.`,
		Example: `ct.log("judging", ev.tool.name)`},
	{Name: "ct.json.encode", Params: []param{{"value", "any", ""}}, Returns: "string", On: pipeline.KindTool,
		Doc:     `Writes JSON, keys sorted. An empty table is {}.`,
		Example: `ct.log(ct.json.encode(ev.tool.input))`},
	{Name: "ct.json.decode", Params: []param{{"text", "string", ""}}, Returns: "any", On: pipeline.KindTool,
		Doc:     `Reads JSON; null becomes nil. Text that is no JSON is an error.`,
		Example: `local limits = ct.json.decode('{"go": 30}')`},
	{Name: "ct.store.get", Params: []param{{"key", "string", ""}}, Returns: "any", On: pipeline.KindPost,
		Doc:     `Reads the hook's own memory; nil if the key is not there or has expired.`,
		Example: `local seen = ct.store.get("seen:" .. ev.user.id)`},
	{Name: "ct.store.set", Params: []param{
		{"key", "string", ""},
		{"value", "any", "nil removes the key"},
		{"opts?", "{ ttl?: string|number }", ""},
	}, On: pipeline.KindPost,
		Doc:     `Writes the hook's own memory, once the run stands. A crash may lose the last second.`,
		Example: `ct.store.set("seen:" .. ev.user.id, true, { ttl = "24h" })`},
	{Name: "ct.store.incr", Params: []param{
		{"key", "string", ""},
		{"by?", "number", "default 1"},
		{"opts?", "{ ttl?: string|number }", "counts from when the key is made"},
	}, Returns: "number", On: pipeline.KindPost,
		Doc:     `Adds to a number and gives the sum.`,
		Example: `if ct.store.incr("posts:" .. ev.user.id, { ttl = "1m" }) > 10 then return ct.deny("slow down") end`},
}
