package hooks

import (
	"fmt"
	"strings"

	"ctpipe/pipeline"
)

// starters are the bodies that a new hook begins with.
var starters = map[pipeline.Kind]string{
	pipeline.KindPost: `-- ev.post.text is what was written, ev.user who wrote it.
if #ev.post.files > 5 then return ct.ask("many files") end`,
	pipeline.KindStart: `-- ev.start is what the session would begin with.
if ev.start.mode ~= "default" then return ct.ask("starts in " .. ev.start.mode .. " mode") end`,
	pipeline.KindReaction: `-- ev.reaction.meaning is what the emoji stands for, ev.reaction.target what it is on.
if ev.reaction.meaning == "approve" and ev.user.guest then return ct.deny("guests do not approve") end`,
	pipeline.KindTool: `-- ev.tool.commands are the commands a shell call would start, ev.tool.paths the files it names.
for _, c in ipairs(ev.tool.commands) do
  if c.prog == "terraform" and c.sub == "apply" then
    return ct.ask("changes infrastructure", { approvers = { "owner" } })
  end
end`,
	pipeline.KindShow: `-- ev.show.what is text, thinking, tool, result, diff, tasks, plan, header or notice.
if ev.show.what == "diff" and ev.show.lines > 100 then return ct.style("fold", { max_lines = 20 }) end`,
	pipeline.KindSession: `-- ev.notice.what is started, idle, timed_out, over_budget, exited, lost, resumed or ended.
if ev.notice.what == "over_budget" then return ct.reply("over budget: " .. ev.notice.text) end`,
	pipeline.KindPolicy: `-- ev.notice.what is accepted, refused, held, stale or answered.
ct.log("policy", ev.notice.what)`,
}

const starterCommand = `    %s = {
      help = "!%s <what> - say in one line what it does",
      run = function(ev)
        local what = ev.command.args[1]
        if not what then return ct.reply("usage: !%s <what>") end
        return ct.prompt("Look into " .. what .. ". Change nothing.")
      end,
    },
`

// Starter is the text of a new hook for one kind of event, with comments that
// say what there is. It builds as it stands. The name is the file's, without
// .lua; a command hook brings a command of that name.
func Starter(name string, kind pipeline.Kind) (string, error) {
	if !commandName.MatchString(name) {
		return "", fmt.Errorf("hook name %q: want small letters, digits, - and _, beginning with a letter", name)
	}
	if !kind.Valid() {
		return "", fmt.Errorf("event kind %q: want one of %s", kind, kindList())
	}
	var b strings.Builder
	fmt.Fprintf(&b, "-- %s.lua: say here in one line what it is for.\n", name)
	b.WriteString("-- In force once rules.toml lists it:\n")
	fmt.Fprintf(&b, "--   [[hook]]\n--   script = \"scripts/%s.lua\"\n", name)
	fmt.Fprintf(&b, "-- Try it: ctpipe hook run scripts/%s.lua -event e.json. Every function: docs/hooks.md.\n\n", name)
	b.WriteString("return {\n")
	if kind == pipeline.KindCommand {
		b.WriteString("  command = {\n")
		fmt.Fprintf(&b, starterCommand, "[\""+name+"\"]", name, name)
		b.WriteString("  },\n}\n")
		return b.String(), nil
	}
	fmt.Fprintf(&b, "  -- Return nothing to have no opinion, or one of ct.deny(why), ct.ask(why), …\n  %s = function(ev)\n", kind)
	for line := range strings.SplitSeq(starters[kind], "\n") {
		fmt.Fprintf(&b, "    %s\n", line)
	}
	b.WriteString("  end,\n}\n")
	return b.String(), nil
}
